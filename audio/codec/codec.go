// Package codec encodes samples for RTP and decodes them: G.711 in its two
// laws, PCMU and PCMA (ITU-T G.711; RTP payload types 0 and 8 in RFC 3551
// section 6).
//
//	[]int16, 8000 Hz, mono  ── Encode ──▶  one byte a sample
//	                        ◀── Decode ──
//
// Every conversion is one look-up in a table that is built at start from the
// formula of the recommendation, so encoding a 20 ms frame costs a fraction
// of a microsecond and allocates nothing when the destination has room.
//
// A [Codec] is a comparable value and safe for concurrent use: it holds no
// state between frames.
package codec

import "strings"

// A Codec is one way to carry speech in RTP.
type Codec struct {
	// Name is the encoding name in SDP, in upper case (RFC 3551).
	Name string
	// PayloadType is the static payload type (RFC 3551 section 6).
	PayloadType uint8
	// ClockRate is both the sample rate and the rate of the RTP timestamp,
	// in Hz.
	ClockRate int

	law *law
}

// The codecs.
var (
	PCMU = Codec{Name: "PCMU", PayloadType: 0, ClockRate: 8000, law: newMuLaw()}
	PCMA = Codec{Name: "PCMA", PayloadType: 8, ClockRate: 8000, law: newALaw()}
)

// All returns every codec, the preferred one first.
func All() []Codec { return []Codec{PCMU, PCMA} }

// ByName finds a codec by its encoding name, which SDP compares without
// regard to case (RFC 4855 section 3).
func ByName(name string) (Codec, bool) {
	for _, c := range All() {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return Codec{}, false
}

// ByPayloadType finds a codec by its static payload type, for session
// descriptions that leave out the rtpmap.
func ByPayloadType(pt uint8) (Codec, bool) {
	for _, c := range All() {
		if c.PayloadType == pt {
			return c, true
		}
	}
	return Codec{}, false
}

// Encode appends the encoded samples to dst.
func (c Codec) Encode(dst []byte, samples []int16) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, len(samples))...)
	for i, s := range samples {
		dst[at+i] = c.law.encode[uint16(s)>>c.law.shift]
	}
	return dst
}

// Decode appends the decoded samples to dst. It cannot fail, because every byte
// is a valid code.
func (c Codec) Decode(dst []int16, payload []byte) []int16 {
	at := len(dst)
	dst = append(dst, make([]int16, len(payload))...)
	for i, b := range payload {
		dst[at+i] = c.law.decode[b]
	}
	return dst
}

// Samples is how many samples n bytes of payload hold.
func (c Codec) Samples(n int) int { return n }
