//go:build peers && cgo

package opus

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestLibrary: the library is here. Without it the other tests here would show nothing.
func TestLibrary(t *testing.T) {
	if err := Missing(); err != nil || !strings.HasPrefix(Version(), "libopus ") {
		t.Errorf("%v, %q", err, Version())
	}
}

func sine(rate int, hz float64, seconds int) []int16 {
	samples := make([]int16, seconds*rate)
	for i := range samples {
		samples[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return samples
}

func settings(rate int) Settings { return Settings{Rate: rate, Playback: rate, Bitrate: 32000} }

// TestRoundTrip: every rate and length of packet comes back as long and as loud.
func TestRoundTrip(t *testing.T) {
	for _, rate := range Rates() {
		for _, packet := range []int{10, 20, 40, 60} {
			e, d, size := NewEncoder(settings(rate)), NewDecoder(rate), rate*packet/1000
			var octets int
			var out []int16
			for frame := range slices.Chunk(sine(rate, 440, 3), size) {
				payload := e.Encode(nil, frame)
				if p, ok := Parse(payload); !ok || p.Samples*rate/Clock != size {
					t.Fatalf("%d Hz, %d ms: %+v, %t", rate, packet, p, ok)
				}
				octets += len(payload)
				out = d.Decode(out, payload)
			}
			if bits := octets * 8 / 3; len(out) != 3*rate || bits < 24000 || bits > 40000 {
				t.Errorf("%d Hz, %d ms: %d samples, %d bit/s", rate, packet, len(out), bits)
			}
			var sum float64
			for _, v := range out[2*rate:] {
				sum += float64(v) * float64(v)
			}
			if rms := math.Sqrt(sum / float64(rate)); math.Abs(rms-8000/math.Sqrt2) > 300 {
				t.Errorf("%d Hz, %d ms: %g loud", rate, packet, rms)
			}
		}
	}
}

// TestEncoderTakesAnything: a length that Opus has not gives nothing.
func TestEncoderTakesAnything(t *testing.T) {
	e := NewEncoder(settings(16000))
	for _, n := range []int{0, 1, 39, 100, 321, 20000} {
		if got := e.Encode([]byte("x"), make([]int16, n)); string(got) != "x" {
			t.Errorf("%d samples are %d octets", n, len(got)-1)
		}
	}
}

// TestSettings: what the receiver asks for is done.
func TestSettings(t *testing.T) {
	octets := func(s Settings) (n, longest int) {
		e := NewEncoder(s)
		for frame := range slices.Chunk(sine(s.Rate, 440, 2), s.Rate/50) {
			k := len(e.Encode(nil, frame))
			n, longest = n+k, max(longest, k)
		}
		return n, longest
	}
	slow := settings(48000)
	slow.Bitrate = 6000
	if n, _ := octets(slow); n > 2*6000/8*3/2 {
		t.Errorf("at 6000 bit/s two seconds are %d octets", n)
	}
	even := settings(48000)
	even.Constant = true
	if n, longest := octets(even); longest != 80 || n != 100*80 {
		t.Errorf("at a constant rate of 32000 bit/s: %d octets, the longest packet %d", n, longest)
	}
	narrow := settings(48000)
	narrow.Playback = 8000
	payload := NewEncoder(narrow).Encode(nil, sine(48000, 440, 1)[:960])
	if c := payload[0] >> 3; c > 3 && c != 16+3 {
		t.Errorf("for a receiver of 8000 Hz the configuration is %d", c)
	}
}

// TestDTX: silence is sent once, and again every 400 ms (RFC 6716 section 2.1.9).
func TestDTX(t *testing.T) {
	for _, dtx := range []bool{false, true} {
		s := settings(48000)
		s.DTX = dtx
		e, quiet, sent := NewEncoder(s), 0, 0
		for range 250 {
			if payload := e.Encode(nil, make([]int16, 960)); len(payload) > 0 {
				sent++
				if p, _ := Parse(payload); p.Quiet {
					quiet++
				}
			}
		}
		if dtx && (sent > 50 || quiet < 8 || quiet > 14) || !dtx && sent != 250 {
			t.Errorf("DTX %t: of 250 packets %d are sent, %d of them quiet", dtx, sent, quiet)
		}
	}
}

// lossy are packets of speech-like noise that an encoder protects.
func lossy(rate, percent int) [][]byte {
	s := settings(rate)
	s.FEC, s.Bitrate = true, 40000
	e, rng := NewEncoder(s), rand.New(rand.NewPCG(1, 2))
	e.Expect(percent)
	samples := sine(rate, 137, 4) // of which no period fits into a packet
	for i := range samples {
		samples[i] = int16(float64(samples[i]) * (1 + math.Sin(2*math.Pi*4*float64(i)/float64(rate))) / 2 * rng.Float64())
	}
	var packets [][]byte
	for frame := range slices.Chunk(samples, rate/50) {
		packets = append(packets, e.Encode(nil, frame))
	}
	return packets
}

// TestFEC: losses that are expected have what was said said once more, and what recovers it
// is not what is made up.
func TestFEC(t *testing.T) {
	for _, rate := range Rates() {
		for percent, want := range map[int]bool{0: false, 1: true, 30: true} {
			n := 0
			for _, payload := range lossy(rate, percent) {
				if p, _ := Parse(payload); p.Recovers {
					n++
				}
			}
			if n > 50 != want || !want && n > 0 {
				t.Errorf("%d Hz, at %d %% of loss %d of 200 packets recover another", rate, percent, n)
			}
		}
	}
	packets := lossy(16000, 20)
	whole, recovered, concealed := NewDecoder(16000), NewDecoder(16000), NewDecoder(16000)
	var off [2]float64
	for i, payload := range packets {
		want := whole.Decode(nil, payload)
		if i%10 != 5 || i+1 == len(packets) {
			recovered.Decode(nil, payload)
			concealed.Decode(nil, payload)
			continue
		}
		if p, _ := Parse(packets[i+1]); !p.Recovers {
			continue
		}
		for k, got := range [][]int16{recovered.Recover(nil, packets[i+1], 320), concealed.Conceal(nil, 320)} {
			for j := range got {
				d := float64(got[j]) - float64(want[j])
				off[k] += d * d
			}
		}
	}
	if off[0] == 0 || off[0] > off[1]/2 {
		t.Errorf("what is recovered is off by %g, what is made up by %g", off[0], off[1])
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, rate := range Rates() {
		b.Run(strconv.Itoa(rate), func(b *testing.B) {
			e, frame, out := NewEncoder(settings(rate)), sine(rate, 440, 1)[:rate/50], make([]byte, 0, 2000)
			b.ReportAllocs()
			for b.Loop() {
				out = e.Encode(out[:0], frame)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, rate := range Rates() {
		b.Run(strconv.Itoa(rate), func(b *testing.B) {
			payload := NewEncoder(settings(rate)).Encode(nil, sine(rate, 440, 1)[:rate/50])
			d, out := NewDecoder(rate), make([]int16, 0, 2000)
			b.ReportAllocs()
			for b.Loop() {
				out = d.Decode(out[:0], payload)
			}
		})
	}
}

// TestRewind: after what was made up has been taken back, a payload and those that follow are
// decoded as if nothing had been missing; what is made up after that begins anew.
func TestRewind(t *testing.T) {
	for _, rate := range Rates() {
		packets := lossy(rate, 0)
		whole, rewound, left := NewDecoder(rate), NewDecoder(rate), NewDecoder(rate)
		differs := false
		for i, payload := range packets[:60] {
			want := whole.Decode(nil, payload)
			if i%10 == 5 {
				for range 2 {
					rewound.Conceal(nil, rate/100)
					left.Conceal(nil, rate/100)
				}
				rewound.Rewind()
				rewound.Rewind() // once is enough
			}
			if got := rewound.Decode(nil, payload); !slices.Equal(got, want) {
				t.Fatalf("%d Hz: packet %d differs", rate, i)
			}
			differs = differs || !slices.Equal(left.Decode(nil, payload), want)
		}
		if !differs {
			t.Errorf("%d Hz: what is not taken back changes nothing", rate)
		}
		rewound.Rewind() // of nothing
		if !slices.Equal(rewound.Decode(nil, packets[60]), whole.Decode(nil, packets[60])) {
			t.Errorf("%d Hz: with nothing made up, something is taken back", rate)
		}
		twin := NewDecoder(rate)
		for _, d := range []*Decoder{left, twin} {
			d.Conceal(d.Decode(nil, packets[60])[:0], rate/100)
		}
		_ = copy(twin.state, left.state)
		left.Decode(nil, packets[61])
		twin.Decode(nil, packets[61])
		left.Rewind()
		if !slices.Equal(left.Decode(nil, packets[62]), twin.Decode(nil, packets[62])) {
			t.Errorf("%d Hz: after a payload, what was made up before it is taken back", rate)
		}
	}
}

// TestRewindAfterRecovery: what is recovered stands.
func TestRewindAfterRecovery(t *testing.T) {
	packets := lossy(16000, 20)
	a, b := NewDecoder(16000), NewDecoder(16000)
	for i, payload := range packets[:40] {
		p, _ := Parse(payload)
		if i == 0 || !p.Recovers {
			a.Decode(nil, payload)
			b.Decode(nil, payload)
			continue
		}
		a.Conceal(nil, 160)
		b.Conceal(nil, 160)
		a.Recover(nil, payload, 320)
		b.Recover(nil, payload, 320)
		a.Rewind()
		if !slices.Equal(a.Decode(nil, payload), b.Decode(nil, payload)) {
			t.Fatalf("packet %d differs", i)
		}
	}
}
