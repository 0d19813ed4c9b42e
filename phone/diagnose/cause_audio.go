package diagnose

import (
	"fmt"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// The causes for which nothing is heard, or the wrong thing.

// cutAudio fits where audio does not get through, for the reason that the rule explains.
func cutAudio(rule event.Rule) func(*Evidence) string {
	return func(ev *Evidence) string {
		if !ev.aboutAudio() {
			return ""
		}
		if cut := ev.cut(ev.lastCall()); cut.Rule == rule {
			return cut.Words
		}
		return ""
	}
}

// cut is why audio does not get through in a call. If its own numbers do not say that it is
// dead, then both ends' together may: nothing has come at all.
func (ev *Evidence) cut(c *event.CallRow) picture.Cut {
	if c == nil {
		return picture.Cut{}
	}
	now, sound, far := ev.fold.Device, ev.fold.SoundOf(c.ID), ev.far.Of(c.CallID, ev.last)
	if cut := picture.OneWayOf(ev.fold, c, now).Why(sound, far, c.Who(), now); cut.Words != "" {
		return cut
	}
	if far == nil || !sound.Counted {
		return picture.Cut{}
	}
	return picture.Deaf(&sound.RTP, far, c.Who(), sound.RTP.Received == 0, far.Received == 0)
}

// lastCall is the call that matters most, or the one that ended last.
func (ev *Evidence) lastCall() *event.CallRow {
	if c := ev.fold.Call(); c != nil {
		return c
	}
	if n := len(ev.fold.Recent); n > 0 {
		return &ev.fold.Recent[n-1]
	}
	return nil
}

// callOf is a call by its number; nil: it is not known any more.
func (ev *Evidence) callOf(id int) *event.CallRow {
	for _, list := range [][]event.CallRow{ev.fold.Calls, ev.fold.Recent} {
		if i := slices.IndexFunc(list, func(c event.CallRow) bool { return c.ID == id }); i >= 0 {
			return &list[i]
		}
	}
	return nil
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
