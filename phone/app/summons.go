package app

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A summons is a push that announces no call: the registration is to be
// refreshed, or a request waits for the app in a call that it has (RFC 8599
// §5.5, §6.2.3). All that there is to do is to register.

// summonsName is what the call screen shows where a call must be reported for
// want of one.
const summonsName = "no call: registering"

// summoned is the push handler for a summons.
func (a *App) summoned(now time.Time, id int) {
	idle := a.idle()
	if a.cfg.Push.Provider == apns && a.cfg.Push.Report != ReportNever && !a.foreground {
		a.reportSummons(now)
	}
	a.fetch(now, idle)
	a.ask(system.PushDone{ID: id})
}

// reportSummons fulfils the system's wish for a call for every push: it is
// reported the one that it knows, once more (Apple DTS, forum thread 768136), or
// else one for as long as the REGISTER takes.
func (a *App) reportSummons(now time.Time) {
	if len(a.push.reports) > 0 {
		r := a.push.reports[0]
		r.shown = screen{}
		a.show(r)
		return
	}
	r := a.newReport("", "", summonsName)
	r.summons, r.by = true, now.Add(a.cfg.Push.InviteWait)
	a.show(r)
	a.note(event.Warning{
		Rule: "push-without-call", Note: "a push that announces no call has rung: the system wants a call for each",
		Hint: "let the server push to another token for what is no call, and register for so long that refreshes are rare",
	})
}

// summonsOver takes off the call screen what was there for want of a call.
func (a *App) summonsOver() {
	for _, r := range slices.Clone(a.push.reports) {
		if r.summons {
			a.endReport(r, system.EndFailed)
		}
	}
}
