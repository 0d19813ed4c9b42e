package play

import "fmt"

// The causes for which nothing is heard, or the wrong thing.

// ears are what the phone and the first of the others have received.
func (ev *evidence) ears() (ours, theirs earful, who string, ok bool) {
	others := ev.listeners()
	if !ev.aboutAudio() || len(others) == 0 {
		return ours, theirs, "", false
	}
	return ev.audio(ev.phone), ev.audio(others[0]), others[0], true
}

func audioLost(ev *evidence) string {
	ours, theirs, who, ok := ev.ears()
	if !ok || ours.rtp.Received > 0 || theirs.rtp.Received > 0 {
		return ""
	}
	return fmt.Sprintf("no audio gets through: neither we nor %s received a packet", who)
}

func audioOneWay(ev *evidence) string {
	ours, theirs, who, ok := ev.ears()
	switch {
	case !ok || (ours.rtp.Received > 0) == (theirs.rtp.Received > 0):
		return ""
	case ours.rtp.Received > 0:
		return fmt.Sprintf("one-way audio: we hear %s, and none of our packets reach %s", who, who)
	}
	return fmt.Sprintf("one-way audio: %s hears us, and none of its packets reach us", who)
}

func soundIsOther(ev *evidence) string {
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

func soundIsSilence(ev *evidence) string {
	if !ev.aboutAudio() {
		return ""
	}
	if a := ev.audio(ev.actor); a.rtp.Received > 0 {
		return fmt.Sprintf("%s received %d packets and heard nothing in them", ev.actor, a.rtp.Received)
	}
	return ""
}
