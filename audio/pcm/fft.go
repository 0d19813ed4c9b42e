package pcm

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// A spectrum measures the power of a block of samples by frequency. It owns
// its working memory, so measuring allocates nothing.
type spectrum struct {
	window  []float64
	twiddle []complex128
	work    []complex128
	// power holds the result: power[i] around i*Rate/size Hz, in units that
	// only compare with each other.
	power []float64
}

// newSpectrum measures blocks of n samples, under a Hann window and padded
// with silence to size, a power of two.
func newSpectrum(n, size int) *spectrum {
	s := &spectrum{
		window:  make([]float64, n),
		twiddle: make([]complex128, size/2),
		work:    make([]complex128, size),
		power:   make([]float64, size/2),
	}
	for i := range s.window {
		s.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(n))
	}
	for i := range s.twiddle {
		s.twiddle[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/float64(size))
	}
	return s
}

// measure fills power from a block.
func (s *spectrum) measure(block []int16) {
	size := len(s.work)
	shift := bits.UintSize - bits.TrailingZeros(uint(size))
	clear(s.work)
	for i, v := range block {
		s.work[bits.Reverse(uint(i))>>shift] = complex(float64(v)*s.window[i], 0)
	}
	for half := 1; half < size; half *= 2 {
		stride := size / 2 / half
		for from := 0; from < size; from += 2 * half {
			for k := range half {
				a, b := s.work[from+k], s.work[from+k+half]*s.twiddle[k*stride]
				s.work[from+k], s.work[from+k+half] = a+b, a-b
			}
		}
	}
	for i := range s.power {
		c := s.work[i]
		s.power[i] = real(c)*real(c) + imag(c)*imag(c)
	}
}
