package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// TestChirps: chirps that come late are found where they are, and how much they are distorted
// is said; one that does not come is lost.
func TestChirps(t *testing.T) {
	const late, began = 171, 250 * time.Millisecond
	heard := append(make([]int16, late), chirpSamples(pcm.Rate, time.Second)...)
	place := func(n int) []int16 {
		return heard[late+int(pcm.Samples(time.Second+time.Duration(n)*chirpEvery, pcm.Rate)):][:pcm.Samples(chirpLength, pcm.Rate)]
	}
	clear(place(3))
	clear(place(5)[:400])
	copy(place(7)[800:], slices.Clone(place(7)[760:1560])) // 5 ms are repeated
	said := make([]time.Duration, chirps)
	for n := range said {
		said[n] = began + time.Second + time.Duration(n)*chirpEvery
	}
	p := track{began: began, samples: heard}.pass(said)
	if p.lost() != 1 || len(p.took) != chirps-1 {
		t.Errorf("%d are lost, and %d heard", p.lost(), len(p.took))
	}
	if got, want := p.latency(), late*time.Second/pcm.Rate; got != want {
		t.Errorf("they are late by %s, want %s", got, want)
	}
	for n, alike := range p.alike {
		least, most := 0.999, 1.001
		switch n {
		case 3:
			least, most = 0, 0.2
		case 5:
			least, most = 0.8, 0.95 // a quarter is missing, faded in
		case 7:
			least, most = 0.5, 0.95
		}
		if alike < least || alike > most {
			t.Errorf("chirp %d is alike by %.3f, want %g to %g", n, alike, least, most)
		}
	}
	if got := p.distorted(); got != 2 {
		t.Errorf("%d are distorted, and two are", got)
	}
	if got := p.similarity(); got < 0.9 || got > 0.96 {
		t.Errorf("on average they are alike by %.3f", got)
	}
	if none := (track{}).pass(said); none.lost() != chirps || none.distorted() != 0 || none.latency() != 0 || none.similarity() != 0 {
		t.Errorf("of no recording: %+v", none)
	}
}

// TestChirpBetweenSamples: a chirp that begins in the middle of a sample is as much alike.
func TestChirpBetweenSamples(t *testing.T) {
	heard := append(make([]int16, 1000), newChirp(pcm.Rate, 0.5)...)
	if got := findChirp(append(heard, make([]int16, 1000)...), 0, 2000); got.alike < 0.999 || got.at != 1000.5 {
		t.Errorf("at %g, alike by %.3f", got.at, got.alike)
	}
}
