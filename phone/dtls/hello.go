package dtls

import (
	"crypto"
	"fmt"
	"slices"

	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/dtls/v3/pkg/protocol"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
)

const sha256Hash = crypto.SHA256

// randomLen is the length of the random of a hello, in octets, which stands after the two
// of the version (RFC 5246 §7.4.1.2).
const randomLen = 32

// randomOf is the random of a hello.
func randomOf(body []byte) []byte { return slices.Clone(body[2 : 2+randomLen]) }

// noRenegotiation is the cipher suite by which a client says what the extension
// renegotiation_info does (RFC 5746 §3.3).
const noRenegotiation = 0x00ff

// find is an extension of a hello; nil if it is not there.
func find[E extension.Extension](list []extension.Extension) (found E) {
	for _, e := range list {
		if e, ok := e.(E); ok {
			return e
		}
	}
	return found
}

// srtp are the extensions of ours that every hello has.
func srtp(profiles ...Profile) []extension.Extension {
	return []extension.Extension{
		&extension.UseSRTP{ProtectionProfiles: profiles},
		&extension.RenegotiationInfo{},
	}
}

// points says that points are not compressed (RFC 8422 §5.1.2).
func points() extension.Extension {
	return &extension.SupportedPointFormats{PointFormats: []elliptic.CurvePointFormat{elliptic.CurvePointFormatUncompressed}}
}

// uncompressed is the list of the one method of compression that there is (RFC 5246 §6.1).
func uncompressed() []*protocol.CompressionMethod { return []*protocol.CompressionMethod{{}} }

// marshal writes what cannot fail.
func marshal(m interface{ Marshal() ([]byte, error) }) []byte {
	b, err := m.Marshal()
	if err != nil {
		panic("dtls: a message of our own cannot be written: " + err.Error())
	}
	return b
}

func keyLogLine(random, master []byte) string {
	return fmt.Sprintf("CLIENT_RANDOM %x %x\n", random, master)
}
