// Package codec encodes samples for RTP and decodes them: G.711 in its two
// laws (PCMU and PCMA, ITU-T G.711), G.722 at 64 kbit/s (ITU-T G.722), and
// linear samples (L16, RFC 3551 section 4.5.11).
//
//	[]int16, SampleRate, mono  ── Encode ──▶  payload of RTP
//	                           ◀── Decode ──
//
// A [Codec] is a comparable value and safe for concurrent use. What it makes, an
// [Encoder] or a [Decoder], belongs to one stream, since G.722 goes by the samples
// before; G.711 and L16 hold no state.
package codec

import (
	"slices"
	"strconv"
	"strings"
)

// A Codec is one way to carry speech in RTP.
type Codec struct {
	// Name is the encoding name in SDP, in upper case (RFC 3551).
	Name string
	// PayloadType is the static payload type (RFC 3551 section 6), or, from 96
	// on, the dynamic one that we offer.
	PayloadType uint8
	// ClockRate is the rate of the RTP timestamp, in Hz.
	ClockRate int
	// SampleRate is the rate of the samples, in Hz: twice the clock's for G.722,
	// whose clock is wrong in RFC 1890 and has stayed so (RFC 3551 section 4.5.2).
	SampleRate int

	scheme scheme
}

// A scheme makes what encodes and decodes, and knows how many octets samples take.
type scheme interface {
	encoder() Encoder
	decoder() Decoder
	octets(samples int) int
	samples(octets int) int
}

// An Encoder appends the payload of samples to dst.
type Encoder interface {
	Encode(dst []byte, samples []int16) []byte
}

// A Decoder appends the samples of a payload to dst. It cannot fail, because
// every payload has a meaning; half a sample at the end is left out.
type Decoder interface {
	Decode(dst []int16, payload []byte) []int16
}

// firstDynamic is the lowest payload type that a description has to explain (RFC
// 3551 section 3).
const firstDynamic = 96

// The codecs. The dynamic numbers are those that we offer; a peer may have others.
var (
	PCMU    = Codec{Name: "PCMU", PayloadType: 0, ClockRate: 8000, SampleRate: 8000, scheme: newMuLaw()}
	PCMA    = Codec{Name: "PCMA", PayloadType: 8, ClockRate: 8000, SampleRate: 8000, scheme: newALaw()}
	G722    = Codec{Name: "G722", PayloadType: 9, ClockRate: 8000, SampleRate: 16000, scheme: g722{}}
	L16     = Codec{Name: "L16", PayloadType: 97, ClockRate: 8000, SampleRate: 8000, scheme: linear{}}
	L16Wide = Codec{Name: "L16", PayloadType: 96, ClockRate: 16000, SampleRate: 16000, scheme: linear{}}
)

// All returns every codec, the preferred one first. The two laws, which everybody
// speaks, come first; wideband is asked for.
func All() []Codec { return []Codec{PCMU, PCMA, G722, L16Wide, L16} }

// Usual returns the codecs that a phone speaks unless it is told otherwise.
func Usual() []Codec { return []Codec{PCMU, PCMA} }

// Find finds a codec by its encoding name, which SDP compares without regard to
// case (RFC 4855 section 3), and the rate of its RTP timestamp.
func Find(name string, clockRate int) (Codec, bool) {
	for _, c := range All() {
		if strings.EqualFold(c.Name, name) && c.ClockRate == clockRate {
			return c, true
		}
	}
	return Codec{}, false
}

// Names are what users call the codecs, as briefly as tells them apart: pcmu, l16/16000.
func Names() (names []string) {
	for _, c := range All() {
		names = append(names, c.Short())
	}
	return names
}

// Named are the codecs that a user means by a name, in any case. One without a rate is of
// all codecs that have it: l16.
func Named(name string) []Codec {
	return slices.DeleteFunc(All(), func(c Codec) bool {
		return !strings.EqualFold(name, c.Name) && !strings.EqualFold(name, c.String())
	})
}

// ByPayloadType finds a codec by its static payload type, for session
// descriptions that leave out the rtpmap.
func ByPayloadType(pt uint8) (Codec, bool) {
	for _, c := range All() {
		if c.PayloadType == pt && pt < firstDynamic {
			return c, true
		}
	}
	return Codec{}, false
}

// String is the codec as a=rtpmap has it: PCMU/8000.
func (c Codec) String() string { return c.Name + "/" + strconv.Itoa(c.ClockRate) }

// Short is what users call the codec: see [Names].
func (c Codec) Short() string {
	if len(Named(c.Name)) > 1 {
		return strings.ToLower(c.String())
	}
	return strings.ToLower(c.Name)
}

// NewEncoder begins a stream to send.
func (c Codec) NewEncoder() Encoder { return c.scheme.encoder() }

// NewDecoder begins a stream that is received.
func (c Codec) NewDecoder() Decoder { return c.scheme.decoder() }

// Octets is how many bytes of payload n samples take.
func (c Codec) Octets(n int) int { return c.scheme.octets(n) }

// Samples is how many samples n bytes of payload hold.
func (c Codec) Samples(n int) int { return c.scheme.samples(n) }

// Unit is how many samples pass while the RTP timestamp counts one.
func (c Codec) Unit() int { return c.SampleRate / c.ClockRate }
