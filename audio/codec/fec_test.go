package codec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestOpusFECAtEveryRate: at whatever rate Opus is spoken, and however long its packets are,
// what was said is said once more when losses are expected, if the peer asks for it.
func TestOpusFECAtEveryRate(t *testing.T) {
	if err := Opus.Missing(); err != nil {
		return
	}
	for _, rate := range Opus.Rates() {
		voice := syllables(rate)
		for _, length := range []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond} {
			for _, percent := range []int{1, 20} {
				c := Opus.At(rate).Under(Terms{FEC: true})
				e := c.NewEncoder()
				e.(Wary).Expect(percent)
				all, n := 0, 0
				for frame := range slices.Chunk(voice, int(length*time.Duration(rate)/time.Second)) {
					all++
					if holds, ok := c.Contents(e.Encode(nil, frame)); ok && holds.Recovers > 0 {
						n++
					}
				}
				if n < all/4 {
					t.Errorf("%d Hz, packets of %s, at %d %% of loss %d of %d recover another", rate, length, percent, n, all)
				}
			}
		}
	}
}

// syllables are a second of a buzz that swells and fades, as a voice does.
func syllables(rate int) []int16 {
	rng := rand.New(rand.NewPCG(1, 2))
	samples := make([]int16, rate)
	for i := range samples {
		t := float64(i) / float64(rate)
		buzz := math.Sin(2*math.Pi*137*t) * rng.Float64()
		samples[i] = int16(10000 * buzz * (1 + math.Sin(2*math.Pi*4*t)) / 2)
	}
	return samples
}
