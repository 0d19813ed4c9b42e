package app

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Push holds nothing while asleep: a push wakes the app, which reports the call
// to the system and registers, so that the INVITE can come.
const Push Strategy = "push"

func pushPlan() plan {
	return plan{
		Traits{
			Name: Push, Help: "holds no connection asleep; a push wakes it, and it registers to be called",
			Pushed: true, Expires: pushExpires,
		},
		func(e env) strategy { return newPushing(e) },
	}
}

const (
	// pushExpires is how long it registers for: an app that holds nothing while
	// it sleeps cannot refresh.
	pushExpires = 24 * time.Hour
	// linger is how long the connection stays after the last call, for the
	// answers that are still on their way (our own number).
	linger = 2 * time.Second
	// summonsName is what the call screen shows where a call must be reported
	// for want of one.
	summonsName = "no call: registering"
)

// pushing is the strategy push.
//
//	push ─▶ call screen, REGISTER ─▶ INVITE ─▶ … ─▶ 2 s after the last call: the connection is closed
//
// A push that announces no call is a summons: the registration is to be
// refreshed, or a request waits for the app in a call that it has (RFC 8599
// §5.5, §6.2.3). All that there is to do is to register.
type pushing struct {
	none
	cfg    Pushing
	manual bool // the user decides about calls
	out    *outbox
	lines  lines
	screen *callScreen
	status func() status
	join   func(r *report)

	web    *subscribing // nil: another push service than Web Push
	token  string
	warned once      // that the server will not push
	restAt time.Time // when the connection is to be closed
}

func newPushing(e env) *pushing {
	p := &pushing{
		cfg: e.cfg.Push, manual: e.cfg.Auto == Manual, warned: once{},
		out: e.out, lines: e.lines, screen: e.screen, status: e.status, join: e.join,
	}
	if p.cfg.Provider == push.WebPush {
		p.web = &subscribing{out: e.out, keys: p.cfg.Keys, told: map[*line]string{}, warned: once{}}
		if p.cfg.Plain {
			p.web.keys = nil
		}
	}
	return p
}

func (p *pushing) deadline() time.Time {
	at := p.restAt
	for _, r := range p.screen.reports {
		at = system.Earliest(at, r.by)
	}
	return at
}

// advance gives up calls whose INVITE has not come, and closes the connection
// of an app that has nothing more to do.
func (p *pushing) advance(now time.Time) {
	for r := p.screen.overdue(now); r != nil; r = p.screen.overdue(now) {
		p.giveUp(now, r)
	}
	if system.Due(p.restAt, now) {
		p.restAt = time.Time{}
		if p.idle() {
			p.rest(now)
		}
	}
}

func (p *pushing) receive(now time.Time, s system.Signal) bool {
	switch s := s.(type) {
	case system.Launched:
		if p.web != nil {
			p.lines.setPush(p.web.question())
			break
		}
		p.out.ask(system.RegisterPush{})
	case system.PushToken:
		p.hasToken(now, s.Token)
		return true
	case system.Pushed:
		p.pushed(now, s)
		return true
	case system.WebPushed:
		if p.web != nil {
			p.webPushed(now, s)
		}
		return true
	}
	return false
}

func (p *pushing) notice(now time.Time, l *line, n control.Notice) {
	switch n := n.(type) {
	case control.ServerKey:
		if p.web != nil {
			p.web.told[l] = n.VAPID
		}
	case control.Registered:
		if p.web != nil {
			p.web.registered(l)
		}
		p.checkWakeable(l)
		p.screen.endSummons()
		p.freed(now)
	case control.RegisterFailed:
		p.screen.endSummons()
	}
}

// moved closes the connection of an app that goes to sleep, unless it is still
// about something, and connects one that the user opens again.
func (p *pushing) moved(now time.Time) {
	switch {
	case p.status().foreground:
		p.restAt = time.Time{}
		p.lines.register(now)
	case p.idle():
		p.lines.each(func(l *line) {
			if l.registered {
				l.rest(now)
			}
		})
	}
}

// rest closes the connections, but not one on which the app still signs on: it is
// closed after that.
func (p *pushing) rest(now time.Time) {
	p.lines.each(func(l *line) {
		if l.registered || !l.agent.Awaits() {
			l.rest(now)
		}
	})
}

// freed closes the connection in a while, if nothing comes up.
func (p *pushing) freed(now time.Time) {
	if p.idle() {
		p.restAt = now.Add(linger)
	}
}

// idle reports whether the app is off the screen and has nothing to do.
func (p *pushing) idle() bool {
	st := p.status()
	return p.token != "" && !st.foreground && !st.leaving && st.calls+len(p.screen.reports) == 0
}

// hasToken takes in where the app can be pushed to, and tells the server. The
// token is the system's, and goes into a SIP message as it is.
func (p *pushing) hasToken(now time.Time, token string) {
	if err := p.checkToken(token); err != nil {
		p.out.problem(event.RuleNotWakeable, "use the push token", err.Error(), "")
		return
	}
	p.token = token
	p.screen.used = p.manual && p.cfg.Report != ReportNever
	to := push.Params{Provider: p.cfg.Provider, PRID: token, Param: p.cfg.Param, Timer: p.cfg.Timer}
	if p.web != nil {
		to = p.web.params(token, p.cfg.Timer)
	}
	p.lines.setPush(to)
	p.lines.register(now)
}

