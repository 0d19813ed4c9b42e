package pcm

import (
	"math"
	"sync"
)

// Sound is compared by how its power moves in time and frequency, which
// survives a codec, a delay and a gain where the samples themselves do not.
const (
	hop       = FrameSamples // a row of features each 20 ms, in samples
	rowWindow = 256          // over 32 ms
	bands     = 16
	lowHz     = 150.0 // what a telephone carries
	highHz    = 3600.0
)

// A row is the sound of 32 ms by frequency, on a scale near to loudness: the
// fourth root of power. A gain only multiplies a row by a constant, so it does
// not change the correlation of rows; and as with loudness, faint noise stays
// faint, whereas in decibels it would weigh as much as speech.
type row [bands]float32

// features turns a stream into rows.
type features struct {
	window   []int16 // the last rowWindow samples, and what has come since
	spectrum *spectrum
	edges    [bands + 1]int
}

func newFeatures() *features {
	return &features{window: make([]int16, 0, rowWindow), spectrum: newSpectrum(rowTransform()), edges: bandEdges()}
}

// bandEdges are the lines of the transform where the bands begin and end.
var bandEdges = sync.OnceValue(func() (edges [bands + 1]int) {
	low, high := mel(lowHz), mel(highHz)
	for i := range edges {
		hz := unmel(low + (high-low)*float64(i)/bands)
		edges[i] = int(math.Round(hz * rowWindow / Rate))
		if i > 0 {
			edges[i] = max(edges[i], edges[i-1]+1)
		}
	}
	return edges
})

// mel is the scale of equal steps in pitch (O'Shaughnessy 1987).
func mel(hz float64) float64  { return 2595 * math.Log10(1+hz/700) }
func unmel(m float64) float64 { return 700 * (math.Pow(10, m/2595) - 1) }

// write takes a frame and calls each for every row that is now complete.
func (f *features) write(frame []int16, each func(row)) {
	for len(frame) > 0 {
		n := min(len(frame), rowWindow-len(f.window))
		f.window = append(f.window, frame[:n]...)
		frame = frame[n:]
		if len(f.window) == rowWindow {
			each(f.row())
			f.window = f.window[:copy(f.window, f.window[hop:])]
		}
	}
}

func (f *features) row() row {
	f.spectrum.measure(f.window)
	var r row
	for i := range r {
		var sum float64
		for _, p := range f.spectrum.power[f.edges[i]:f.edges[i+1]] {
			sum += p
		}
		r[i] = float32(math.Sqrt(math.Sqrt(sum)))
	}
	return r
}
