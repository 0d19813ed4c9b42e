package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The SIP status codes that the app chooses itself (RFC 3261 §21).
const (
	statusForbidden   = 403
	statusUnavailable = 480
	statusBusyHere    = 486
	statusServerError = 500
	statusNoService   = 503
	statusDecline     = 603
)

// reception is how a new call comes to the user: refused, answered at once, or
// announced in the app, by a notification, or on the system's call screen. It
// does what the user chooses there.
type reception struct {
	auto       Behaviour
	obeys      bool          // a caller who asks to be answered at once
	answerWait time.Duration // for an INVITE whose call was answered on the call screen
	out        *outbox
	screen     *callScreen
	nextCard   func() int
	status     func() status
	board      *switchboard
}

// inside reports whether the app itself tells the user of a call: it is on the
// screen.
func (d *reception) inside() bool { return d.status().foreground && d.auto == Manual }

// offered takes in a new call. It reports whether it was taken.
func (d *reception) offered(now time.Time, l *line, n control.Offered) bool {
	return d.take(now, l, n, d.auto == Accept || d.auto == Echo)
}

// replacing takes in a call that is to take the place of another, and is answered
// at once. As with one that the user answers, others are put on hold.
func (d *reception) replacing(now time.Time, l *line, n control.Replacing) bool {
	taken := d.take(now, l, n.Offered, true)
	if taken && d.auto == Manual {
		d.board.holdOthers(now, d.board.calls.numbered(n.Call))
	}
	return taken
}

// take takes in a new call, which rings or, where atOnce says so, is answered.
func (d *reception) take(now time.Time, l *line, n control.Offered, atOnce bool) bool {
	d.screen.compare(n)
	r := d.screen.claim(n.CallID, n.From)
	status := d.refusal(r)
	if status == 0 && !atOnce && d.forbids(l, n.AutoAnswer) {
		status = statusForbidden
	}
	if status != 0 {
		d.refuse(now, l, r, n.ID, status)
		return false
	}
	agreed, err := d.board.judge(l, n.Body)
	if err != nil {
		d.refuseOffer(now, l, r, n, agreed.Untidy, err)
		return false
	}
	c := d.board.add(call{line: l, id: n.ID, callID: n.CallID, state: ringing, peer: n.From, name: n.Name, offer: n.Body, source: n.Source, describe: n.Describe, voice: voice{none: n.NoAudio, wary: true}})
	d.board.untidy(c, agreed.Untidy, understood)
	if r != nil {
		c.join(r)
	}
	if atOnce || d.asked(now, c, n.AutoAnswer) {
		c.state = answering
	} else {
		d.ring(now, c)
		d.board.waits(c)
	}
	switch {
	case !c.voice.none:
		d.board.voicing.bind(&c.voice) // after the 180, which it would hold up
	case c.state == answering:
		d.board.answer(now, c)
	}
	return true
}

// refusal is the status with which a new call is refused, because it is not
// wanted or, being reported already, because the user or the system did not
// want it; 0 if it is not.
func (d *reception) refusal(r *report) int {
	switch {
	case d.auto == Busy || d.status().leaving:
		return statusBusyHere
	case r == nil:
		return 0
	case r.refused:
		return statusUnavailable
	case r.declined:
		return statusDecline
	}
	return 0
}

func (d *reception) refuse(now time.Time, l *line, r *report, id, status int) {
	if r != nil {
		d.screen.end(r, system.Declined)
	}
	l.reject(now, id, status)
	d.board.freed(now)
}

// refuseOffer refuses a new call whose session nobody could talk in: the phone does not
// ring for it (RFC 3261 §13.3.1.3).
func (d *reception) refuseOffer(now time.Time, l *line, r *report, n control.Offered, untidy string, err error) {
	c := call{line: l, peer: n.From}
	d.board.untidy(&c, untidy, refused)
	if r != nil {
		d.screen.end(r, system.Declined)
	}
	d.board.rejectOffer(now, l, n.ID, n.From, err)
	d.board.freed(now)
}

// ring tells the user of a call, unless the app itself is on the screen and
// does, and the caller that the user is told. Who has answered on the call
// screen before the INVITE came is connected.
func (d *reception) ring(now time.Time, c *call) {
	if c.report != nil || !d.status().foreground && d.auto == Manual {
		d.announce(c)
	}
	if !c.describe { // else when there is a session to offer: see [switchboard.bound]
		c.line.ring(now, c.id)
	}
	if c.report != nil && c.report.answered {
		d.board.pickUp(now, c)
	}
}

// announce has the system show a ringing call: on its call screen, or as a
// notification.
func (d *reception) announce(c *call) {
	if c.report == nil && d.screen.used {
		c.join(d.screen.add(c.callID, c.peer, c.name))
	}
	if c.report == nil || d.screen.hidden {
		c.banner.post(d.out, d.nextCard, c.title(), c.who())
		return
	}
	d.screen.ring(c.report)
}

// joinReport connects a report to its call, if its INVITE was faster than the
// push.
func (d *reception) joinReport(r *report) {
	for _, c := range d.board.calls {
		if c.report == nil && r.callID != "" && c.callID == r.callID {
			c.join(r)
		}
	}
}

// left posts notifications for the calls that ring while the app leaves the
// screen.
func (d *reception) left() {
	for _, c := range d.board.calls {
		if c.rings() && d.auto == Manual {
			d.announce(c)
		}
	}
}

// returned takes the notifications back: the app itself is on the screen and
// rings.
func (d *reception) returned(now time.Time) {
	for _, c := range d.board.calls {
		c.banner.withdraw(d.out)
	}
	d.board.tune(now)
}

// tapped does what the user chose on a notification or on the call screen.
func (d *reception) tapped(now time.Time, s system.Tapped) {
	if r := d.screen.byID(s.ID); r != nil {
		d.chosen(now, r, s.Action)
		return
	}
	c := d.board.calls.find(func(c *call) bool { return c.banner.id == s.ID && c.rings() })
	switch {
	case c == nil && s.Action == system.Answer:
		d.out.problem(event.RuleNotPossible, "answer from notification", "the call is over", "")
	case c == nil:
	case s.Action == system.Answer:
		d.board.pickUp(now, c)
	case s.Action == system.Decline:
		d.board.decline(now, c)
	}
}

// chosen does what the user chose on the call screen, perhaps before the
// INVITE is there.
func (d *reception) chosen(now time.Time, r *report, action system.Action) {
	c := d.board.calls.byReport(r)
	switch {
	case action == system.Answer && !r.answered:
		r.answered = true
		if c == nil {
			r.by = now.Add(d.answerWait)
		} else if c.rings() {
			d.board.pickUp(now, c)
		}
	case action != system.Decline:
	case c == nil:
		r.declined = true
	case c.rings():
		c.line.reject(now, c.id, statusDecline)
	default:
		c.line.hangup(now, c.id)
	}
}

// reported takes in whether the system shows the call. One that it does not
// show cannot be answered: the caller hears so.
func (d *reception) reported(now time.Time, s system.CallReported) {
	r := d.screen.byID(s.ID)
	if r == nil || s.Err == nil {
		return
	}
	r.refused = true
	if c := d.board.calls.byReport(r); c != nil && c.rings() {
		c.line.reject(now, c.id, statusUnavailable)
	}
}

// audioActivated lets the audio of an answered call begin.
func (d *reception) audioActivated(now time.Time, s system.AudioActivated) {
	if r := d.screen.byID(s.ID); r != nil {
		r.audio = true
		d.board.tune(now)
	}
}
