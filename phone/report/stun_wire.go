package report

import "github.com/sleeptalk/sleeptalk/phone/ice/stun"

// stunHeader is what stands before what a message of STUN says (RFC 8489 §5).
const stunHeader = 20

// isSTUN tells the checks of ICE, and what a server of STUN is asked, from other datagrams.
func isSTUN(b []byte) bool { return len(b) <= stun.MaxSize && stun.Is(b) }

// unsaid is such a message without its attributes, which have addresses and the words of a
// session: the header alone, of no length.
func unsaid(b []byte) []byte {
	header := append([]byte(nil), b[:stunHeader]...)
	header[2], header[3] = 0, 0
	return header
}
