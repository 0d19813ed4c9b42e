package pcm

import (
	"math"
	"sync"
)

// The low-pass filter is a sinc under a Kaiser window. Its numbers are those
// of Kaiser's design formulas for 80 dB of attenuation (beta = 0.1102 (A - 8.7) =
// 7.9) and a transition band that a filter of this length can have:
// 72/(2.285 * 2 * zeros) rad = 0.10 of the band. With the middle of it at
// 0.945 everything is 80 dB down where aliases begin, and all of a telephone
// channel (3400 Hz at 8000 Hz) passes.
const (
	zeros     = 48    // zero crossings of the sinc on each side
	cutoff    = 0.945 // of half the lower rate
	beta      = 7.9
	perZero   = 512 // table entries between two zero crossings
	tableSize = zeros*perZero + 2
)

// kernel is one side of the filter. Between its entries a straight line is
// good to -100 dB. It is made when it is first used: that takes 2 ms, which a
// phone without a resampled file need not spend at its start.
var kernel = sync.OnceValue(newKernel)

func newKernel() *[tableSize]float32 {
	var k [tableSize]float32
	for i := range k {
		x := float64(i) / perZero
		if x >= zeros {
			break
		}
		sinc := cutoff
		if x > 0 {
			sinc = math.Sin(math.Pi*cutoff*x) / (math.Pi * x)
		}
		w := x / zeros
		k[i] = float32(sinc * bessel(beta*math.Sqrt(1-w*w)) / bessel(beta))
	}
	return &k
}

// bessel is the modified Bessel function of the first kind and order zero.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for n := 1.0; term > 1e-12*sum; n++ {
		term *= (x / 2 / n) * (x / 2 / n)
		sum += term
	}
	return sum
}

// A resampler turns a stream of one rate into one of another.
type resampler struct {
	from, to int       // in lowest terms
	half     int       // reach of the filter on each side, in input samples
	held     []float32 // input that is still needed
	first    int64     // number of held[0] in the input, which starts at 0
	next     int64     // number of the next output sample
	rows     [][]float32
	scratch  []float32
}

// maxRows bounds the memory for filters that are kept: 44100 to 8000 Hz has
// 80 different ones, odd rates have thousands.
const maxRows = 200

func newResampler(from, to int) *resampler {
	common := gcd(from, to)
	from, to = from/common, to/common
	half := (zeros*max(from, to)+to-1)/to + 1
	// Silence before the beginning, so that the filter has input before the
	// first sample.
	r := &resampler{from: from, to: to, half: half, held: make([]float32, half), first: -int64(half)}
	if to <= maxRows {
		r.rows = make([][]float32, to)
	} else {
		r.scratch = make([]float32, 2*half)
	}
	return r
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// write takes input and appends to out the output that it completes.
func (r *resampler) write(out []int16, in []float32) []int16 {
	if r.from == r.to {
		for _, s := range in {
			out = append(out, round(float64(s)))
		}
		return out
	}
	r.held = append(r.held, in...)
	for {
		num := r.next * int64(r.from)
		at := int(num/int64(r.to) - r.first) // in held, at or before the output sample
		if at+r.half >= len(r.held) {
			r.drop(at - r.half)
			return out
		}
		out = append(out, round(r.sample(at, int(num%int64(r.to)))))
		r.next++
	}
}

// drop forgets the first n held samples.
func (r *resampler) drop(n int) {
	if n <= 0 {
		return
	}
	r.held = r.held[:copy(r.held, r.held[n:])]
	r.first += int64(n)
}

// flush appends the output at the end of the input, as if silence followed.
func (r *resampler) flush(out []int16) []int16 {
	if r.from == r.to {
		return out
	}
	read := r.first + int64(len(r.held))
	out = r.write(out, make([]float32, r.half+1))
	// The last output sample is the last within the input.
	extra := r.next - (read*int64(r.to)+int64(r.from)-1)/int64(r.from)
	return out[:len(out)-int(max(0, extra))]
}

// sample is the signal at held[at] and phase/to of a sample later, low-passed
// to the lower of the rates.
func (r *resampler) sample(at, phase int) float64 {
	row := r.row(phase)
	in := r.held[at-r.half+1:][:len(row)]
	var sum float32
	for i, w := range row {
		sum += in[i] * w
	}
	return float64(sum)
}

// row is the filter for a phase, over the input from half-1 samples before to
// half samples after.
func (r *resampler) row(phase int) []float32 {
	if r.rows == nil {
		return r.fill(r.scratch, phase)
	}
	if r.rows[phase] == nil {
		r.rows[phase] = r.fill(make([]float32, 2*r.half), phase)
	}
	return r.rows[phase]
}

func (r *resampler) fill(row []float32, phase int) []float32 {
	scale := min(1, float64(r.to)/float64(r.from)) // zero crossings per input sample
	frac := float64(phase) / float64(r.to)
	for i := range row {
		x := math.Abs(float64(i-r.half+1)-frac) * scale * perZero
		row[i] = 0
		if x < zeros*perZero {
			row[i] = float32(tap(x) * scale)
		}
	}
	return row
}

// tap is the filter at x, in table entries from its middle.
func tap(x float64) float64 {
	i := int(x)
	k := kernel()
	a, b := float64(k[i]), float64(k[i+1])
	return a + (x-float64(i))*(b-a)
}

// Resample converts samples from one rate to another, both in Hz, and removes
// the frequencies that the lower one cannot carry.
func Resample(samples []int16, from, to int) []int16 {
	if from <= 0 || to <= 0 {
		return nil
	}
	r := newResampler(from, to)
	return r.flush(r.write(nil, floats(make([]float32, 0, len(samples)), samples)))
}
