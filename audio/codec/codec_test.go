package codec

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// milliwatt is the sequence that decodes to 1 kHz at 0 dBm0 (G.711 tables 5
// and 6).
var milliwatt = map[string][]byte{
	"PCMA": {0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4},
	"PCMU": {0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E},
}

func TestDigitalMilliwatt(t *testing.T) {
	// The load capacity: how far a full-scale sine is above the milliwatt,
	// in dB (G.711 section 5). Full scale is 4096 of 13 bits in A-law, 8159 of
	// 14 bits in mu-law.
	capacity := map[string]float64{"PCMA": 3.14, "PCMU": 3.17}
	full := map[string]float64{"PCMA": 4096 * 8, "PCMU": 8159 * 4}
	for _, c := range Usual() {
		decoded := c.NewDecoder().Decode(nil, milliwatt[c.Name])
		var sum float64
		for i, s := range decoded {
			sum += float64(s) * float64(s)
			if decoded[(i+4)%8] != -s {
				t.Errorf("%s: %v is not symmetric", c.Name, decoded)
			}
		}
		rms := math.Sqrt(sum / 8)
		got := 20 * math.Log10(full[c.Name]/math.Sqrt2/rms)
		if math.Abs(got-capacity[c.Name]) > 0.02 {
			t.Errorf("%s: a full sine is %.3f dB above the milliwatt, want %.2f", c.Name, got, capacity[c.Name])
		}
	}
}

// TestValues checks codes against the values of G.711 tables 1 and 2, which
// are in 13 and 14 bits: 8 and 4 of our units.
func TestValues(t *testing.T) {
	for _, tt := range []struct {
		codec Codec
		code  byte
		want  int16
	}{
		{PCMA, 0xAA, 4032 * 8},
		{PCMA, 0x2A, -4032 * 8},
		{PCMA, 0xD5, 8},
		{PCMA, 0x55, -8},
		{PCMA, 0xC5, 33 * 8},
		{PCMA, 0xF5, 66 * 8},
		{PCMU, 0x80, 8031 * 4},
		{PCMU, 0x00, -8031 * 4},
		{PCMU, 0xFF, 0},
		{PCMU, 0x7F, 0},
		{PCMU, 0xFE, 2 * 4},
		{PCMU, 0xEF, 33 * 4},
		{PCMU, 0x8F, 4191 * 4},
	} {
		if got := tt.codec.NewDecoder().Decode(nil, []byte{tt.code})[0]; got != tt.want {
			t.Errorf("%s 0x%02X decodes to %d, want %d", tt.codec.Name, tt.code, got, tt.want)
		}
	}
}

