package app

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestRecordingsHaveTheHold: a recording of a call that was on hold is as long as the call,
// whether the hold ends or the call does, up to a limit that is said; with a sound card, too.
func TestRecordingsHaveTheHold(t *testing.T) {
	for hold, want := range map[time.Duration]time.Duration{
		10 * time.Millisecond: 0, 4 * time.Second: 4 * time.Second, longestGap + time.Hour: longestGap,
	} {
		for _, card := range []bool{false, true} {
			for _, ends := range []bool{false, true} {
				heard, sent := new(tape), new(tape)
				v := newVoice(pcm.Tone(pcm.Rate, 440, -10))
				b := newBooth(Sound{Speaker: heard, Sent: sent, SpeakerCard: card}, v)
				for range 10 {
					b.after(frameTime)
				}
				before := len(sent.samples)
				hears := len(heard.samples)
				v.held = true
				b.tune(b.now, audible{rests: true})
				b.after(hold / 2)
				b.tune(b.now, audible{rests: true, ringtone: true})
				b.after(hold / 2)
				v.held = ends
				b.tune(b.now, audible{talk: !ends, rate: pcm.Rate})
				if cut := len(logged[event.Error](b.box.take())); cut != 0 != (hold > longestGap) {
					t.Errorf("%s: %d errors", hold, cut)
				}
				for _, got := range []int{len(sent.samples) - before, len(heard.samples) - hears} {
					if d := time.Duration(got) * time.Second / pcm.Rate; d != want {
						t.Errorf("hold %s, card %t, the call ends %t: a recording has %s of it", hold, card, ends, d)
					}
				}
			}
		}
	}
}

// TestNextCallHasNoHold: the time between two calls is in no recording, nor that before a
// call is heard.
func TestNextCallHasNoHold(t *testing.T) {
	heard := new(tape)
	b := newBooth(Sound{Speaker: heard}, newVoice(nil))
	b.after(frameTime)
	for _, unheard := range []bool{false, true} {
		b.tune(b.now, audible{})
		b.tune(b.now, audible{rests: unheard})
		b.after(time.Minute)
		b.tune(b.now, audible{talk: true})
	}
	if len(heard.samples) != pcm.FrameSamples {
		t.Errorf("%d samples", len(heard.samples))
	}
}
