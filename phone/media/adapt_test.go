package media

import (
	"testing"
	"time"
)

// TestAdaptRate measures the number that RTCP XR has of the jitter buffer (RFC 3611 §4.7.6):
// after a step of jitter from 30 to 100 ms it has adjusted fully within so many times the
// length of two packets.
func TestAdaptRate(t *testing.T) {
	least := 0
	for seed := range uint64(8) {
		p := newPair(seed)
		p.a.out.jitter = 30 * time.Millisecond
		p.run(10 * time.Second)
		p.a.out.jitter = 100 * time.Millisecond
		b, stepped, short := &p.b.in.buffer, p.now, p.now
		for p.now.Sub(stepped) < 3*time.Second {
			p.run(time.Millisecond)
			if b.transit.target()-int64(b.delay) > int64(b.of(slack)) {
				short = p.now
			}
		}
		each := 2 * p.b.n.PTime
		least = max(least, int((short.Sub(stepped)+each-1)/each))
	}
	if got := min(least, 15); got != adaptRate { // four bits
		t.Errorf("the rate is %d, and we report %d", got, adaptRate)
	}
}
