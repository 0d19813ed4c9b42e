package pcm

import "math"

// Sound is compared by how its power moves in time and frequency, which
// survives a codec, a delay and a gain where the samples themselves do not.
const (
	rowsPerSecond = 50  // each 20 ms
	rowWindow     = 256 // over 32 ms, in samples at [Rate]
	bands         = 16
	lowHz         = 150.0 // what a telephone carries:
	highShare     = 0.45  // of the rate, which is 3600 Hz at [Rate],
	highest       = 18000 // Hz, and no more: all that Opus carries (RFC 6716 table 1) but its edge
)

// A row is the sound of 32 ms by frequency, on a scale near to loudness: the
// fourth root of power. A gain only multiplies a row by a constant, so it does
// not change the correlation of rows; and as with loudness, faint noise stays
// faint, whereas in decibels it would weigh as much as speech.
type row [bands]float32

// features turns a stream into rows.
type features struct {
	hop      int     // samples from one row to the next
	window   []int16 // the last samples, and what has come since; its capacity is 32 ms
	spectrum *spectrum
	edges    [bands + 1]int
}

func newFeatures(rate int) *features {
	a := analysisOf(rate)
	f := &features{hop: rate / rowsPerSecond, spectrum: newSpectrum(a.row()), edges: a.edges()}
	f.window = make([]int16, 0, len(f.spectrum.window))
	return f
}

// bandEdges are the lines of a transform of so many samples where the bands begin and end.
func bandEdges(rate, size int) (edges [bands + 1]int) {
	low, high := mel(lowHz), mel(min(highest, highShare*float64(rate)))
	for i := range edges {
		hz := unmel(low + (high-low)*float64(i)/bands)
		edges[i] = int(math.Round(hz * float64(size) / float64(rate)))
		if i > 0 {
			edges[i] = max(edges[i], edges[i-1]+1)
		}
	}
	return edges
}

// mel is the scale of equal steps in pitch (O'Shaughnessy 1987).
func mel(hz float64) float64  { return 2595 * math.Log10(1+hz/700) }
func unmel(m float64) float64 { return 700 * (math.Pow(10, m/2595) - 1) }

// write takes a frame and calls each for every row that is now complete.
func (f *features) write(frame []int16, each func(row)) {
	for len(frame) > 0 {
		n := min(len(frame), cap(f.window)-len(f.window))
		f.window = append(f.window, frame[:n]...)
		frame = frame[n:]
		if len(f.window) == cap(f.window) {
			each(f.row())
			f.window = f.window[:copy(f.window, f.window[f.hop:])]
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
