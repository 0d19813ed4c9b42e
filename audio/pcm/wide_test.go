package pcm

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// wideSpeech is speech with all that wideband carries: the sample, and above it the
// sample again, a spectrum higher.
func wideSpeech(t testing.TB) Audio {
	a := narrow(speech(t)).At(WideRate)
	a.Samples = slices.Clone(a.Samples)
	for i, v := range a.Samples {
		a.Samples[i] = v/2 + int16(float64(v)/2*math.Cos(math.Pi*float64(i)))
	}
	return a
}

// wideLine simulates a call over G.722 with a delay.
func wideLine(in Audio, loss float64, rng *rand.Rand) Audio {
	return Audio{WideRate, carried(codec.G722, in.Samples, 2400, 1, loss, rng)}
}

// TestWidebandIsCompared compares at 16000 Hz: what has lost its upper half is not the
// same any more, although a telephone would not tell.
func TestWidebandIsCompared(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	ref, plain := wideSpeech(t), narrow(speech(t))
	cut := ref.At(Rate).At(WideRate)
	for _, tt := range []struct {
		name       string
		ref, heard Audio
		min, max   float64
	}{
		{"itself", ref, ref, 0.99, 1.001},
		{"a call", ref, wideLine(ref, 0.02, rng), 0.9, 1},
		{"a bad call", ref, wideLine(ref, 0.05, rng), 0.88, 1},
		{"speech of a telephone", plain, wideLine(plain.At(WideRate), 0.02, rng), 0.9, 1},
		{"without its upper half", ref, cut, 0.3, 0.9},
		{"without it, as a telephone hears", ref, cut.At(Rate), 0.95, 1.001},
		{"other speech", ref, Audio{WideRate, babble(ref.Samples, rng)}, 0, 0.5},
	} {
		if got := Similarity(tt.ref, tt.heard); got < tt.min || got > tt.max {
			t.Errorf("%s: %.3f, want %g to %g", tt.name, got, tt.min, tt.max)
		}
	}
}

// TestWideTones hears tones of wideband, of which a telephone has none.
func TestWideTones(t *testing.T) {
	for _, hz := range []float64{100, 440, 3400, 6000, 7000} {
		ear := NewEar(WideRate)
		var heard []event.Heard
		for frame := range slices.Chunk(wideLine(Audio{WideRate, read(Tone(WideRate, hz, -10), 2*WideRate)}, 0, rand.New(rand.NewPCG(1, 1))).Samples, 320) {
			heard = append(heard, ear.Write(frame)...)
		}
		heard = append(heard, ear.End()...)
		if len(heard) != 2 || math.Abs(heard[1].Hz-hz) > 4 || heard[1].For.D().Seconds() < 1.8 {
			t.Errorf("%g Hz for 2 s is heard as %+v", hz, heard)
		}
	}
	if level := Level(read(Tone(Rate, 6000, -10), Rate)); level != Floor {
		t.Errorf("a telephone carries 6000 Hz at %g dBFS", level)
	}
	if level := Level(read(RingTone(WideRate), WideRate)); math.Abs(level-Level(read(RingTone(Rate), Rate))) > 0.1 {
		t.Errorf("the ring tone is at %g dBFS", level)
	}
}

