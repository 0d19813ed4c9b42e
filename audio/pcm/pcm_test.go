package pcm

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// speech returns the program's built-in sample.
func speech(t testing.TB) []int16 {
	t.Helper()
	f, err := os.Open("../../assets/sounds/en-hello.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sound, err := ReadWAV(f)
	if err != nil {
		t.Fatal(err)
	}
	return sound.Samples
}

// narrow is sound of [Rate].
func narrow(samples []int16) Audio { return Audio{Rate, samples} }

// hello returns that sample as a reference.
func hello(t testing.TB) *Reference {
	t.Helper()
	r, err := NewReference("hello", narrow(speech(t)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// line simulates a call over G.711.
func line(in []int16, delay int, gain, loss float64, rng *rand.Rand) []int16 {
	return carried(codec.PCMU, in, delay, gain, loss, rng)
}

// carried simulates a call: a codec, a delay, a gain, and lost frames, each
// concealed by the one before at half its level.
func carried(c codec.Codec, in []int16, delay int, gain, loss float64, rng *rand.Rand) []int16 {
	size, e, d := Frame(c.SampleRate), c.NewEncoder(), c.NewDecoder()
	out, last := make([]int16, delay), make([]int16, size)
	for frame := range slices.Chunk(in, size) {
		frame = d.Decode(nil, e.Encode(nil, frame))
		if rng.Float64() < loss {
			frame = frame[:0]
			for _, v := range last {
				frame = append(frame, v/2)
			}
		}
		last = frame
		for _, v := range frame {
			out = append(out, round(float64(v)*gain))
		}
	}
	return out
}

func read(s Source, n int) []int16 {
	out := make([]int16, n)
	s.Read(out)
	return out
}

func noise(n int, rng *rand.Rand) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(rng.IntN(8000) - 4000)
	}
	return out
}

func TestLevel(t *testing.T) {
	for _, dbfs := range []float64{0, -10, -60} {
		if got := Level(read(Tone(Rate, 1000, dbfs), Rate)); math.Abs(got-dbfs) > 0.1 {
			t.Errorf("a tone of %g dBFS is measured as %g", dbfs, got)
		}
	}
	if got := Level(make([]int16, 10)); got != Floor {
		t.Errorf("silence is measured as %g", got)
	}
}

func TestMixStaysInRange(t *testing.T) {
	dst := []int16{30000, -30000, 1}
	Mix(dst, []int16{30000, -30000})
	if want := []int16{32767, -32768, 1}; !slices.Equal(dst, want) {
		t.Errorf("got %v, want %v", dst, want)
	}
}

func TestSampleEndsInSilence(t *testing.T) {
	s := NewSample([]int16{1, 2, 3}, false)
	if got := read(s, 5); !slices.Equal(got, []int16{1, 2, 3, 0, 0}) || !s.Done() {
		t.Errorf("once: %v, done %v", got, s.Done())
	}
	if got := read(NewSample([]int16{1, 2, 3}, true), 5); !slices.Equal(got, []int16{1, 2, 3, 1, 2}) {
		t.Errorf("looped: %v", got)
	}
	if got := read(NewSample(nil, true), 2); !slices.Equal(got, []int16{0, 0}) {
		t.Errorf("looped nothing: %v", got)
	}
}

// TestResampleSpectrum resamples tones below and above the limit of 8000 Hz.
func TestResampleSpectrum(t *testing.T) {
	for _, from := range []int{11025, 16000, 22050, 44100, 44101, 48000, 96000} {
		for _, hz := range []float64{300, 1000, 3400, 4100, 4800, 5400} {
			if hz >= float64(from)/2 {
				continue
			}
			in := make([]int16, from)
			for i := range in {
				in[i] = round(20000 * math.Sin(2*math.Pi*hz*float64(i)/float64(from)))
			}
			out := Resample(in, from, Rate)
			if len(out) != Rate {
				t.Errorf("%d Hz: one second became %d samples", from, len(out))
			}
			level := Level(out[Rate/4:3*Rate/4]) - Level(in)
			if hz <= 3400 && math.Abs(level) > 0.1 {
				t.Errorf("%d Hz: a tone of %g Hz changes by %.2f dB", from, hz, level)
			}
			if hz > 4000 && level > -60 {
				t.Errorf("%d Hz: a tone of %g Hz comes through at %.1f dB", from, hz, level)
			}
		}
	}
	up := Resample(read(Tone(6000, 1000, -10), 6000), 6000, Rate)
	if len(up) != Rate {
		t.Errorf("upwards, one second became %d samples", len(up))
	}
}

func TestToneDetector(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, hz := range []float64{100, 425, 440, 1000, 2500, 3400} {
		for _, loss := range []float64{0, 0.01, 0.05} {
			heard := line(read(Tone(Rate, hz, -10), 10*Rate), 0, 1, loss, rng)
			good := 0
			blocks := NewToneDetector(Rate).Write(heard)
			for _, b := range blocks {
				if math.Abs(b.Hz-hz) < 4 && b.Purity > tonePure {
					good++
				}
			}
			if good < len(blocks)*9/10 {
				t.Errorf("%g Hz with loss %g: %d of %d blocks", hz, loss, good, len(blocks))
			}
		}
	}
	for name, other := range map[string][]int16{"silence": make([]int16, Rate), "noise": noise(Rate, rng)} {
		for _, b := range NewToneDetector(Rate).Write(other) {
			if b.Purity > toneGoesOn {
				t.Errorf("%s is a tone: %+v", name, b)
			}
		}
	}
}

// babble returns other speech: the sample in pieces of 300 ms, each reversed,
// in another order.
func babble(in []int16, rng *rand.Rand) []int16 {
	pieces := slices.Collect(slices.Chunk(slices.Clone(in), 3*Rate/10))
	rng.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
	var out []int16
	for _, p := range pieces {
		slices.Reverse(p)
		out = append(out, p...)
	}
	return out
}

func TestSimilarity(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	ref := speech(t)
	const delay = 150 * Rate / 1000
	for _, tt := range []struct {
		name     string
		heard    []int16
		min, max float64
	}{
		{"itself", ref, 0.99, 1.001},
		{"a call", line(ref, delay, 2, 0.02, rng), 0.9, 1},
		{"a bad call", line(ref, delay+37, 2, 0.05, rng), 0.9, 1},
		{"a faint call", line(ref, delay, 0.1, 0.01, rng), 0.9, 1},
		{"silence", make([]int16, len(ref)), 0, 0},
		{"noise", noise(len(ref), rng), 0, 0.5},
		{"a tone", read(Tone(Rate, 440, -10), len(ref)), 0, 0.5},
		{"ringing", read(RingTone(Rate), len(ref)), 0, 0.5},
		{"busy", read(Busy(Rate), len(ref)), 0, 0.5},
		{"other speech", babble(ref, rng), 0, 0.5},
		{"half of it", ref[:len(ref)/2], 0, 0.75},
	} {
		if got := Similarity(narrow(ref), narrow(tt.heard)); got < tt.min || got > tt.max {
			t.Errorf("%s: %.3f, want %g to %g", tt.name, got, tt.min, tt.max)
		}
	}
	if got := Similarity(narrow(read(Tone(Rate, 440, -10), Rate)), narrow(read(Tone(Rate, 440, -10), Rate))); got != 0 {
		t.Errorf("a tone as a reference scores %g", got)
	}
}

func TestEar(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	if _, err := NewReference("beep", narrow(read(Tone(Rate, 440, -10), Rate))); err == nil {
		t.Error("a tone was taken as a sample")
	}
	ear := NewEar(Rate, hello(t))
	call := slices.Concat(read(Silence(Rate), 2*Rate), speech(t), read(Silence(Rate), Rate/2),
		read(Tone(Rate, 440, -10), 2*Rate), read(Tone(Rate, 1000, -10), Rate))
	var heard []event.Heard
	for frame := range slices.Chunk(line(call, 0, 1, 0.02, rng), FrameSamples) {
		heard = append(heard, ear.Write(frame)...)
	}
	heard = append(heard, ear.End()...)
	var got []string
	for _, h := range heard {
		switch {
		case h.What == "sample" && h.Score >= 0.9:
			got = append(got, "sample "+h.Name)
		case h.What == "tone":
			got = append(got, "tone "+map[bool]string{true: "440", false: "1000"}[math.Abs(h.Hz-440) < 3])
		}
	}
	want := []string{"sample hello", "tone 440", "tone 440", "tone 1000", "tone 1000"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v\n%v", got, want, heard)
	}
	if first := heard[0]; first.What != "silence" || first.For.D().Seconds() != 1 {
		t.Errorf("first %+v", first)
	}
}

func TestDeadMic(t *testing.T) {
	var dead, alive DeadMic
	times := 0
	for i := range 100 {
		frame := make([]int16, FrameSamples)
		if dead.Write(frame) {
			times++
		}
		if frame[0] = int16(i / 49); alive.Write(frame) {
			t.Error("a microphone that works was called dead")
		}
	}
	if times != 1 {
		t.Errorf("a dead microphone was noticed %d times", times)
	}
}

// seeker is a file in memory.
type seeker struct {
	data []byte
	at   int
}

func (s *seeker) Write(b []byte) (int, error) {
	s.data = append(s.data[:s.at], append(slices.Clone(b), s.data[min(len(s.data), s.at+len(b)):]...)...)
	s.at += len(b)
	return len(b), nil
}

func (s *seeker) Seek(to int64, _ int) (int64, error) {
	s.at = int(to)
	return to, nil
}

func TestWAVWriter(t *testing.T) {
	want := speech(t)
	f := new(seeker)
	w, err := NewWAVWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	for frame := range slices.Chunk(want, FrameSamples) {
		if err := w.Write(Rate, frame); err != nil {
			t.Fatal(err)
		}
	}
	cut, err := ReadWAV(bytes.NewReader(f.data))
	if err != nil || len(cut.Samples) < len(want)-Rate {
		t.Errorf("before Close: %d samples of %d, %v", len(cut.Samples), len(want), err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadWAV(bytes.NewReader(f.data)); err != nil || got.Rate != Rate || !slices.Equal(got.Samples, want) {
		t.Errorf("after Close: %d samples of %d, %v", len(got.Samples), len(want), err)
	}
}

func TestWriteWAV(t *testing.T) {
	for _, want := range [][]int16{{}, {1, -2, 32767, -32768}} {
		var b bytes.Buffer
		if err := WriteWAV(&b, narrow(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadWAV(&b); err != nil || !slices.Equal(got.Samples, want) {
			t.Errorf("%v became %v, %v", want, got, err)
		}
	}
}

func TestReadWAVErrors(t *testing.T) {
	good := slices.Concat(wavHeader(Rate, 4), []byte{1, 0, 2, 0})
	patch := func(at int, b ...byte) []byte {
		c := slices.Clone(good)
		copy(c[at:], b)
		return c
	}
	for _, tt := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "only 0 bytes", nil},
		{"ogg", `starts with "OggS"`, patch(0, []byte("OggS")...)},
		{"three channels", "3 channels", patch(22, 3)},
		{"rate 0", "a rate of 0 Hz", patch(24, 0, 0)},
		{"adpcm", "format 0x0002", patch(20, 2)},
		{"12 bits", "with 12 bits", patch(34, 12)},
		{"no data", "no data chunk", good[:36]},
		{"data first", `comes before chunk "fmt "`, slices.Concat(good[:12], good[36:])},
		{"short fmt", `chunk "fmt " has 2 bytes`, patch(16, 2)},
	} {
		_, err := ReadWAV(bytes.NewReader(tt.file))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q in it", tt.name, err, tt.want)
		}
	}
	long := slices.Concat(wavHeader(Rate, 0), nil)
	if _, err := ReadWAV(io.MultiReader(bytes.NewReader(long), zeros16{})); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("an endless file: %v", err)
	}
}

// zeros16 is an endless file.
type zeros16 struct{}

func (zeros16) Read(b []byte) (int, error) { return len(b), nil }

func FuzzReadWAV(f *testing.F) {
	f.Add(slices.Concat(wavHeader(Rate, 4), []byte{1, 0, 2, 0}))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt "))
	f.Fuzz(func(t *testing.T, b []byte) {
		if sound, err := ReadWAV(bytes.NewReader(b)); err == nil && len(sound.Samples) > maxSeconds*sound.Rate {
			t.Errorf("%d samples", len(sound.Samples))
		}
	})
}

// BenchmarkEar is one frame of an ear that listens for the sample.
func BenchmarkEar(b *testing.B) {
	samples := speech(b)
	for _, bb := range []struct {
		name   string
		stream Source
	}{{"speech", NewSample(samples, true)}, {"tone", Tone(Rate, 440, -10)}, {"silence", Silence(Rate)}} {
		b.Run(bb.name, func(b *testing.B) {
			ear := NewEar(Rate, hello(b))
			frame := make([]int16, FrameSamples)
			for b.Loop() {
				bb.stream.Read(frame)
				ear.Write(frame)
			}
		})
	}
}

func BenchmarkNewEar(b *testing.B) {
	known := hello(b)
	for b.Loop() {
		NewEar(Rate, known)
	}
}

func BenchmarkTone(b *testing.B) {
	tone, frame := Tone(Rate, 440, -10), make([]int16, FrameSamples)
	for b.Loop() {
		tone.Read(frame)
	}
}

func BenchmarkReadWAV48k(b *testing.B) {
	in := Resample(speech(b), Rate, 48000)
	for b.Loop() {
		Resample(in, 48000, Rate)
	}
}
