package app

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// statusUnavailable refuses a call that the system would not show (RFC 3261
// §21.4.18).
const statusUnavailable = 480

// maxReports bounds the calls that wait for their INVITE: as many as there can
// be calls (sip.Config.MaxCalls).
const maxReports = 8

// A report is a call that the system was told of, before its INVITE or after.
type report struct {
	id         int // on the call screen
	callID     string
	peer, name string // as the push had it, then as the INVITE has it
	shown      screen // what the call screen shows
	call       *call  // nil until the INVITE is there
	by         time.Time
	handlers   []int // push handlers that have not returned

	summons  bool // there is no call, but one had to be reported
	answered bool // on the call screen
	declined bool // on the call screen
	refused  bool // by the system
	audio    bool // the system has activated its audio session
}

// screen is what the call screen shows of a call; the zero value: nothing.
type screen struct{ name, peer string }

// expect makes the report of a push. The INVITE may have been faster.
func (a *App) expect(p push.Payload) *report {
	r := a.newReport(p.CallID, p.Peer, p.Name)
	for _, c := range a.calls {
		if c.report == nil && p.CallID != "" && a.agent.CallID(c.id) == p.CallID {
			r.meet(c)
		}
	}
	return r
}

// newReport adds a call to those that the system is told of. If they are too
// many, the one that has waited longest for its INVITE is given up.
func (a *App) newReport(callID, peer, name string) *report {
	if len(a.push.reports) >= maxReports {
		if i := slices.IndexFunc(a.push.reports, func(r *report) bool { return r.call == nil }); i >= 0 {
			a.endReport(a.push.reports[i], system.EndFailed)
		}
	}
	a.cards++
	r := &report{id: a.cards, callID: callID, peer: peer, name: name}
	a.push.reports = append(a.push.reports, r)
	return r
}

// expected is the report of the call that a push is about, if it is not the
// first push for it.
func (a *App) expected(p push.Payload) *report {
	for _, r := range a.push.reports {
		if p.CallID != "" && r.callID == p.CallID {
			return r
		}
	}
	return nil
}

// claim finds the report that an INVITE belongs to: by its Call-ID or, where
// the push had none or a server in between has changed it, by the caller.
func (a *App) claim(n control.Offered) *report {
	id := a.agent.CallID(n.ID)
	var waiting *report
	for _, r := range a.push.reports {
		switch {
		case r.call != nil || r.summons:
		case r.callID == id:
			return r
		case waiting == nil && (r.callID == "" || r.peer == n.From):
			waiting = r
		}
	}
	return waiting
}

