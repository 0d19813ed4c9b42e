package pcm

import "time"

// Audio is recorded sound.
type Audio struct {
	Rate    int // of the samples, in Hz
	Samples []int16
}

// Length is how long it lasts.
func (a Audio) Length() time.Duration {
	return time.Duration(len(a.Samples)) * time.Second / time.Duration(max(1, a.Rate))
}

// At is the same at another rate.
func (a Audio) At(rate int) Audio {
	if a.Rate == rate {
		return a
	}
	return Audio{rate, Resample(a.Samples, a.Rate, rate)}
}

// Open plays it once, or over and over with loop, at a rate. It keeps the samples and
// does not change them.
func (a Audio) Open(rate int, loop bool) Source {
	return At(NewSample(a.Samples, loop), a.Rate, rate)
}

// At gives a source of one rate at another, as it is read.
func At(s Source, from, to int) Source {
	if from == to {
		return s
	}
	return &resampled{source: s, stream: newStream(from, to)}
}

// resampled is a source at another rate than its own.
type resampled struct {
	source Source
	piece  [FrameSamples]int16 // of its samples
	stream
}

// Read implements [Source].
func (r *resampled) Read(frame []int16) {
	for len(r.ready) < len(frame) {
		r.source.Read(r.piece[:])
		r.write(r.piece[:])
	}
	r.take(frame)
}

// A stream is resampled piece by piece.
type stream struct {
	resampler *resampler
	in        []float32 // the piece in hand
	ready     []int16   // made, and not taken yet
}

func newStream(from, to int) stream { return stream{resampler: newResampler(from, to)} }

// write takes in the next piece.
func (s *stream) write(piece []int16) {
	s.in = floats(s.in[:0], piece)
	s.ready = s.resampler.write(s.ready, s.in)
}

// take fills frame with what is ready, which has to be as much.
func (s *stream) take(frame []int16) {
	n := copy(frame, s.ready[:len(frame)])
	s.ready = s.ready[:copy(s.ready, s.ready[n:])]
}

// floats appends samples to dst.
func floats(dst []float32, samples []int16) []float32 {
	for _, s := range samples {
		dst = append(dst, float32(s))
	}
	return dst
}

// A Converter turns the frames of one stream into those of another rate, one for one.
// What it gives lags by the reach of the filter: 6 ms between the rates of calls.
type Converter struct {
	stream
	from, to       int
	written, taken int64 // samples so far
}

// NewConverter begins a stream.
func NewConverter(from, to int) *Converter {
	c := &Converter{from: from, to: to, stream: newStream(from, to)}
	if from != to {
		c.ready = make([]int16, c.resampler.half*to/from)
	}
	return c
}

// A Fitter gives frames of any rate at another. Its zero value is ready.
type Fitter struct{ by *Converter }

// Fit returns a frame at the rate to. It is the caller's frame, if that has it.
func (f *Fitter) Fit(frame []int16, from, to int) []int16 {
	if from == to {
		f.by = nil
		return frame
	}
	if f.by == nil || f.by.from != from || f.by.to != to {
		f.by = NewConverter(from, to)
	}
	return f.by.Convert(frame)
}

// Convert returns a frame at the other rate; it is the caller's. It has as many samples as
// last as long, however short the frame is; of what is no whole number of them, the rest
// comes with the next.
func (c *Converter) Convert(frame []int16) []int16 {
	c.write(frame)
	c.written += int64(len(frame))
	out := make([]int16, c.written*int64(c.to)/int64(c.from)-c.taken)
	c.taken += int64(len(out))
	c.take(out)
	return out
}