func (p *pushing) checkToken(token string) error {
	if p.web == nil {
		return push.CheckValue(token)
	}
	_, err := push.ParseSubscription(token)
	return err
}

// checkWakeable warns of a server that has accepted the registration and will
// not push: the phone looks registered and cannot be reached.
func (p *pushing) checkWakeable(l *line) {
	asked, will := l.agent.Pushes(p.cfg.Provider)
	if asked && !will && !p.warned[l] {
		l.out.note(event.Warning{
			Rule: event.RuleNotWakeable, Note: fmt.Sprintf("registered, but the server's answer has no +sip.pns=%q: it will not push", p.cfg.Provider),
			Hint: "let the server push (RFC 8599), or check pn-provider and pn-param in the Contact",
		})
	}
	p.warned[l] = asked && !will
}

// pushed is the push handler. The report comes first, for the system kills an
// app whose handler returns without one; then the app registers, so that the
// INVITE can come.
func (p *pushing) pushed(now time.Time, s system.Pushed) {
	call := push.ReadPayload(s.Payload)
	switch call.Purpose {
	case push.NewCall:
		if p.cfg.Report == ReportMust && !s.MustReport {
			p.asks(now, s.ID)
			return
		}
	case push.Cancelled:
		p.cancelled(now, s, call, system.EndedByPeer)
		return
	case push.Elsewhere:
		p.cancelled(now, s, call, system.AnsweredElsewhere)
		return
	default:
		p.summoned(now, s)
		return
	}
	idle, r := p.idle(), p.screen.expected(call)
	known := r != nil
	if !known {
		r = p.screen.add(call.CallID, call.Peer, call.Name)
		p.join(r) // the INVITE may have been faster
	}
	late := p.cfg.Report == ReportLate && !r.joined
	if !late {
		p.screen.showAgain(r)
	}
	if !known && !r.joined {
		r.by = now.Add(p.cfg.InviteWait)
	}
	p.fetch(now, idle)
	r.handlers = append(r.handlers, s.ID)
	if !late {
		p.screen.release(r)
	}
}

// asks is the push handler for a call that need not be reported: it may be over. The
// app registers, and rings if there is an INVITE.
func (p *pushing) asks(now time.Time, id int) {
	p.fetch(now, p.idle())
	p.out.ask(system.PushDone{ID: id})
}

// cancelled is the push handler for a call that is over before its INVITE came.
// The system wants a call for this push, too: it is reported, and ended at once.
// If the INVITE is there, its CANCEL ends the call, and comes over a new
// connection if the old one is dead.
func (p *pushing) cancelled(now time.Time, s system.Pushed, call push.Payload, why system.EndReason) {
	r := p.screen.expected(call)
	if r == nil && s.MustReport {
		r = p.screen.add(call.CallID, call.Peer, call.Name)
	}
	switch {
	case r == nil:
	case r.joined:
		p.screen.showAgain(r)
		p.lines.register(now)
	default:
		p.screen.showAgain(r)
		p.screen.end(r, why)
		p.freed(now)
	}
	p.out.ask(system.PushDone{ID: s.ID})
}

// fetch has the server send what it pushed for: it waits for a REGISTER, which
// every push is to be answered with (RFC 8599 §4.1.3). A connection that slept
// with the app may be dead, so that an idle one gets a new one.
func (p *pushing) fetch(now time.Time, idle bool) {
	if idle {
		p.lines.rest(now)
	}
	p.lines.register(now)
}

// summoned is the push handler for a summons.
func (p *pushing) summoned(now time.Time, s system.Pushed) {
	idle := p.idle()
	if s.MustReport && p.cfg.Report != ReportNever && !p.status().foreground {
		p.reportSummons(now)
	}
	p.fetch(now, idle)
	p.out.ask(system.PushDone{ID: s.ID})
}

// reportSummons fulfils the system's wish for a call for every push: it is
// reported the one that it knows, once more (Apple DTS, forum thread 768136), or
// else one for as long as the REGISTER takes.
func (p *pushing) reportSummons(now time.Time) {
	if len(p.screen.reports) > 0 {
		p.screen.showAgain(p.screen.reports[0])
		return
	}
	r := p.screen.add("", "", summonsName)
	r.summons, r.by = true, now.Add(p.cfg.InviteWait)
	p.screen.show(r)
	p.out.note(event.Warning{
		Rule: event.RulePushWithoutCall, Note: "a push that announces no call has rung: the system wants a call for each",
		Hint: "let the server push to another token for what is no call, and register for so long that refreshes are rare",
	})
}

// giveUp ends a call that never came. If the user saw it, it was a ghost.
func (p *pushing) giveUp(now time.Time, r *report) {
	why := system.EndFailed
	if r.declined {
		why = system.Declined
	}
	p.screen.end(r, why)
	if r.visible() && !r.declined && !r.summons {
		p.warnOfGhost(r)
	}
	p.freed(now)
}

func (p *pushing) warnOfGhost(r *report) {
	what, wait := "reported", p.cfg.InviteWait
	if r.answered {
		what, wait = "answered", p.cfg.AnswerWait
	}
	p.out.note(event.Warning{
		Rule: event.RuleGhostCall, Note: fmt.Sprintf("a call from %s was %s, and no INVITE came within %g s", r.shown.name, what, wait.Seconds()),
		Hint: "let the server hold the INVITE until the phone has registered, for longer than a slow REGISTER takes, and let pushes expire with the call",
	})
}
