package dtls

import "github.com/pion/dtls/v3/pkg/protocol/extension"

// A Profile is how SRTP protects packets, by its number.
type Profile = extension.SRTPProtectionProfile

// The profiles of RFC 5764 §4.1.2 and RFC 7714 §14.2. Those without a cipher are left out.
const (
	AES128SHA80 Profile = extension.SRTP_AES128_CM_HMAC_SHA1_80
	AES128SHA32 Profile = extension.SRTP_AES128_CM_HMAC_SHA1_32
	GCM128      Profile = extension.SRTP_AEAD_AES_128_GCM
	GCM256      Profile = extension.SRTP_AEAD_AES_256_GCM
)

// Profiles are all of them, the best first: the server's order counts.
func Profiles() []Profile { return []Profile{GCM128, GCM256, AES128SHA80, AES128SHA32} }

// lengths are those of the master key and the salt, in octets.
func lengths(p Profile) (key, salt int) {
	switch p {
	case GCM128:
		return 16, 12
	case GCM256:
		return 32, 12
	}
	return 16, 14
}
