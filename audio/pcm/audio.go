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
	return &resampled{source: s, resampler: newResampler(from, to)}
}

// resampled is a source at another rate than its own.
type resampled struct {
	source    Source
	resampler *resampler
	ready     []int16
}

// Read implements [Source].
func (r *resampled) Read(frame []int16) {
	var piece [FrameSamples]int16
	for len(r.ready) < len(frame) {
		r.source.Read(piece[:])
		r.ready = r.resampler.write(r.ready, floats(piece[:]))
	}
	r.ready = r.ready[:copy(r.ready, r.ready[copy(frame, r.ready):])]
}

func floats(samples []int16) []float32 {
	out := make([]float32, len(samples))
	for i, s := range samples {
		out[i] = float32(s)
	}
	return out
}

// A Converter turns the frames of one stream into those of another rate, one for one.
// What it gives lags by the reach of the filter: 6 ms between the rates of calls.
type Converter struct {
	from, to  int
	resampler *resampler
	begun     bool
}

// NewConverter begins a stream. Each frame has to be a whole number of samples at both
// rates, as frames of 20 ms are.
func NewConverter(from, to int) *Converter {
	return &Converter{from: from, to: to, resampler: newResampler(from, to)}
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

// Convert returns a frame at the other rate; it is the caller's.
func (c *Converter) Convert(frame []int16) []int16 {
	out := c.resampler.write(nil, floats(frame))
	if lag := len(frame)*c.to/c.from - len(out); !c.begun && lag > 0 {
		out = append(make([]int16, lag), out...)
	}
	c.begun = true
	return out
}
