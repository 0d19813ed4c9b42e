// Package codec encodes samples for RTP and decodes them: G.711 in its two
// laws (PCMU and PCMA, ITU-T G.711), G.722 at 64 kbit/s (ITU-T G.722),
// linear samples (L16, RFC 3551 section 4.5.11), and Opus (RFC 6716, RFC 7587), which is
// there if its library is: see [Here].
//
//	[]int16, SampleRate, mono  ── Encode ──▶  payload of RTP
//	                           ◀── Decode ──
//
// A [Codec] is a comparable value and safe for concurrent use. What it makes, an
// [Encoder] or a [Decoder], belongs to one stream, since G.722 and Opus go by the samples
// before; G.711 and L16 hold no state.
package codec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio/codec/opus"
)

// A Codec is one way to carry speech in RTP.
type Codec struct {
	// Name is the encoding name in SDP, in the letters in which it is registered.
	Name string
	// PayloadType is the static payload type (RFC 3551 section 6), or, from 96
	// on, the dynamic one that we offer.
	PayloadType uint8
	// ClockRate is the rate of the RTP timestamp, in Hz.
	ClockRate int
	// Channels are those that SDP says, where it says any: two for Opus, whatever is in its
	// payloads (RFC 7587 section 7). 0: one, which SDP leaves out.
	Channels int
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
	contents(payload []byte) (c Contents, ok bool)
}

// Contents are what a payload holds.
type Contents struct {
	Samples int
	// Recovers is how many of the samples before the payload are in it once more; 0: none.
	Recovers int
	// Quiet says that there is only silence from here on, until the next packet: the sender
	// pauses.
	Quiet bool
}

// An Encoder appends the payload of samples to dst: nothing, if they are silence that is not
// to be sent.
type Encoder interface {
	Encode(dst []byte, samples []int16) []byte
}

// A Decoder appends the samples of a payload to dst. In all codecs but Opus every payload has
// a meaning; half a sample at the end is left out. Of a payload that breaks the rules of Opus
// it gives nothing (see [Codec.Contents]), and of one that keeps them and cannot be decoded
// all the same, silence of the length that the payload says.
type Decoder interface {
	Decode(dst []int16, payload []byte) []int16
}

// A Healer is a decoder that makes up for payloads that are missing, in its own way.
type Healer interface {
	Decoder
	// Conceal appends samples in place of a payload, or of a pause: 10 ms or a multiple.
	Conceal(dst []int16, samples int) []int16
	// Recover appends the samples before a payload that it holds once more: as many as
	// [Contents.Recovers] says.
	Recover(dst []int16, payload []byte, samples int) []int16
	// Rewind takes back what was made up since the last payload: the one that was missing has
	// come, and goes on from there.
	Rewind()
}

// A Wary encoder protects what it sends from losses.
type Wary interface {
	// Expect says how many packets of a hundred are lost.
	Expect(percent int)
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
	Opus    = Codec{Name: "opus", PayloadType: 111, ClockRate: opus.Clock, Channels: 2, SampleRate: opus.Clock, scheme: opusScheme{rate: opus.Clock}}
)

// All returns every codec, the preferred one first, also those that are not [Here]. The two
// laws, which everybody speaks, come first; wideband is asked for.
func All() []Codec { return []Codec{PCMU, PCMA, G722, L16Wide, L16, Opus} }

// Usual returns the codecs that a phone speaks unless it is told otherwise.
func Usual() []Codec { return []Codec{PCMU, PCMA} }

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
func (c Codec) String() string {
	s := c.Name + "/" + strconv.Itoa(c.ClockRate)
	if c.Channels > 0 {
		s += "/" + strconv.Itoa(c.Channels)
	}
	return s
}

// Is reports whether the codec has an encoding name, which SDP compares without regard to
// case (RFC 4855 section 3), and a rate of its RTP timestamp.
func (c Codec) Is(name string, clockRate int) bool {
	return strings.EqualFold(c.Name, name) && c.ClockRate == clockRate
}

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

// Octets is how many bytes of payload n samples take; of Opus on average.
func (c Codec) Octets(n int) int { return c.scheme.octets(n) }

// Samples is how many samples n bytes of payload hold; 0: that does not depend on n.
func (c Codec) Samples(n int) int { return c.scheme.samples(n) }

// Contents is what a payload holds; ok: it keeps the rules of the codec.
func (c Codec) Contents(payload []byte) (Contents, bool) { return c.scheme.contents(payload) }

// Ticks is how far the RTP timestamp goes in n samples.
func (c Codec) Ticks(n int) int64 { return int64(n) * int64(c.ClockRate) / int64(c.SampleRate) }
