package app

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Push holds nothing while asleep: a push wakes the app, which reports the call
// to the system and registers, so that the INVITE can come.
const Push Strategy = "push"

func pushTraits() Traits {
	return Traits{
		Name: Push, Help: "holds no connection asleep; a push wakes it, and it registers to be called",
		Pushed: true, Expires: pushExpires,
	}
}

// Pushing is how an app with the strategy push is reached. What is zero has a
// default.
type Pushing struct {
	// Provider and Param are told to the server (RFC 8599 §8.7); "apns" and
	// "EXAMPLE123.org.example.sleeptalk.voip" if empty.
	Provider, Param string
	// InviteWait is how long a reported call waits for its INVITE; 15 s if
	// zero. AnswerWait is how long it does once the user has answered; 10 s.
	InviteWait, AnswerWait time.Duration
	// Report is when it tells the system of the call.
	Report Report
	// Timer tells the server that the app refreshes its registration by itself
	// (RFC 8599 §8.5): a promise that only an app can keep that runs then.
	Timer bool
	// EarlyAudio starts audio when the call is answered, and not when the
	// system has activated its audio session.
	EarlyAudio bool
}

// Report is when an app reports the call of a push to the system.
type Report string

// When to report: the system wants it before the push handler returns
// (Apple, pushRegistry:didReceiveIncomingPushWithPayload:), and some apps
// have never learned it.
const (
	ReportAtOnce Report = ""      // before REGISTER and INVITE
	ReportLate   Report = "late"  // when the INVITE is there; the handler waits for it
	ReportNever  Report = "never" // the app posts a notification instead
)

const (
	apns         = "apns"
	defaultParam = "EXAMPLE123.org.example.sleeptalk.voip"
	// defaultInviteWait and defaultAnswerWait are our own numbers: beyond a
	// slow REGISTER, and as long as a person listens to nothing.
	defaultInviteWait = 15 * time.Second
	defaultAnswerWait = 10 * time.Second
	// pushExpires is how long it registers for: an app that holds nothing while
	// it sleeps cannot refresh.
	pushExpires = 24 * time.Hour
	// linger is how long the connection stays after the last call, for the
	// answers that are still on their way (our own number).
	linger = 2 * time.Second
)

// pushing is the app's life by push.
type pushing struct {
	token   string
	warned  bool      // that the server will not push
	reports []*report // calls that the system was told of, oldest first
	restAt  time.Time // when the connection is to be closed
}

// Settings is what is set, KEY=VALUE each, as a scenario has it.
func (p Pushing) Settings() (list []string) {
	set := func(key, value string) {
		if value != "" {
			list = append(list, key+"="+value)
		}
	}
	set("push-provider", p.Provider)
	set("push-param", p.Param)
	set("report", string(p.Report))
	if p.EarlyAudio {
		set("early-audio", "on")
	}
	if p.InviteWait > 0 {
		set("invite-wait", p.InviteWait.String())
	}
	return list
}

func (p Pushing) withDefaults() Pushing {
	p.Provider, p.Param = cmp.Or(p.Provider, apns), cmp.Or(p.Param, defaultParam)
	p.InviteWait = cmp.Or(p.InviteWait, defaultInviteWait)
	p.AnswerWait = cmp.Or(p.AnswerWait, defaultAnswerWait)
	return p
}

func (p Pushing) check() error {
	for _, v := range []string{p.Provider, p.Param} {
		if err := push.CheckValue(v); err != nil {
			return fmt.Errorf("push: %w", err)
		}
	}
	return nil
}

func (p *pushing) deadline() time.Time {
	at := p.restAt
	for _, r := range p.reports {
		at = system.Earliest(at, r.by)
	}
	return at
}

// advancePush gives up calls whose INVITE has not come, and closes the
// connection of an app that has nothing more to do.
func (a *App) advancePush(now time.Time) {
	for {
		r := a.push.overdue(now)
		if r == nil {
			break
		}
		a.giveUp(now, r)
	}
	if system.Due(a.push.restAt, now) {
		a.push.restAt = time.Time{}
		if a.idle() {
			a.handle(now, a.agent.Rest(now))
		}
	}
}

