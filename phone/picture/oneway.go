package picture

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A OneWay is for how long nothing has got through, in a direction of a call in which
// something has to; 0: it does, or nobody can say. Asleep says why: the app is suspended.
type OneWay struct {
	In, Out time.Duration
	Asleep  bool
}

// OneWayOf is that of a call at a moment of device time, as its numbers say that are some
// moments old.
func OneWayOf(f *event.Fold, c *event.CallRow, now time.Duration) (w OneWay) {
	sound := f.SoundOf(c.ID)
	if !c.Connected() || c.Held || c.HeldByPeer || !sound.Counted {
		return w
	}
	if f.Life.State == event.Suspended { // and counts nothing any more
		silent := now - f.Life.Since
		return OneWay{In: silent, Out: silent, Asleep: true}
	}
	since := max(0, now-sound.CountedAt())
	if d := sound.RTP.DeadIn.D(); d > 0 {
		w.In = d + since
	}
	if d := sound.RTP.DeadOut.D(); d > 0 {
		w.Out = d
		if sound.Refuses() { // what a report says is as old as that
			w.Out += since
		}
	}
	return w
}

// Dead reports whether nothing gets through in some direction.
func (w OneWay) Dead() bool { return w.Asleep || w.In > 0 || w.Out > 0 }

// Longest is for how long.
func (w OneWay) Longest() time.Duration { return max(w.In, w.Out) }

// Tag names it in a word or two.
func (w OneWay) Tag() string {
	switch {
	case w.Asleep, w.In > 0 && w.Out > 0:
		return "NO AUDIO"
	case w.Dead():
		return "ONE-WAY"
	}
	return ""
}

// farFresh is how old a report of the far end may be to count (phone/media has the same, with
// its source).
const farFresh = 15 * time.Second

// FarReports reports whether the far end reports by RTCP, and has lately.
func FarReports(s event.Sound, now time.Duration) bool {
	r := &s.RTP
	return (r.FarOf > 0 || r.FarSent > 0) && r.FarAge.D()+max(0, now-s.CountedAt()) < farFresh
}

// Why says what the numbers of a call tell of audio that does not get through; who is at the
// other end.
func (w OneWay) Why(s event.Sound, who string, now time.Duration) string {
	r, before := &s.RTP, s.Before()
	age := r.FarAge.D() + max(0, now-s.CountedAt())
	reports := FarReports(s, now)
	since := reports && age < w.In // a report from before tells nothing of it
	switch {
	case w.Asleep:
		return "the app is suspended: it sends nothing, and plays nothing of what comes"
	case w.In > 0 && r.Unopened > before.Unopened:
		return fmt.Sprintf("what comes is not protected as agreed: %d packets could not be opened", r.Unopened)
	case w.In > 0 && r.Foreign > before.Foreign:
		return fmt.Sprintf("what comes is no audio of this call: %d packets", r.Foreign)
	case w.In > 0 && r.Refused > before.Refused:
		return fmt.Sprintf("what comes is from an address that is not agreed: %d packets were refused", r.Refused)
	case w.In > 0 && w.Out > 0 && since:
		return "RTP is lost both ways: RTCP comes"
	case w.In > 0 && w.Out > 0:
		return "nothing comes, RTP or RTCP, and nothing of ours arrives"
	case w.In > 0 && since && r.FarSent > r.Received:
		return who + "'s audio is lost on its way to us: RTCP comes, RTP does not"
	case w.In > 0 && since:
		return who + " reports that no more is sent: it is silent at the other end"
	case w.In > 0 && reports:
		return "nothing comes; the next report of " + who + " will tell whether it is sent"
	case w.In > 0:
		return "neither RTP nor RTCP comes: a NAT, a firewall, or a far end that is gone"
	case w.Out > 0 && s.Refuses():
		return "this computer refuses to send our audio"
	case w.Out > 0 && reports:
		return fmt.Sprintf("our audio is lost on its way to %s, whose report of %s ago has none of it; the next will tell", who, event.Round(age))
	case w.Out > 0:
		return "our audio was lost on its way to " + who + ", who reports nothing any more"
	}
	return ""
}
