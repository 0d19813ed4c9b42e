package picture

import (
	"fmt"
	"strings"
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

// A Cut is why audio does not get through in a call, as far as the numbers tell.
type Cut struct {
	Rule  event.Rule // that explains it
	Words string     // with the numbers of the case; "": it gets through
}

// Why says what the numbers of a call tell of audio that does not get through; who is at the
// other end, and far what that has counted itself, if its log is here. The call's panel and a
// finding both say it.
func (w OneWay) Why(s event.Sound, far *event.RTP, who string, now time.Duration) Cut {
	if c := w.ours(s); c.Words != "" || !w.Dead() {
		return c
	}
	if far != nil {
		return Deaf(&s.RTP, far, who, w.In > 0, w.Out > 0 || far.Received == 0 || far.DeadIn > 0)
	}
	return w.reported(s, who, now)
}

// ours is what is told without the far end: what came was not to be played, or this side does not
// send.
func (w OneWay) ours(s event.Sound) Cut {
	r, before := &s.RTP, s.Before()
	switch {
	case w.Asleep:
		return Cut{event.RuleAudioAsleep, "the app is suspended in the call, for " + event.Round(w.Longest()) + ": it sends nothing, and plays nothing of what comes"}
	case w.In > 0 && r.Unopened > before.Unopened:
		return Cut{event.RuleSRTPAuthFailed, fmt.Sprintf("what comes is not protected as agreed: %d packets could not be opened", r.Unopened)}
	case w.In > 0 && r.Foreign > before.Foreign:
		return Cut{event.RuleNoAudioIn, fmt.Sprintf("what comes is no audio of this call: %d packets", r.Foreign)}
	case w.In > 0 && r.Refused > before.Refused:
		return Cut{event.RuleMediaRefused, fmt.Sprintf("what comes is from an address that is not agreed: %d packets were refused", r.Refused)}
	case w.In == 0 && w.Out > 0 && s.Refuses():
		return Cut{event.RuleSendRefused, fmt.Sprintf("this computer refuses to send our audio: %d packets", r.Unsent)}
	}
	return Cut{}
}

// reported is what the reports of the far end tell, or that there are none.
func (w OneWay) reported(s event.Sound, who string, now time.Duration) Cut {
	r := &s.RTP
	age := r.FarAge.D() + max(0, now-s.CountedAt())
	reports := FarReports(s, now)
	since := reports && age < w.In // a report from before tells nothing of it
	came, sent := fmt.Sprintf("%d packets had come", r.Received), fmt.Sprintf("we have sent %d packets", r.Sent)
	switch {
	case w.In > 0 && w.Out > 0 && since:
		return Cut{event.RuleNoAudio, "RTP is lost both ways, RTCP comes: " + came + ", and " + sent}
	case w.In > 0 && w.Out > 0:
		return Cut{event.RuleNoAudio, "nothing comes, RTP or RTCP, and nothing of ours arrives: " + came + ", and " + sent}
	case w.In > 0 && since && r.FarSent > r.Received:
		return Cut{event.RuleNoAudioIn, fmt.Sprintf("%s's audio is lost on its way to us: it reports %d packets sent, and %d came", who, r.FarSent, r.Received)}
	case w.In > 0 && since:
		return Cut{event.RuleNoAudioIn, fmt.Sprintf("%s reports that no more is sent, after %d packets: it is silent at the other end", who, r.FarSent)}
	case w.In > 0 && reports:
		return Cut{event.RuleNoAudioIn, "nothing comes, after " + strings.TrimSuffix(came, " had come") + "; the next report of " + who + " will tell whether it is sent"}
	case w.In > 0:
		return Cut{event.RuleNoAudioIn, "neither RTP nor RTCP comes, " + came + ": a NAT, a firewall, or a far end that is gone"}
	case reports:
		return Cut{event.RuleNoAudioOut, fmt.Sprintf("our audio is lost on its way to %s, whose report of %s ago has none of it; the next will tell: %s", who, event.Round(age), sent)}
	}
	return Cut{event.RuleNoAudioOut, "our audio was lost on its way to " + who + ", who reports nothing any more: " + sent}
}

// Deaf says how far audio gets that does not get through, or not to one end, where both have
// counted: in and out are the directions that are dead.
func Deaf(ours, far *event.RTP, who string, in, out bool) Cut {
	theirs := fmt.Sprintf("%s has sent %d packets, and %d have come", who, far.Sent, ours.Received)
	mine := fmt.Sprintf("we have sent %d packets, and %d have arrived", ours.Sent, far.Received)
	switch {
	case in && out:
		return Cut{event.RuleNoAudio, "no audio gets through: " + theirs + "; " + mine}
	case in && far.Sent == 0:
		return Cut{event.RuleNoAudioIn, who + " hears us, and sends nothing: it has sent 0 packets"}
	case in:
		return Cut{event.RuleOneWayAudio, "one-way audio: " + who + " hears us, and none of its packets reach us: " + theirs}
	case out:
		return Cut{event.RuleOneWayAudio, "one-way audio: we hear " + who + ", and none of our packets reach " + who + ": " + mine}
	}
	return Cut{}
}