// pushToken takes in where the app can be pushed to, and tells the server. The
// token is the system's, and goes into a SIP message as it is.
func (a *App) pushToken(now time.Time, token string) {
	if err := push.CheckValue(token); err != nil {
		a.problem("use the push token", err.Error(), "")
		return
	}
	a.push.token = token
	a.agent.SetPush(push.Params{Provider: a.cfg.Push.Provider, PRID: token, Param: a.cfg.Push.Param, Timer: a.cfg.Push.Timer})
	a.handle(now, a.agent.Register(now))
}

// pushed is the push handler. The report comes first, for the system kills an
// app whose handler returns without one; then the app registers, so that the
// INVITE can come.
func (a *App) pushed(now time.Time, s system.Pushed) {
	p := push.ReadPayload(s.Payload)
	if p.Purpose != push.NewCall {
		a.summoned(now, s.ID)
		return
	}
	idle, r := a.idle(), a.expected(p)
	known := r != nil
	if !known {
		r = a.expect(p)
	}
	late := a.cfg.Push.Report == ReportLate && r.call == nil
	if !late {
		r.shown = screen{} // each push must be reported, a copy too
		a.show(r)
	}
	if !known && r.call == nil {
		r.by = now.Add(a.cfg.Push.InviteWait)
	}
	a.fetch(now, idle)
	r.handlers = append(r.handlers, s.ID)
	if !late {
		a.handlersDone(r)
	}
}

// fetch has the server send what it pushed for: it waits for a REGISTER, which
// every push is to be answered with (RFC 8599 §4.1.3). A connection that slept
// with the app may be dead, so that an idle one gets a new one.
func (a *App) fetch(now time.Time, idle bool) {
	if idle {
		a.handle(now, a.agent.Rest(now))
	}
	a.handle(now, a.agent.Register(now))
}

// wakeable warns of a server that has accepted the registration and will not
// push: the phone looks registered and cannot be reached.
func (a *App) wakeable() {
	asked, will := a.agent.Pushes(a.cfg.Push.Provider)
	if asked && !will && !a.push.warned {
		a.note(event.Warning{
			Rule: "not-wakeable", Note: fmt.Sprintf("registered, but the server's answer has no +sip.pns=%q: it will not push", a.cfg.Push.Provider),
			Hint: "let the server push (RFC 8599), or check pn-provider and pn-param in the Contact",
		})
	}
	a.push.warned = asked && !will
}

// reporting reports whether incoming calls go on the system's own call screen.
func (a *App) reporting() bool {
	return a.traits.Pushed && a.push.token != "" && a.cfg.Push.Report != ReportNever && a.cfg.Auto == Manual
}

// mayTalk reports whether a call's audio may run: on iOS, if the user answered
// on the call screen, not before the system has activated the audio session.
func (a *App) mayTalk(c *call) bool {
	r := c.report
	return r == nil || !r.answered || r.audio || a.cfg.Push.EarlyAudio || a.cfg.Push.Provider != apns
}

// idle reports whether the app is off the screen, woken by push, and has
// nothing to do.
func (a *App) idle() bool {
	return a.push.token != "" && !a.foreground && !a.leaving && len(a.calls)+len(a.push.reports) == 0
}

// restSoon closes the connection in a while, if nothing comes up.
func (a *App) restSoon(now time.Time) {
	if a.idle() {
		a.push.restAt = now.Add(linger)
	}
}

// leave closes the connection of an app that goes to sleep, unless it is still
// about something.
func (a *App) leave(now time.Time) {
	if a.idle() && a.registered {
		a.handle(now, a.agent.Rest(now))
	}
}

// comeBack connects an app that the user opens again.
func (a *App) comeBack(now time.Time) {
	a.push.restAt = time.Time{}
	if a.traits.Pushed {
		a.handle(now, a.agent.Register(now))
	}
}