// TestDecisions checks where one code ends and the next begins.
func TestDecisions(t *testing.T) {
	for _, tt := range []struct {
		codec  Codec
		sample int16
		want   byte
	}{
		{PCMA, 0, 0xD5},
		{PCMA, -1, 0x55},
		{PCMA, 2048*8 - 1, 0xBA},
		{PCMA, 2048 * 8, 0xA5},
		{PCMA, math.MaxInt16, 0xAA},
		{PCMA, math.MinInt16, 0x2A},
		{PCMU, 0, 0xFF},
		{PCMU, -1, 0x7F},
		{PCMU, 4063*4 - 1, 0x90},
		{PCMU, 4063 * 4, 0x8F},
		{PCMU, math.MaxInt16, 0x80},
		{PCMU, math.MinInt16, 0x00},
	} {
		if got := tt.codec.NewEncoder().Encode(nil, []int16{tt.sample})[0]; got != tt.want {
			t.Errorf("%s %d encodes to 0x%02X, want 0x%02X", tt.codec.Name, tt.sample, got, tt.want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, c := range Usual() {
		for code := range 256 {
			v := c.NewDecoder().Decode(nil, []byte{byte(code)})
			again := c.NewDecoder().Decode(nil, c.NewEncoder().Encode(nil, v))
			if !slices.Equal(v, again) {
				t.Errorf("%s: code 0x%02X is %d, and after coding again %d", c.Name, code, v, again)
			}
		}
		for s := math.MinInt16; s <= math.MaxInt16; s++ {
			got := int(c.NewDecoder().Decode(nil, c.NewEncoder().Encode(nil, []int16{int16(s)}))[0])
			if limit := max(16, abs(s)/16); abs(got-s) > limit && abs(s) < 32124 {
				t.Fatalf("%s: %d comes back as %d", c.Name, s, got)
			}
		}
	}
}

func abs(v int) int { return max(v, -v) }

func TestAppend(t *testing.T) {
	for _, c := range Usual() {
		b := c.NewEncoder().Encode([]byte("x"), []int16{0, 1000})
		if len(b) != 3 || b[0] != 'x' {
			t.Errorf("%s: Encode gave % x", c.Name, b)
		}
		if s := c.NewDecoder().Decode([]int16{7}, b[1:]); len(s) != 3 || s[0] != 7 {
			t.Errorf("%s: Decode gave %v", c.Name, s)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name string
		rate int
		want Codec
	}{
		{"pcma", 8000, PCMA},
		{"G722", 8000, G722},
		{"l16", 8000, L16},
		{"l16", 16000, L16Wide},
		{"Opus", 48000, Opus},
		{"opus", 16000, Codec{}},
		{"pcmu", 16000, Codec{}},
		{"g722", 16000, Codec{}},
	} {
		var found Codec
		for _, c := range All() {
			if c.Is(tt.name, tt.rate) {
				found = c
			}
		}
		if found != tt.want {
			t.Errorf("%s/%d is %v", tt.name, tt.rate, found)
		}
	}
	for number, want := range map[uint8]Codec{0: PCMU, 8: PCMA, 9: G722, 18: {}, 96: {}, 97: {}} {
		if c, ok := ByPayloadType(number); c != want || ok != (want != Codec{}) {
			t.Errorf("payload type %d is %v, %v", number, c, ok)
		}
	}
}

// TestSizes holds what a frame of 20 ms takes on the wire.
func TestSizes(t *testing.T) {
	for c, want := range map[Codec][2]int{PCMU: {160, 160}, PCMA: {160, 160}, G722: {320, 160}, L16: {160, 320}, L16Wide: {320, 640}} {
		frame := make([]int16, c.SampleRate/50)
		payload := c.NewEncoder().Encode(nil, frame)
		if len(frame) != want[0] || len(payload) != want[1] || c.Octets(want[0]) != want[1] || c.Samples(want[1]) != want[0] {
			t.Errorf("%s: %d samples are %d octets (%d), which are %d samples", c, len(frame), len(payload), c.Octets(want[0]), c.Samples(want[1]))
		}
		if got := c.NewDecoder().Decode(nil, payload); len(got) != len(frame) {
			t.Errorf("%s: %d samples come back", c, len(got))
		}
	}
}

func TestL16(t *testing.T) {
	b := L16.NewEncoder().Encode(nil, []int16{1, -2, 0x1234})
	if want := []byte{0, 1, 0xFF, 0xFE, 0x12, 0x34}; !slices.Equal(b, want) {
		t.Errorf("% x, want % x", b, want)
	}
	if s := L16.NewDecoder().Decode(nil, append(b, 7)); !slices.Equal(s, []int16{1, -2, 0x1234}) {
		t.Errorf("half a sample more gives %v", s)
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range []Codec{PCMU, G722, L16Wide} {
		b.Run(c.String(), func(b *testing.B) {
			frame, out := trial(c.SampleRate/50), make([]byte, 0, 640)
			e := c.NewEncoder()
			b.ReportAllocs()
			for b.Loop() {
				out = e.Encode(out[:0], frame)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []Codec{PCMA, G722, L16Wide} {
		b.Run(c.String(), func(b *testing.B) {
			payload, out := make([]byte, c.Octets(c.SampleRate/50)), make([]int16, 0, 320)
			d := c.NewDecoder()
			b.ReportAllocs()
			for b.Loop() {
				out = d.Decode(out[:0], payload)
			}
		})
	}
}

// FuzzDecode decodes what nobody has encoded: the length is right, and nothing panics,
// however the packets are cut.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xFF, 0x00, 0x80}, 1)
	f.Fuzz(func(t *testing.T, payload []byte, cut int) {
		for _, c := range All() {
			d := c.NewDecoder()
			out := d.Decode(nil, payload)
			if holds, ok := c.Contents(payload); len(out) != holds.Samples || !ok && len(out) != 0 {
				t.Errorf("%s: %d octets are %d samples, want %d", c, len(payload), len(out), holds.Samples)
			}
			c.NewEncoder().Encode(nil, d.Decode(nil, payload[:min(max(cut, 0), len(payload))]))
		}
	})
}

// TestNamed: a codec is named as briefly as tells it apart, and found by that, by its name
// alone and with its rate, in any case.
func TestNamed(t *testing.T) {
	if got := strings.Join(Names(), " "); got != "pcmu pcma g722 l16/16000 l16/8000 opus" {
		t.Error(got)
	}
	for name, want := range map[string][]Codec{
		"pcmu": {PCMU}, "PCMU/8000": {PCMU}, "g722/8000": {G722}, "L16": {L16Wide, L16}, "l16/8000": {L16}, "l16/48000": nil, "": nil, "opus/16000": nil,
		"opus": {Opus}, "OPUS/48000/2": {Opus},
	} {
		if got := Named(name); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
	for _, c := range All() {
		if got := Named(c.Short()); len(got) != 1 || got[0] != c {
			t.Errorf("%s: %v", c.Short(), got)
		}
	}
}
