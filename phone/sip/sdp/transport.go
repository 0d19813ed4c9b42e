package sdp

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
)

// A Keying says where the keys come from by which the packets of a stream are protected.
type Keying uint8

// The ways to keys.
const (
	Plain Keying = iota // there are none: the packets are not protected
	SDES                // see [srtp.SDES]
	DTLS                // see [srtp.DTLS]
)

func (k Keying) String() string { return [...]string{"", srtp.SDES, srtp.DTLS}[k] }

// The transports that our offers have.
const avp, savp, dtlsSavp = "RTP/AVP", "RTP/SAVP", "UDP/TLS/RTP/SAVP"

// A transport is the third word of an m= line. What its feedback is for (a=rtcp-fb, RFC
// 4585) is left unanswered, so that none is agreed.
type transport struct {
	name string
	keys Keying // Plain: of a=crypto all the same, if both ends have it
}

// transports lists those that are spoken.
var transports = [...]transport{
	{avp, Plain},                // RFC 3551
	{"RTP/AVPF", Plain},         // RFC 4585
	{savp, SDES},                // RFC 3711 §12
	{"RTP/SAVPF", SDES},         // RFC 5124
	{dtlsSavp, DTLS},            // RFC 5764 §8
	{"UDP/TLS/RTP/SAVPF", DTLS}, // RFC 5764 §8
}

// transportOf finds a transport by its name, in any case.
func transportOf(name string) (transport, bool) {
	for _, t := range transports {
		if strings.EqualFold(t.name, name) {
			return t, true
		}
	}
	return transport{}, false
}

// transportNames lists their names.
func transportNames() string {
	names := make([]string, len(transports))
	for i, t := range transports {
		names[i] = t.name
	}
	return strings.Join(names, ", ")
}

// withoutFeedback is the name of a transport without the F of AVPF.
func withoutFeedback(name string) string { return strings.TrimSuffix(name, "F") }
