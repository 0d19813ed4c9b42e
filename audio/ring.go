package audio

import (
	"math/bits"
	"sync/atomic"
)

// A ring holds samples on their way between an audio thread and the program:
// one goroutine or thread writes, one reads, and neither ever waits.
type ring struct {
	samples []int16
	written atomic.Uint64 // samples ever written
	read    atomic.Uint64 // samples ever read
}

// newRing holds about a second: longer than any pause of the program that a call
// survives. Its length is a power of two.
func newRing(rate int) *ring { return &ring{samples: make([]int16, 1<<bits.Len(uint(rate)))} }

// level returns how many samples are in the ring.
func (r *ring) level() int { return int(r.written.Load() - r.read.Load()) }

// put writes as many samples as fit, and returns how many.
func (r *ring) put(s []int16) int {
	at := r.written.Load()
	s = s[:min(len(s), len(r.samples)-int(at-r.read.Load()))]
	from := int(at % uint64(len(r.samples)))
	n := copy(r.samples[from:], s)
	copy(r.samples, s[n:])
	r.written.Store(at + uint64(len(s)))
	return len(s)
}

// take moves samples to out, and returns how many.
func (r *ring) take(out []int16) int {
	at := r.read.Load()
	out = out[:min(len(out), int(r.written.Load()-at))]
	from := int(at % uint64(len(r.samples)))
	n := copy(out, r.samples[from:])
	copy(out[n:], r.samples)
	r.read.Store(at + uint64(len(out)))
	return len(out)
}
