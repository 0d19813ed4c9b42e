package device

import (
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// screenCall is a call that a process has reported to the system's call
// screen. While it rings there is a card for it, too.
type screenCall struct {
	id       int
	answered bool
	active   bool // the system has activated its audio session
}

// screenCall finds a reported call; nil if there is none of that name.
func (d *Device) screenCall(id int) *screenCall {
	for i := range d.calls {
		if d.calls[i].id == id {
			return &d.calls[i]
		}
	}
	return nil
}

// inCall reports whether the app has an active call.
func (d *Device) inCall() bool { return d.audio || slices.ContainsFunc(d.calls, isAnswered) }

func isAnswered(c screenCall) bool { return c.answered }

// putOnScreen puts an incoming call on the system's call screen, or a better
// name to one that is there. One that the system refuses has been reported,
// too.
func (d *Device) putOnScreen(now time.Time, c system.ReportCall) {
	d.dutyDone()
	shown := card{id: c.ID, title: c.Name, body: c.Peer, screen: true}
	if why := d.refusal(c); why != nil {
		shown.body += ": " + why.Error()
		d.logCard("refused", shown)
		d.tell(system.CallReported{ID: c.ID, Err: why})
		return
	}
	shown.shown, shown.until = true, now.Add(d.profile.CallScreenTime)
	if d.screenCall(c.ID) == nil {
		d.calls = append(d.calls, screenCall{id: c.ID})
		d.post(now, "posted", shown, 0)
		d.lend(now, d.profile.RingWindow, "a call rings")
	} else if i := d.cardIndex(c.ID, true); i >= 0 {
		d.cards[i].title, d.cards[i].body = c.Name, c.Peer
		d.logCard("updated", d.cards[i])
	}
	d.tell(system.CallReported{ID: c.ID})
}

// refusal is why the system does not show a call
// (CXErrorCodeIncomingCallError), or nil.
func (d *Device) refusal(c system.ReportCall) error {
	_, user, _ := strings.Cut(c.Peer, ":")
	user, _, _ = strings.Cut(user, "@")
	switch {
	case !d.profile.CallScreen:
		return ErrNoCallScreen
	case d.quiet:
		return ErrDoNotDisturb
	case slices.Contains(d.barred, c.Peer) || slices.Contains(d.barred, user):
		return ErrBlockedCaller
	}
	return nil
}

// bar has the system refuse calls from somebody, or no longer.
func (d *Device) bar(b BlockCaller) {
	d.barred = slices.DeleteFunc(d.barred, func(who string) bool { return who == b.Who })
	if b.On {
		d.barred = append(d.barred, b.Who)
	}
}

// tapScreen is the user's choice on the call screen. To answer or decline
// there does not open the app; its button does, and the call rings on.
func (d *Device) tapScreen(now time.Time, i int, action system.Action) {
	c := d.cards[i]
	if action == system.Open {
		d.open(now, event.ByNotification, "opened from the call screen")
		d.tell(system.Tapped{ID: c.id, Action: action})
		return
	}
	d.cards = slices.Delete(d.cards, i, i+1)
	d.armCards()
	d.logTap(c, action)
	if d.state == event.Suspended {
		d.wakeUncounted(now, event.ByNotification, d.profile.PushWindow)
	} else {
		d.lend(now, d.profile.PushWindow, "the user has chosen on the call screen")
	}
	if action == system.Answer {
		d.answered(now, d.screenCall(c.id))
	}
	d.tell(system.Tapped{ID: c.id, Action: action})
}

// answered begins the audio of a call, in a moment.
func (d *Device) answered(now time.Time, c *screenCall) {
	c.answered = true
	d.timers[activateTimer] = now.Add(d.profile.AudioActivation)
}

// answerOnScreen is the app answering a call that rings on the call screen.
func (d *Device) answerOnScreen(now time.Time, id int) {
	c := d.screenCall(id)
	if c == nil || c.answered {
		return
	}
	if i := d.cardIndex(id, true); i >= 0 {
		d.takeDown(i, false)
	}
	d.answered(now, c)
}

// activateAudio is the system activating the audio session of what the user
// has answered (provider:didActivateAudioSession:).
func (d *Device) activateAudio(now time.Time) {
	d.wakeUncounted(now, event.ByNotification, d.profile.PushWindow) // if it has been suspended since
	for i := range d.calls {
		if c := &d.calls[i]; c.answered && !c.active {
			c.active = true
			d.tell(system.AudioActivated{ID: c.id})
		}
	}
	d.setAudio(now, true)
}

// mayStartAudio reports whether audio can be started now. Where an answered
// call is needed for that, an app on the screen needs none.
func (d *Device) mayStartAudio() bool {
	return !d.profile.AudioByCall || d.state == event.Foreground || d.audio ||
		slices.ContainsFunc(d.calls, func(c screenCall) bool { return c.active })
}

// askAudio is the app's audio session becoming active, if the system lets it.
func (d *Device) askAudio(now time.Time, on bool) {
	if on && !d.mayStartAudio() {
		d.log(event.Warning{
			Rule: event.RuleAudioNotActive, Note: "audio cannot be started in the background before the system activates it",
			Hint: "report the call, and start audio when the system has activated it",
		})
		return
	}
	d.setAudio(now, on)
}

// takeOffScreen takes a reported call off the call screen. The audio session
// ends with the last that was answered; after the last of all, the app has not
// long to run.
func (d *Device) takeOffScreen(now time.Time, e system.ReportEnd) {
	if d.screenCall(e.ID) == nil {
		return
	}
	d.calls = slices.DeleteFunc(d.calls, func(c screenCall) bool { return c.id == e.ID })
	if i := d.cardIndex(e.ID, true); i >= 0 {
		d.takeDown(i, e.Why != system.Declined)
	}
	last := len(d.calls) == 0
	if last {
		d.lent = time.Time{}
	}
	if !slices.ContainsFunc(d.calls, isAnswered) {
		d.timers[activateTimer] = time.Time{}
		d.setAudio(now, false)
	}
	if last && d.state == event.Awake && len(d.duties) == 0 {
		d.settleWhy = "the reported call has ended"
		d.timers[settleTimer] = now.Add(d.profile.AudioGrace)
	}
}

// clearScreen is the end of all calls on the screen, with their process.
func (d *Device) clearScreen() {
	for i := len(d.cards) - 1; i >= 0; i-- {
		if d.cards[i].screen {
			d.takeDown(i, false)
		}
	}
}
