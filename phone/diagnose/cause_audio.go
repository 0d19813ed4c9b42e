package diagnose

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The causes for which nothing is heard, or the wrong thing.

// ears are what the phone and the first of the others have received.
func (ev *Evidence) ears() (ours, theirs earful, who string, ok bool) {
	if !ev.aboutAudio() {
		return ours, theirs, "", false
	}
	others := ev.listeners()
	if len(others) == 0 {
		return ours, theirs, "", false
	}
	return ev.audio(ev.phone), ev.audio(others[0]), others[0], true
}

// audioAsleep fits where the app was suspended in the call: nothing that it had
// kept it running.
func audioAsleep(ev *Evidence) string {
	l, c := ev.fold.Life, ev.fold.Call()
	if !ev.aboutAudio() || l.State != event.Suspended || c == nil || !c.Connected() {
		return ""
	}
	return fmt.Sprintf("the app was suspended at %s, in the call with %s: no audio session kept it running", ev.stamp(l.Since), c.Who())
}

func audioLost(ev *Evidence) string {
	ours, theirs, who, ok := ev.ears()
	if !ok || ours.rtp.Received > 0 || theirs.rtp.Received > 0 {
		return ""
	}
	return fmt.Sprintf("no audio gets through: neither we nor %s received a packet", who)
}

func audioOneWay(ev *Evidence) string {
	ours, theirs, who, ok := ev.ears()
	switch {
	case !ok || (ours.rtp.Received > 0) == (theirs.rtp.Received > 0):
		return ""
	case ours.rtp.Received > 0:
		return fmt.Sprintf("one-way audio: we hear %s, and none of our packets reach %s", who, who)
	}
	return fmt.Sprintf("one-way audio: %s hears us, and none of its packets reach us", who)
}

// audioSaid fits where the phone alone has told that a direction is dead.
func audioSaid(rule event.Rule) func(*Evidence) string {
	return func(ev *Evidence) string {
		if !ev.aboutAudio() {
			return ""
		}
		return ev.warned(func(r event.Rule) bool { return r == rule }).Note
	}
}

func soundIsOther(ev *Evidence) string {
	if !ev.aboutAudio() {
		return ""
	}
	a := ev.audio(ev.actor)
	if a.heard == nil || a.heard.What == "silence" || a.rtp.Received == 0 {
		return ""
	}
	what, _ := a.heard.Text()
	return fmt.Sprintf("%s %s instead", ev.actor, what)
}

func soundIsSilence(ev *Evidence) string {
	if !ev.aboutAudio() {
		return ""
	}
	if a := ev.audio(ev.actor); a.rtp.Received > 0 {
		return fmt.Sprintf("%s received %d packets and heard nothing in them", ev.actor, a.rtp.Received)
	}
	return ""
}
