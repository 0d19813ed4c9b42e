package media

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

const (
	// maxNamed bounds how many kinds of foreign datagrams are named at once (our own
	// number); there are no more than the payload types and what stands in notRTP.
	maxNamed = 3
	// sealedAfter is how many packets in a row must be longer than their time, by the same,
	// until they are held to be encrypted (our own number).
	sealedAfter = 5
)

// tags are the lengths in octets by which SRTP makes a packet longer: the tags of
// AES_CM_128_HMAC_SHA1_32 and _80 (RFC 4568 §6.2) and of AEAD_AES_GCM (RFC 7714 §13.1).
var tags = []int{4, 10, 16}

// A foreign counts what comes from the peer and is no audio of the call.
type foreign struct {
	total  uint64
	lately map[string]uint64 // by its kind, since the last audio

	// The last packet of audio by its header, to see that packets are encrypted.
	ssrc     uint32
	sequence uint16
	stamp    uint32
	tag      int // the octets that it had too many
	row      int // packets in a row of which that is so
}

// take counts a datagram of a kind.
func (f *foreign) take(kind string) {
	if f.lately == nil {
		f.lately = make(map[string]uint64)
	}
	f.total++
	f.lately[kind]++
}

// retake counts a datagram as one of another kind.
func (f *foreign) retake(from, to string) {
	if f.lately[from] == 0 {
		return
	}
	if f.lately[from]--; f.lately[from] == 0 {
		delete(f.lately, from)
	}
	f.lately[to]++
}

// settle forgets of what kind they were: there is audio again.
func (f *foreign) settle() { clear(f.lately) }

// says names what has come lately, the most frequent first; "" if nothing has.
func (f *foreign) says() string {
	kinds, n := make([]string, 0, len(f.lately)), uint64(0)
	for kind, k := range f.lately {
		kinds, n = append(kinds, kind), n+k
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(f.lately[b], f.lately[a]), cmp.Compare(a, b))
	})
	switch {
	case n == 0:
		return ""
	case len(kinds) == 1:
		return words.Count(int(n), "datagram") + " of no audio of this call came: " + kinds[0]
	}
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%s (%d)", kind, f.lately[kind])
	}
	if more := len(kinds) - maxNamed; more > 0 {
		kinds = append(kinds[:maxNamed], words.Count(more, "other kind"))
	}
	return fmt.Sprintf("%d datagrams of no audio of this call came: %s", n, strings.Join(kinds, ", "))
}

// IsSTUN reports whether a datagram belongs to STUN, of all that share a port (RFC 7983 §7).
func IsSTUN(data []byte) bool { return len(data) > 0 && data[0] <= 3 }

// notRTP names a datagram that is no RTP by its first octet (RFC 7983 §7).
func notRTP(data []byte) string {
	switch {
	case IsSTUN(data):
		return "STUN (ICE), perhaps"
	case IsDTLS(data):
		return "DTLS, perhaps"
	}
	return "no RTP"
}

// sealed reports whether a packet of audio is encrypted, by its looks: its timestamp says
// how many octets there would be.
func (f *foreign) sealed(p *rtp.Packet, c codec.Codec) bool {
	step, other, follows := p.Timestamp-f.stamp, f.ssrc != p.SSRC, p.SequenceNumber == f.sequence+1
	f.ssrc, f.sequence, f.stamp = p.SSRC, p.SequenceNumber, p.Timestamp
	if other {
		f.row = 0
	}
	if !other && follows {
		f.follows(tagOf(c, len(p.Payload), step))
	}
	return f.row >= sealedAfter
}

// follows takes in the tag of a packet that has come right after another: of one after a
// loss, the timestamp says nothing.
func (f *foreign) follows(tag int) {
	switch {
	case tag == 0:
		f.row = 0
	case tag == f.tag:
		f.row++
	default:
		f.row = 1
	}
	f.tag = tag
}

// tagOf is the length of the tag without which a payload would have the length that its
// timestamp says; 0: none.
func tagOf(c codec.Codec, octets int, step uint32) int {
	if c.Samples(octets)*c.ClockRate == int(step)*c.SampleRate {
		return 0 // as of nearly all
	}
	for _, tag := range tags {
		if octets > tag && step != 0 && lasts(c, octets-tag) == step {
			return tag
		}
	}
	return 0
}

// lasts is how far the clock goes in so many octets of audio; 0: that does not depend on them.
func lasts(c codec.Codec, octets int) uint32 { return uint32(c.Ticks(c.Samples(octets))) }

// tagged names packets that are encrypted.
func (f *foreign) tagged() string {
	return fmt.Sprintf("SRTP, it seems: each packet has %d octets too many", f.tag)
}

// agreedTypes lists the payload types that can be played, or are digits.
func agreedTypes(n *sdp.Negotiated) string {
	var list []string
	for number := range uint8(128) {
		if _, kind := meaning(n, number); kind == audioPayload || kind == tonePayload {
			list = append(list, fmt.Sprint(number))
		}
	}
	return strings.Join(list, ", ")
}
