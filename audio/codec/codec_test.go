package codec

import (
	"math"
	"slices"
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
	for _, c := range All() {
		decoded := c.Decode(nil, milliwatt[c.Name])
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
		if got := tt.codec.Decode(nil, []byte{tt.code})[0]; got != tt.want {
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
		if got := tt.codec.Encode(nil, []int16{tt.sample})[0]; got != tt.want {
			t.Errorf("%s %d encodes to 0x%02X, want 0x%02X", tt.codec.Name, tt.sample, got, tt.want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, c := range All() {
		for code := range 256 {
			v := c.Decode(nil, []byte{byte(code)})
			again := c.Decode(nil, c.Encode(nil, v))
			if !slices.Equal(v, again) {
				t.Errorf("%s: code 0x%02X is %d, and after coding again %d", c.Name, code, v, again)
			}
		}
		for s := math.MinInt16; s <= math.MaxInt16; s++ {
			got := int(c.Decode(nil, c.Encode(nil, []int16{int16(s)}))[0])
			if limit := max(16, abs(s)/16); abs(got-s) > limit && abs(s) < 32124 {
				t.Fatalf("%s: %d comes back as %d", c.Name, s, got)
			}
		}
	}
}

func abs(v int) int { return max(v, -v) }

func TestAppend(t *testing.T) {
	for _, c := range All() {
		b := c.Encode([]byte("x"), []int16{0, 1000})
		if len(b) != 3 || b[0] != 'x' {
			t.Errorf("%s: Encode gave % x", c.Name, b)
		}
		if s := c.Decode([]int16{7}, b[1:]); len(s) != 3 || s[0] != 7 {
			t.Errorf("%s: Decode gave %v", c.Name, s)
		}
	}
}

func TestFind(t *testing.T) {
	if c, ok := ByName("pcma"); !ok || c != PCMA {
		t.Errorf("pcma is %v, %v", c, ok)
	}
	if c, ok := ByPayloadType(0); !ok || c != PCMU {
		t.Errorf("payload type 0 is %v, %v", c, ok)
	}
	if _, ok := ByName("opus"); ok {
		t.Error("opus was found")
	}
	if _, ok := ByPayloadType(9); ok {
		t.Error("payload type 9 was found")
	}
}

func BenchmarkEncode(b *testing.B) {
	frame, out := make([]int16, 160), make([]byte, 0, 160)
	for i := range frame {
		frame[i] = int16(i * 200)
	}
	b.ReportAllocs()
	for b.Loop() {
		out = PCMU.Encode(out[:0], frame)
	}
}

func BenchmarkDecode(b *testing.B) {
	payload, out := make([]byte, 160), make([]int16, 0, 160)
	b.ReportAllocs()
	for b.Loop() {
		out = PCMA.Decode(out[:0], payload)
	}
}
