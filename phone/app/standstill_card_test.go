package app

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// TestRecordingsHaveTheStandstill: with a sound card, too, what is recorded of a call in which
// this process stood still is as long as the call, and silence in the gap, whatever the card
// asks for and gives at once when it goes on.
func TestRecordingsHaveTheStandstill(t *testing.T) {
	for _, gap := range []time.Duration{240 * time.Millisecond, time.Second, 20 * time.Second} {
		for _, asked := range []time.Duration{0, frameTime, 100 * time.Millisecond, time.Second} {
			for _, mic := range []bool{false, true} {
				heard, sent := new(tape), new(tape)
				b := newBooth(Sound{Speaker: heard, Sent: sent, SpeakerCard: true, MicCard: mic}, newVoice(pcm.Tone(pcm.Rate, 440, -10)))
				b.t = t
				card := func(d time.Duration) { // moves that much at once
					for range d / frameTime {
						b.gives()
					}
					b.playout(b.now, int(pcm.Samples(d, pcm.Rate)), b.voices)
				}
				for range 50 {
					b.after(frameTime)
					card(frameTime)
				}
				began := len(heard.samples)
				b.after(gap)
				card(asked)
				silent := heard.samples[began:]
				if d := time.Duration(len(silent)) * time.Second / pcm.Rate; (d-gap).Abs() > frameTime || pcm.Level(silent) > pcm.Floor {
					t.Errorf("gap %s, %s at once: what is heard has %s of it, at %.0f dB", gap, asked, d, pcm.Level(silent))
				}
				for range 50 {
					b.after(frameTime)
					card(frameTime)
				}
				total := b.now.Sub(start)
				for what, kept := range map[string]*tape{"is heard": heard, "is said": sent} {
					if d := time.Duration(len(kept.samples)) * time.Second / pcm.Rate; (d - total).Abs() > 100*time.Millisecond {
						t.Errorf("gap %s, %s at once, microphone of the card %t: the recording of what %s has %s of %s", gap, asked, mic, what, d, total)
					}
				}
			}
		}
	}
}
