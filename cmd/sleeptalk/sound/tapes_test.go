package sound

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// TestTapeIsBounded fills a tape: it keeps the beginning, and says so.
func TestTapeIsBounded(t *testing.T) {
	var tape Tape
	for range maxTape/pcm.FrameSamples + 10 {
		if err := tape.Write(make([]int16, pcm.FrameSamples)); err != nil {
			t.Fatal(err)
		}
	}
	samples, cut := tape.taken()
	if len(samples) != maxTape {
		t.Errorf("%d samples, want %d", len(samples), maxTape)
	}
	if want := "; cut: there was no room for the last 1 s"; cut != want {
		t.Errorf("it says %q, want %q", cut, want)
	}
}
