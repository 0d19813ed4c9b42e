package bench

import (
	"math"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// Chirps are what latency and distortion are measured by: sweeps through the band of a
// telephone, each of which fits itself at one place alone. From one to the next is more time
// than any latency that is of use in a conversation.
const (
	chirps      = 18
	chirpEvery  = time.Second / 2
	chirpLength = time.Second / 5
	chirpFrom   = 400.0  // Hz
	chirpTo     = 3200.0 // Hz
	chirpLevel  = 12000  // of 32767
	// heardFrom is the similarity from which on a chirp counts as heard. What is none scores
	// below 0.2.
	heardFrom = 0.5
)

// newChirp is one chirp at a rate, faded in and out over a tenth of it, which begins a part of a
// sample late.
func newChirp(rate int, late float64) []int16 {
	samples := make([]int16, pcm.Samples(chirpLength, rate))
	length := chirpLength.Seconds()
	for i := range samples {
		t := max(0, (float64(i)-late)/float64(rate))
		phase := 2 * math.Pi * (chirpFrom*t + (chirpTo-chirpFrom)/(2*length)*t*t)
		edge := min(1, 10*min(t, length-t)/length)
		samples[i] = int16(chirpLevel * edge * math.Sin(phase))
	}
	return samples
}

// chirpSamples are so much silence, and the chirps.
func chirpSamples(rate int, before time.Duration) []int16 {
	samples := make([]int16, pcm.Samples(before+chirps*chirpEvery, rate))
	for n := range time.Duration(chirps) {
		copy(samples[pcm.Samples(before+n*chirpEvery, rate):], newChirp(rate, 0))
	}
	return samples
}

// A find is where in a recording a chirp fits best, in samples, and how well.
type find struct {
	at    float64
	alike float64 // the correlation coefficient: 1 if it is undistorted
}

// parts are of a sample: between two of them, a chirp that nothing has distorted is alike by
// 0.99 and more.
const parts = 8

// findChirp finds the chirp that begins at from or up to n samples later.
func findChirp(heard []int16, from, n int) (best find) {
	best = bestFit(newChirp(pcm.Rate, 0), heard, from, n)
	if best.alike == 0 {
		return best
	}
	for part := range parts {
		late := float64(part) / parts
		fit := bestFit(newChirp(pcm.Rate, late), heard, int(best.at)-1, 3)
		if fit.at += late; fit.alike > best.alike {
			best = fit
		}
	}
	return best
}

// bestFit is where one fits best, at from or up to n samples later.
func bestFit(one, heard []int16, from, n int) (best find) {
	from = max(0, from)
	n = min(n, len(heard)-len(one)-from)
	if n <= 0 {
		return best
	}
	own, there := inner(one, one), inner(heard[from:from+len(one)], heard[from:])
	for at := from; at < from+n; at++ {
		if there > 0 {
			if alike := inner(one, heard[at:]) / math.Sqrt(own*there); alike > best.alike {
				best = find{float64(at), alike}
			}
		}
		gone, come := float64(heard[at]), float64(heard[at+len(one)])
		there += come*come - gone*gone
	}
	return best
}

// inner is the inner product of a and as many samples of b.
func inner(a, b []int16) (sum float64) {
	b = b[:len(a)]
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// A track is a recording at [pcm.Rate], and when it began.
type track struct {
	began   time.Duration
	samples []int16
}

// index is the sample at a time.
func (t track) index(at time.Duration) int { return int(pcm.Samples(at-t.began, pcm.Rate)) }

// time is when a sample is.
func (t track) time(index float64) time.Duration {
	return t.began + time.Duration(index*float64(time.Second)/pcm.Rate)
}

// A passage is what has become of the chirps on their way.
type passage struct {
	took  []time.Duration // those that were heard
	alike []float64       // all
}

// pass finds the chirps that were said at those times.
func (t track) pass(said []time.Duration) (p passage) {
	for _, at := range said {
		found := findChirp(t.samples, t.index(at), int(pcm.Samples(chirpEvery, pcm.Rate)))
		p.alike = append(p.alike, found.alike)
		if found.alike >= heardFrom {
			p.took = append(p.took, t.time(found.at)-at)
		}
	}
	return p
}

// lost is how many chirps were not heard.
func (p passage) lost() int { return len(p.alike) - len(p.took) }

// distorted is how many were heard otherwise than they were said: one torn chirp and a channel
// that is bad throughout have the same mean.
func (p passage) distorted() (n int) {
	for _, a := range p.alike {
		if a >= heardFrom && a < saidFrom {
			n++
		}
	}
	return n
}

// similarity is how much alike the chirps are on average, the lost ones too.
func (p passage) similarity() (mean float64) {
	for _, a := range p.alike {
		mean += a / float64(len(p.alike))
	}
	return mean
}

// latency is the median of those that were heard.
func (p passage) latency() time.Duration {
	if len(p.took) == 0 {
		return 0
	}
	return rank(p.took, 0.5)
}
