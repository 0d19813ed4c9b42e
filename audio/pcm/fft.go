package pcm

import (
	"math"
	"math/bits"
	"math/cmplx"
	"sync"
)

// A transform holds the tables for measuring blocks of one length. They never
// change, and all spectra share them.
type transform struct {
	window  []float64    // a Hann window
	twiddle []complex128 // the powers of the root of unity, half a turn
	passes  [][]turns    // what the butterflies turn by, pass by pass
	reverse []uint16     // where each number of the half-size transform goes
}

// An analysis is how the sound of a rate is looked at. Its transforms are made when they are
// first asked for.
type analysis struct {
	tone, row func() *transform
	edges     func() [bands + 1]int
}

// analyses are those of [Rates].
var analyses = newAnalyses()

func newAnalyses() map[int]*analysis {
	all := make(map[int]*analysis)
	for i, rate := range Rates() {
		all[rate] = newAnalysis(rate, toneSize<<i, rowWindow<<i)
	}
	return all
}

// analysisOf is the analysis of a rate; of a rate that no call has, that of a telephone channel.
func analysisOf(rate int) *analysis {
	if a, ok := analyses[rate]; ok {
		return a
	}
	return analyses[Rate]
}

// newAnalysis has transforms of so many lines. They double from one rate to the next: the
// lines are as close in wideband as in a telephone channel, and a little closer above, where
// no power of two fits.
func newAnalysis(rate, toneSize, rowSize int) *analysis {
	return &analysis{
		tone:  sync.OnceValue(func() *transform { return newTransform(rate/blocksPerSecond, toneSize) }),
		row:   sync.OnceValue(func() *transform { return newTransform(rowWindow*rate/Rate, rowSize) }),
		edges: sync.OnceValue(func() [bands + 1]int { return bandEdges(rate, rowSize) }),
	}
}

// newTransform is for blocks of n samples, padded with silence to size, a
// power of two.
func newTransform(n, size int) *transform {
	t := &transform{
		window:  make([]float64, n),
		twiddle: make([]complex128, size/2),
		reverse: make([]uint16, size/2),
	}
	for i := range t.window {
		t.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(n))
	}
	shift := bits.UintSize - bits.TrailingZeros(uint(size/2))
	for i := range t.twiddle {
		t.twiddle[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/float64(size))
		t.reverse[i] = uint16(bits.Reverse(uint(i)) >> shift)
	}
	t.plan()
	return t
}

// Turns are by what a butterfly of four turns its second, third and fourth number.
type turns [3]complex128

// plan lists the turns in the order in which the butterflies take them.
func (t *transform) plan() {
	n := len(t.twiddle)
	for half := 1 << (bits.TrailingZeros(uint(n)) & 1); 4*half <= n; half *= 4 {
		pass := make([]turns, half)
		for k := range pass {
			// The first of two steps turns by twice the angle of the second.
			one := t.twiddle[k*n/(2*half)]
			pass[k] = turns{one * one, one, one * one * one}
		}
		t.passes = append(t.passes, pass)
	}
}

// A spectrum measures the power of a block of samples by frequency. It owns
// its working memory, so measuring allocates nothing.
type spectrum struct {
	*transform
	work []complex128
	// power holds the result: power[i] around i*rate/size Hz, in units that
	// only compare with each other.
	power []float64
}

func newSpectrum(t *transform) *spectrum {
	half := len(t.twiddle)
	return &spectrum{transform: t, work: make([]complex128, half), power: make([]float64, half)}
}

// measure fills power from a block. Samples are real, so that a transform of
// half the size does: it takes them two by two as complex numbers, and what
// belongs to the one and to the other is separated by symmetry (Numerical
// Recipes §12.3).
func (s *spectrum) measure(block []int16) {
	s.pack(block)
	s.butterflies()
	half := len(s.work)
	dc := real(s.work[0]) + imag(s.work[0])
	s.power[0] = dc * dc
	for k := 1; k < half; k++ {
		a, b := s.work[k], cmplx.Conj(s.work[half-k])
		even, odd := a+b, (a-b)*s.twiddle[k]
		re, im := real(even)+imag(odd), imag(even)-real(odd) // even - i*odd
		s.power[k] = (re*re + im*im) / 4
	}
}

// pack puts the block under the window where the first butterflies want it.
func (s *spectrum) pack(block []int16) {
	if len(block)/2 < len(s.work) {
		clear(s.work)
	}
	window := s.window[:len(block)]
	for i := 0; i+1 < len(block); i += 2 {
		s.work[s.reverse[i/2]] = complex(float64(block[i])*window[i], float64(block[i+1])*window[i+1])
	}
}

// butterflies transforms work in place, two steps at a time: each number is moved half as
// often.
func (s *spectrum) butterflies() {
	if bits.TrailingZeros(uint(len(s.work)))&1 == 1 {
		for i := 0; i+1 < len(s.work); i += 2 {
			a, b := s.work[i], s.work[i+1]
			s.work[i], s.work[i+1] = a+b, a-b
		}
	}
	for _, pass := range s.passes {
		for rest := s.work; len(rest) > 0; rest = rest[4*len(pass):] {
			four(rest, pass)
		}
	}
}

// four is a pass over the first numbers of work, four in each butterfly.
func four(work []complex128, pass []turns) {
	n := len(pass)
	w0, w1, w2, w3 := work[:n], work[n:][:n], work[2*n:][:n], work[3*n:][:n]
	for k := range pass {
		t := &pass[k]
		a, b, c, d := w0[k], t[0]*w1[k], t[1]*w2[k], t[2]*w3[k]
		even, odd := a+b, a-b
		sum, diff := c+d, c-d
		turned := complex(imag(diff), -real(diff)) // a quarter back
		w0[k], w1[k], w2[k], w3[k] = even+sum, odd+turned, even-sum, odd-turned
	}
}
