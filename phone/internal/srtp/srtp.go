// Package srtp has the names by which session descriptions, the log and the language say how
// the packets of a call are protected (RFC 3711). It knows nobody.
package srtp

// The ways to keys.
const (
	SDES = "sdes" // in the session descriptions, by a=crypto (RFC 4568)
	DTLS = "dtls" // by a handshake where the audio goes (RFC 5764)
)

// Keyings lists them.
func Keyings() []string { return []string{SDES, DTLS} }

// The suites that are spoken, as a=crypto names them.
const (
	AES128SHA80 = "AES_CM_128_HMAC_SHA1_80" // RFC 4568 §6.2.1
	AES128SHA32 = "AES_CM_128_HMAC_SHA1_32" // RFC 4568 §6.2.2
	GCM128      = "AEAD_AES_128_GCM"        // RFC 7714 §14.2
	GCM256      = "AEAD_AES_256_GCM"        // RFC 7714 §14.2
	AES256SHA80 = "AES_256_CM_HMAC_SHA1_80" // RFC 6188 §4.2
	AES256SHA32 = "AES_256_CM_HMAC_SHA1_32" // RFC 6188 §4.2
)

// Suites lists them. The first ones are offered.
func Suites() []string {
	return []string{AES128SHA80, AES128SHA32, GCM128, GCM256, AES256SHA80, AES256SHA32}
}