// refusal is the status with which a new call is refused, because it is not
// wanted or, being reported already, because the user or the system did not
// want it; 0 if it is not.
func (a *App) refusal(r *report) int {
	switch {
	case a.cfg.Auto == Busy || a.leaving:
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

func (a *App) refuse(now time.Time, r *report, id, status int) {
	if r != nil {
		a.endReport(r, system.Declined)
	}
	a.handle(now, a.agent.Reject(now, id, status))
	a.restSoon(now)
}

// meet joins a report, if there is one, and its call.
func (r *report) meet(c *call) {
	if r != nil {
		r.call, r.by, r.name, r.peer = c, time.Time{}, c.name, c.peer
		c.report = r
	}
}

// announce has the system show a ringing call: on its call screen, or as a
// notification.
func (a *App) announce(c *call) {
	if c.report == nil && a.reporting() {
		a.newReport(a.agent.CallID(c.id), c.peer, c.name).meet(c)
	}
	if c.report == nil || a.cfg.Push.Report == ReportNever {
		a.post(c)
		return
	}
	a.show(c.report)
	a.handlersDone(c.report)
}

// show puts a call on the call screen, or a better name to it.
func (a *App) show(r *report) {
	what := screen{cmp.Or(r.name, r.peer, "unknown caller"), r.peer}
	if a.cfg.Push.Report == ReportNever || r.shown == what {
		return
	}
	r.shown = what
	a.ask(system.ReportCall{ID: r.id, Name: what.name, Peer: what.peer})
}

// handlersDone lets the push handlers return that waited for the INVITE.
func (a *App) handlersDone(r *report) {
	for _, id := range r.handlers {
		a.ask(system.PushDone{ID: id})
	}
	r.handlers = nil
}

// tellAnswered tells the system of a call on its call screen that the app
// answers by itself: the user did nothing there. Its audio is the system's to
// begin.
func (a *App) tellAnswered(r *report) {
	if r == nil || r.answered || r.refused {
		return
	}
	a.show(r)
	a.handlersDone(r)
	if r.shown != (screen{}) {
		r.answered = true
		a.ask(system.AnswerReported{ID: r.id})
	}
}

// endReport takes a call off the call screen.
func (a *App) endReport(r *report, why system.EndReason) {
	if r.shown != (screen{}) && !r.refused {
		a.ask(system.ReportEnd{ID: r.id, Why: why})
	}
	a.handlersDone(r)
	a.push.reports = slices.DeleteFunc(a.push.reports, func(other *report) bool { return other == r })
}

// overdue is a report that has waited too long for its INVITE; nil if there is
// none.
func (p *pushing) overdue(now time.Time) *report {
	for _, r := range p.reports {
		if system.Due(r.by, now) {
			return r
		}
	}
	return nil
}

// giveUp ends a call that never came. If the user saw it, it was a ghost.
func (a *App) giveUp(now time.Time, r *report) {
	why := system.EndFailed
	if r.declined {
		why = system.Declined
	}
	a.endReport(r, why)
	if r.shown != (screen{}) && !r.declined && !r.refused && !r.summons {
		a.warnOfGhost(r)
	}
	a.restSoon(now)
}

func (a *App) warnOfGhost(r *report) {
	what, wait := "reported", a.cfg.Push.InviteWait
	if r.answered {
		what, wait = "answered", a.cfg.Push.AnswerWait
	}
	a.note(event.Warning{
		Rule: "ghost-call", Note: fmt.Sprintf("a call from %s was %s, and no INVITE came within %g s", r.shown.name, what, wait.Seconds()),
		Hint: "let the server hold the INVITE until the phone has registered, for longer than a slow REGISTER takes, and let pushes expire with the call",
	})
}

// reportOver ends the report of a call that has ended.
func (a *App) reportOver(c *call, n control.Ended) {
	if c.report == nil {
		return
	}
	why := system.EndFailed
	switch {
	case n.By == "peer":
		why = system.EndedByPeer
	case n.By == "us" && c.rings:
		why = system.Declined
	case n.By == "us":
		why = system.EndedByUser
	}
	a.endReport(c.report, why)
}

func (a *App) reportByID(id int) *report {
	for _, r := range a.push.reports {
		if r.id == id {
			return r
		}
	}
	return nil
}

// callReported takes in whether the system shows the call. One that it does
// not show cannot be answered: the caller hears so.
func (a *App) callReported(now time.Time, s system.CallReported) {
	r := a.reportByID(s.ID)
	if r == nil || s.Err == nil {
		return
	}
	r.refused = true
	if r.call != nil && r.call.rings {
		a.handle(now, a.agent.Reject(now, r.call.id, statusUnavailable))
	}
}

// chosen does what the user chose on the call screen, perhaps before the
// INVITE is there.
func (a *App) chosen(now time.Time, r *report, action system.Action) {
	switch {
	case action == system.Answer && !r.answered:
		r.answered = true
		if r.call == nil {
			r.by = now.Add(a.cfg.Push.AnswerWait)
		} else if r.call.rings {
			a.pickUp(now, r.call)
		}
	case action == system.Decline && r.call == nil:
		r.declined = true
	case action == system.Decline && r.call.rings:
		a.handle(now, a.agent.Reject(now, r.call.id, statusDecline))
	case action == system.Decline:
		a.handle(now, a.agent.Hangup(now, r.call.id))
	}
}

// audioActivated lets the audio of an answered call begin.
func (a *App) audioActivated(now time.Time, s system.AudioActivated) {
	if r := a.reportByID(s.ID); r != nil {
		r.audio = true
		a.tuneSound(now)
	}
}
