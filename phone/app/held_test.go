package app_test

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestRecordingOfHold holds a call: the recordings are as long as the call, whether it is
// taken up again or ends on hold.
func TestRecordingOfHold(t *testing.T) {
	for _, resumes := range []bool{true, false} {
		var heard, said length
		d := newDeskThat(t, app.Sound{
			Mic: func(rate int) pcm.Source { return pcm.Tone(rate, 440, -10) }, Speaker: &heard, Sent: &said,
		}, func(plain system.Machine) system.Machine { return plain })
		hold := func(on bool) {
			d.do(func(now time.Time) ([]system.Effect, error) { return d.app.Hold(now, 0, on) })
		}
		d.call("echo")
		d.run(3 * time.Second)
		before := heard.duration()
		hold(true)
		d.run(4 * time.Second)
		if resumes {
			hold(false)
			d.run(2 * time.Second)
		}
		d.do(func(now time.Time) ([]system.Effect, error) { return d.app.Hangup(now, 0) })
		d.run(time.Second)
		want := 4 * time.Second
		if resumes {
			want += 2 * time.Second
		}
		for what, kept := range map[string]length{"is heard": heard, "is said": said} {
			if got := kept.duration() - before; (got - want).Abs() > 60*time.Millisecond {
				t.Errorf("resumed %t: the recording of what %s has %s more, want %s", resumes, what, got, want)
			}
		}
	}
}
