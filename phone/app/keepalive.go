package app

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// tickPatience is how long the keepalive handler waits for an answer
	// before it returns or, if an answer was to be expected, takes a background
	// task to find out more. pjsip's iOS guide sleeps about 5 s in the handler
	// for the same reason: "don't sleep too short, to avoid too many wakeups,
	// because when there is any response from server, app will be woken up
	// again".
	tickPatience = 5 * time.Second
	// tickSlack is how much longer than its timeout the last keepalive may be
	// ago when the app comes to the screen: linphone-iphone's LinphoneManager
	// warns at 700 s, of 600.
	tickSlack = 100 * time.Second
)

// Install says when an app installs its keepalive handler.
type Install string

// When it does.
const (
	// InBackground is in applicationDidEnterBackground, and at a launch in the
	// background: the system counts from then on.
	InBackground Install = "background"
	// AtLaunch is once, when the process starts. Time on the screen then counts,
	// so that the first call comes too early.
	AtLaunch Install = "launch"
	// NeverInstalled is an app that has forgotten it.
	NeverInstalled Install = "never"
)

// Installs are all of them.
func Installs() []string {
	return []string{string(InBackground), string(AtLaunch), string(NeverInstalled)}
}

// Handler says how a keepalive handler waits for an answer that takes longer than
// [tickPatience].
type Handler string

// How it waits.
const (
	// ByTask returns from the handler, and waits on a background task.
	ByTask Handler = "task"
	// InHandler waits in the handler and takes no task: the system suspends the app
	// when the time of the handler is over.
	InHandler Handler = "wait"
)

// Handlers are all of them.
func Handlers() []string { return []string{string(ByTask), string(InHandler)} }

// keepAlive is the keepalive handler that several strategies have.
//
//	DidEnterBackground ─▶ it is installed, if the system takes it
//	tick ─▶ ping or REGISTER ─▶ answer ─▶ the handler returns
//	                        └─▶ 5 s without one: a background task, if one is due;
//	                            or it waits on, as a [Handler] that takes none
type keepAlive struct {
	none
	timeout time.Duration
	at      Install
	waits   bool // in the handler, for an answer
	round   bool // ask for the least that iOS accepts where less was refused
	// stays says that the handler never returns: the app would be suspended at
	// once.
	stays  bool
	out    *outbox
	lines  lines
	errand *errand
	status func() status
	// probe asks the server of a line for a sign of life.
	probe func(l *line, now time.Time)

	asked    bool      // the system has been asked to take the handler
	accepted bool      // it has
	tickAt   time.Time // the last tick, or when the app left the screen
	ticking  bool      // the handler is at work
	tickEnd  time.Time // when it returns by itself
	warned   once      // of a short registration
}

func newKeepAlive(e env) keepAlive {
	return keepAlive{timeout: e.cfg.KeepAlive, at: e.cfg.KeepAliveAt, waits: e.cfg.KeepAliveHandler == InHandler, round: e.cfg.KeepAliveRound, out: e.out, lines: e.lines, errand: e.errand, status: e.status, probe: (*line).ping, warned: once{}}
}

func (k *keepAlive) deadline() time.Time { return k.tickEnd }

func (k *keepAlive) advance(now time.Time) {
	if !system.Due(k.tickEnd, now) {
		return
	}
	k.tickEnd = time.Time{}
	if k.waits && k.lines.await() {
		return
	}
	if k.lines.awaitPong() {
		k.errand.hold("wait for the pong")
	}
	if !k.status().ringing {
		k.done()
	}
}

func (k *keepAlive) receive(now time.Time, s system.Signal) bool {
	switch s := s.(type) {
	case system.Launched:
		if k.at == AtLaunch || k.at == InBackground && s.Background {
			k.install()
		}
	case system.DidEnterBackground:
		k.tickAt = now // from now on ticks are due
		if k.at == InBackground {
			k.install()
		}
	case system.WillEnterForeground:
		k.returned(now)
	case system.KeepAliveSet:
		k.answered(s)
		return true
	case system.KeepAlive:
		k.tick(now)
		k.refresh(now)
		return true
	}
	return false
}

// install asks the system to call the handler, which says whether it will.
func (k *keepAlive) install() {
	k.asked = true
	k.out.ask(system.SetKeepAlive{Timeout: k.timeout})
}

// answered is what the system has said to that.
func (k *keepAlive) answered(s system.KeepAliveSet) {
	k.accepted = s.Accepted && s.Timeout > 0
	if !s.Accepted && k.round && s.Timeout < DefaultKeepAlive {
		k.timeout = DefaultKeepAlive
		k.install()
	}
}

func (k *keepAlive) notice(now time.Time, l *line, n control.Notice) {
	switch n := n.(type) {
	case control.Registered:
		k.registered(now, l, n.Expires)
	case control.FlowFailed:
		if !k.waits && !k.lines.othersBusy(l) {
			k.done()
		}
	}
}

// registered notes how long the binding is good, and warns if it may end
// before the next tick.
func (k *keepAlive) registered(now time.Time, l *line, expires time.Duration) {
	l.lapsesAt = time.Time{}
	if expires == 0 {
		return
	}
	l.lapsesAt = now.Add(expires)
	if expires < k.timeout && k.warned.first(l) {
		l.out.note(event.Warning{
			Rule: event.RuleShortExpires, Note: fmt.Sprintf("registered for %g s, and the next keepalive is up to %g s away", expires.Seconds(), k.timeout.Seconds()),
			Hint: "a registrar that grants an hour",
		})
	}
}

// tick begins the work of the handler.
func (k *keepAlive) tick(now time.Time) {
	k.ticking, k.tickEnd, k.tickAt = true, now.Add(tickPatience), now
	k.errand.done, k.errand.inHandler = false, k.waits
}

// refresh asks for a sign of life on each line, or registers afresh if the binding
// would not live until the next tick. Half the timeout more is allowed for the tick
// that comes late.
func (k *keepAlive) refresh(now time.Time) {
	next := now.Add(k.timeout + k.timeout/2)
	for _, l := range k.lines {
		if l.registered && system.Due(l.lapsesAt, next) {
			l.register(now)
		} else {
			k.probe(l, now)
		}
	}
}

// returned warns if the last tick was too long ago.
func (k *keepAlive) returned(now time.Time) {
	ago := now.Sub(k.tickAt)
	if k.accepted && !k.tickAt.IsZero() && ago > k.timeout+tickSlack {
		k.out.note(event.Warning{
			Rule: event.RuleLateTick, Note: fmt.Sprintf("the last keepalive was %s ago", event.Round(ago)),
			Hint: "something has cancelled the keepalive handler, or the device was off",
		})
	}
	k.tickAt = time.Time{}
	if k.waits {
		k.done()
	}
}

// done returns from the handler.
func (k *keepAlive) done() {
	if !k.ticking {
		return
	}
	k.ticking, k.tickEnd, k.errand.inHandler = false, time.Time{}, false
	if !k.stays {
		k.out.ask(system.KeepAliveDone{})
	}
}