// TestRatesOfCalls: what is heard of a call is looked at by its own rate, whichever a codec
// has.
func TestRatesOfCalls(t *testing.T) {
	ref, err := NewReference("speech", wideSpeech(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range codec.All() {
		for _, rate := range c.Rates() {
			if !slices.Contains(Rates(), rate) {
				t.Errorf("calls of %s have %d Hz, which is none of %v", c, rate, Rates())
			}
			if rate != Rate && (analysisOf(rate) == analysisOf(Rate) || ref.at(rate) == ref.narrow) {
				t.Errorf("%d Hz, of %s, are heard as those of a telephone", rate, c)
			}
		}
	}
}

// TestFullTones hears tones that only the widest calls have, and no less purely where a frame
// is lost than a telephone does.
func TestFullTones(t *testing.T) {
	purity := map[int]float64{}
	for _, rate := range Rates() {
		for _, hz := range []float64{440, 3400, 7000, 10000, 15000, 20000} {
			if hz > 0.45*float64(rate) {
				continue
			}
			for _, b := range NewToneDetector(rate).Write(read(Tone(rate, hz, -10), rate)) {
				if math.Abs(b.Hz-hz) > 2 || b.Purity < 0.99 || math.Abs(b.Level+10) > 0.2 {
					t.Errorf("%g Hz at %d Hz: %+v", hz, rate, b)
				}
			}
		}
		torn := read(Tone(rate, 440, -10), rate/10)
		clear(torn[rate/25 : rate*3/50])
		purity[rate] = NewToneDetector(rate).Write(torn)[0].Purity
		if math.Abs(purity[rate]-purity[Rate]) > 0.01 {
			t.Errorf("a torn tone has a purity of %.3f at %d Hz, of %.3f at %d Hz", purity[rate], rate, purity[Rate], Rate)
		}
	}
}

// TestFullIsCompared: what has lost its upper half is not the same any more.
func TestFullIsCompared(t *testing.T) {
	ref := wideSpeech(t)
	for _, rate := range []int{SuperwideRate, FullRate} {
		wide := ref.At(rate)
		if got := Similarity(ref, wide); got < 0.97 {
			t.Errorf("speech at %d Hz is like itself by %.3f", rate, got)
		}
		if got := Similarity(wide, ref.At(Rate).At(rate)); got > 0.9 {
			t.Errorf("at %d Hz what a telephone carries of it is like it by %.3f", rate, got)
		}
	}
	high := ref.At(FullRate)
	for i, v := range high.Samples { // 8000 to 16000 Hz as well
		high.Samples[i] = v/2 + int16(float64(v)/2*math.Cos(math.Pi*2/3*float64(i)))
	}
	if got := Similarity(high, high.At(WideRate).At(FullRate)); got > 0.95 {
		t.Errorf("without what wideband has not, it is like it by %.3f", got)
	}
}

// TestConverter turns frames one for one, both ways, and loses nothing that both rates
// carry.
func TestConverter(t *testing.T) {
	for _, rates := range [][2]int{{Rate, WideRate}, {WideRate, Rate}} {
		from, to := rates[0], rates[1]
		c, in := NewConverter(from, to), Tone(from, 1000, -10)
		var out []int16
		for range 50 {
			piece := c.Convert(read(in, Frame(from)))
			if len(piece) != Frame(to) {
				t.Fatalf("a frame at %d is %d samples at %d", from, len(piece), to)
			}
			out = append(out, piece...)
		}
		blocks := NewToneDetector(to).Write(out[to/10:])
		for _, b := range blocks {
			if math.Abs(b.Hz-1000) > 2 || b.Purity < 0.99 || math.Abs(b.Level+10) > 0.2 {
				t.Errorf("from %d to %d: %+v", from, to, b)
			}
		}
		source := read(At(Tone(from, 1000, -10), from, to), to)
		for _, b := range NewToneDetector(to).Write(source) {
			if math.Abs(b.Hz-1000) > 2 || math.Abs(b.Level+10) > 0.2 {
				t.Errorf("a source from %d to %d: %+v", from, to, b)
			}
		}
	}
}

// TestConverterOfShortFrames: each has what is due by then, and together they are what one
// long frame is.
func TestConverterOfShortFrames(t *testing.T) {
	for _, rates := range [][2]int{{Rate, WideRate}, {WideRate, Rate}, {WideRate, 44100}} {
		from, to := rates[0], rates[1]
		in := read(Tone(from, 1000, -10), from/10)
		want := NewConverter(from, to).Convert(in)
		for _, size := range []int{1, 3, 10, 77} {
			var got []int16
			c := NewConverter(from, to)
			for at := 0; at < len(in); at += size {
				end := min(at+size, len(in))
				if got = append(got, c.Convert(in[at:end])...); len(got) != end*to/from {
					t.Fatalf("%d samples at %d are %d at %d", end, from, len(got), to)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("frames of %d samples at %d are not what they are together", size, from)
			}
		}
	}
}

// TestWAVKeepsItsRate: a file has the rate of its first frame, and is read at it.
func TestWAVKeepsItsRate(t *testing.T) {
	for _, rate := range []int{Rate, WideRate} {
		f := new(seeker)
		w, err := NewWAVWriter(f)
		if err != nil {
			t.Fatal(err)
		}
		first := read(Tone(rate, 1000, -10), rate/2)
		if err := w.Write(rate, first); err != nil {
			t.Fatal(err)
		}
		if w.Rate() != rate {
			t.Errorf("a recording of %d Hz has %d", rate, w.Rate())
		}
		if cut, err := ReadWAV(bytes.NewReader(f.data)); err != nil || cut.Rate != rate {
			t.Errorf("a file of %d Hz that is cut off has %d, %v", rate, cut.Rate, err)
		}
		other := Rate + WideRate - rate // and a call at the other rate after it
		for range 50 {
			if err := w.Write(other, read(Tone(other, 1000, -10), Frame(other))); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := ReadWAV(bytes.NewReader(f.data))
		if err != nil || got.Rate != rate || got.Length().Seconds() != 1.5 || !slices.Equal(got.Samples[:rate/2], first) {
			t.Errorf("%d Hz: %d Hz, %s, %v", rate, got.Rate, got.Length(), err)
		}
	}
	var b bytes.Buffer
	if err := WriteWAV(&b, Audio{96000, make([]int16, 96000)}); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadWAV(&b); err != nil || got.Rate != FullRate || len(got.Samples) != FullRate {
		t.Errorf("a file of 96000 Hz is read at %d Hz, %d samples, %v", got.Rate, len(got.Samples), err)
	}
	if !strings.Contains(convert, "48000") {
		t.Errorf("the advice loses what a call carries: %s", convert)
	}
}
