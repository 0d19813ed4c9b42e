package opus

import (
	"bytes"
	"testing"
)

// config is the first octet of a payload (RFC 6716 section 3.1).
func config(number, code byte) byte { return number<<3 | code }

const ms = Clock / 1000

func TestFrameLength(t *testing.T) {
	for number, want := range map[byte]int{0: 10 * ms, 1: 20 * ms, 2: 40 * ms, 3: 60 * ms, 11: 60 * ms, 12: 10 * ms, 13: 20 * ms, 15: 20 * ms, 16: 120, 17: 5 * ms, 18: 10 * ms, 31: 20 * ms} {
		if p, ok := Parse([]byte{config(number, 0), 1, 2}); !ok || p.Frame != want || p.Samples != want {
			t.Errorf("configuration %d: %+v, %t; want frames of %d", number, p, ok, want)
		}
	}
}

// TestParse takes each shape of RFC 6716 section 3.2, and refuses each that breaks a rule of
// section 3.4.
func TestParse(t *testing.T) {
	const celt20 = 31
	long := bytes.Repeat([]byte{7}, 1276)
	for _, tt := range []struct {
		name    string
		payload []byte
		frames  int // 0: refused
	}{
		{"R1: nothing", nil, 0},
		{"one frame", []byte{config(celt20, 0), 1, 2, 3}, 1},
		{"one that is empty", []byte{config(celt20, 0)}, 1},
		{"the longest", append([]byte{config(celt20, 0)}, long[:1275]...), 1},
		{"R2: a longer one", append([]byte{config(celt20, 0)}, long...), 0},
		{"two", []byte{config(celt20, 1), 1, 2, 3, 4}, 2},
		{"R3: two, which are not of one length", []byte{config(celt20, 1), 1, 2, 3}, 0},
		{"two of two lengths", []byte{config(celt20, 2), 1, 9, 8, 8}, 2},
		{"the second empty", []byte{config(celt20, 2), 3, 9, 8, 8}, 2},
		{"R4: the first goes on too long", []byte{config(celt20, 2), 4, 9, 8, 8}, 0},
		{"R4: without a length", []byte{config(celt20, 2)}, 0},
		{"a length of two octets", append([]byte{config(celt20, 2), 252, 1}, long[:260]...), 2},
		{"R4: half a length", []byte{config(celt20, 2), 252}, 0},
		{"three", []byte{config(celt20, 3), 3, 1, 2, 3}, 3},
		{"six are 120 ms", []byte{config(celt20, 3), 6, 1, 2, 3, 4, 5, 6}, 6},
		{"R5: seven are more", []byte{config(celt20, 3), 7, 1, 2, 3, 4, 5, 6, 7}, 0},
		{"R5: none", []byte{config(celt20, 3), 0}, 0},
		{"R5: without a number", []byte{config(celt20, 3)}, 0},
		{"R6: three, which are not of one length", []byte{config(celt20, 3), 3, 1, 2}, 0},
		{"with padding", []byte{config(celt20, 3), 0x40 | 2, 3, 1, 2, 0, 0, 0}, 2},
		{"with a long padding", append([]byte{config(celt20, 3), 0x40 | 1, 255, 1, 9}, make([]byte, 255)...), 1},
		{"R6: with more than there is", []byte{config(celt20, 3), 0x40 | 2, 9, 1, 2}, 0},
		{"R6: without its length", []byte{config(celt20, 3), 0x40 | 2}, 0},
		{"lengths of their own", []byte{config(celt20, 3), 0x80 | 3, 1, 2, 9, 8, 8, 7}, 3},
		{"R7: too long", []byte{config(celt20, 3), 0x80 | 3, 1, 9, 9, 8, 8, 7}, 0},
		{"R7: cut", []byte{config(celt20, 3), 0x80 | 3, 1}, 0},
		{"one with a length of its own", []byte{config(celt20, 3), 0x80 | 1, 9, 8}, 1},
	} {
		p, ok := Parse(tt.payload)
		if ok != (tt.frames > 0) || p.Samples != tt.frames*20*ms {
			t.Errorf("%s: %+v, %t; want %d frames", tt.name, p, ok, tt.frames)
		}
	}
}

// TestQuiet: a packet whose frames have nothing in them says that the sender pauses.
func TestQuiet(t *testing.T) {
	for _, tt := range []struct {
		payload []byte
		want    bool
	}{
		{[]byte{config(9, 0)}, true},
		{[]byte{config(9, 0), 5}, true},
		{[]byte{config(9, 0), 5, 6}, false},
		{[]byte{config(9, 1)}, true},
		{[]byte{config(9, 2), 1, 5, 6, 7}, false},
		{[]byte{config(9, 3), 0x40 | 3, 2, 0, 0}, true},
	} {
		if p, ok := Parse(tt.payload); !ok || p.Quiet != tt.want {
			t.Errorf("% x: %+v, %t; want quiet: %t", tt.payload, p, ok, tt.want)
		}
	}
}

// TestRecovers: the flag stands after those of voice activity, one for each 20 ms and channel;
// the layer of music has none (RFC 6716 section 4.2.3).
func TestRecovers(t *testing.T) {
	const stereo = 4
	for _, tt := range []struct {
		toc, first byte
		want       bool
	}{
		{config(9, 0), 0x40, true},
		{config(9, 0), 0xBF, false},
		{config(8, 0), 0x40, true},
		{config(13, 0), 0x40, true},
		{config(10, 0), 0x20, true},
		{config(10, 0), 0xDF, false},
		{config(11, 0), 0x10, true},
		{config(11, 0), 0xEF, false},
		{config(31, 0), 0xFF, false},
		{config(9, 0) | stereo, 0x10, true},
		{config(9, 0) | stereo, 0xAF, false},
		{config(9, 0), 0x10, false},
		{config(11, 0) | stereo, 0x01, true},
	} {
		if p, ok := Parse([]byte{tt.toc, tt.first, 0}); !ok || p.Recovers != tt.want {
			t.Errorf("%02x %02x: %+v, %t; want %t", tt.toc, tt.first, p, ok, tt.want)
		}
	}
	if p, _ := Parse([]byte{config(9, 2), 1, 0x40, 0xFF, 0xFF}); p.Recovers {
		t.Error("a frame with nothing in it recovers another")
	}
	if p, _ := Parse([]byte{config(9, 2), 2, 0x40, 0, 0xBF, 0xFF}); !p.Recovers {
		t.Error("the first of two frames decides")
	}
}

// FuzzParse: no payload is too much, and what is taken is of a length that is played.
func FuzzParse(f *testing.F) {
	f.Add([]byte{config(31, 3), 0x80 | 0x40 | 3, 255, 3, 1, 252, 1})
	f.Fuzz(func(t *testing.T, payload []byte) {
		p, ok := Parse(payload)
		if ok != (p.Samples > 0) || p.Samples > maxSamples || p.Frame > p.Samples {
			t.Errorf("% x: %+v, %t", payload, p, ok)
		}
	})
}
