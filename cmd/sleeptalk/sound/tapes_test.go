package sound

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// TestTapeIsBounded fills a tape: it keeps the beginning, and says so.
func TestTapeIsBounded(t *testing.T) {
	var tape Tape
	for range maxTape*50 + 10 {
		if err := tape.Write(pcm.Rate, make([]int16, pcm.FrameSamples)); err != nil {
			t.Fatal(err)
		}
	}
	if tape.Rate() != pcm.Rate {
		t.Errorf("it has %d Hz", tape.Rate())
	}
	sound, cut := tape.taken()
	if sound.Length() != maxTape*time.Second {
		t.Errorf("it lasts %s, want %d s", sound.Length(), maxTape)
	}
	if want := "; cut: there was no room for the last 1 s"; cut != want {
		t.Errorf("it says %q, want %q", cut, want)
	}
}
