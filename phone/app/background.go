package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// background is the app's life off the screen: its keepalive handler, and the
// background task that it takes to mend a broken connection.
type background struct {
	judgement
	accepted bool      // the system has taken the keepalive handler
	expires  time.Time // of the binding, as the server granted it; zero: it does not
	// A keepalive handler at work: it returns when the server has answered,
	// or by itself at tickEnd.
	ticking bool
	tickEnd time.Time
	settled bool // the server has answered
	probed  bool // a first ping was sent
	// A background task is held while the connection is being mended, for
	// an app that is suspended cannot retry.
	task    int // its number; 0: none
	lastNum int
}

// tickPatience is how long the keepalive handler waits for an answer before
// it returns or, if an answer was to be expected, takes a background task to
// find out more. pjsip's iOS guide sleeps about 5 s in the handler for the
// same reason: "don't sleep too short, to avoid too many wakeups, because
// when there is any response from server, app will be woken up again".
const tickPatience = 5 * time.Second

func (b *background) deadline() time.Time { return system.Earliest(b.tickEnd, b.pulseAt) }

func (a *App) advanceLife(now time.Time) {
	if !system.Due(a.life.tickEnd, now) {
		return
	}
	a.life.tickEnd = time.Time{}
	if a.agent.AwaitsPong() {
		a.beginTask("wait for the pong")
	}
	if a.ringing() == nil {
		a.endTick()
	}
}

// callback answers what the mobile system says.
func (a *App) callback(now time.Time, s system.Signal) {
	switch s := s.(type) {
	case system.Launched:
		a.foreground = !s.Background
		a.launched(now)
	case system.DidEnterBackground:
		a.foreground = false
		a.left(now)
		a.signalled(now)
		a.notifyRinging()
		a.handle(now, a.agent.Leave(now, true))
		a.leave(now)
		a.tuneSound(now)
		a.ask(system.BackgroundReady{})
	case system.WillEnterForeground:
		a.foreground = true
		a.returned(now)
		a.handle(now, a.agent.Leave(now, false))
		a.comeBack(now)
		a.ringInside(now)
	case system.KeepAliveSet:
		a.keepAliveSet(s)
	case system.KeepAlive:
		a.keepAlive(now)
	case system.TaskExpiring:
		a.endTask()
	case system.Tapped:
		a.tapped(now, s)
	case system.PushToken:
		a.pushToken(now, s.Token)
	case system.Pushed:
		a.pushed(now, s)
	case system.CallReported:
		a.callReported(now, s)
	case system.AudioActivated:
		a.audioActivated(now, s)
	}
}

// launched starts the program: sign on, and install the handlers by which the
// system wakes it, which no earlier process has left behind.
func (a *App) launched(now time.Time) {
	switch {
	case a.traits.keepsAlive:
		a.ask(system.SetKeepAlive{Timeout: a.cfg.KeepAlive})
	case a.traits.Pushed:
		a.ask(system.RegisterPush{})
	}
	a.openWake(now)
	a.handle(now, a.agent.Leave(now, !a.foreground))
	a.handle(now, a.agent.Register(now))
}

// probe pings once, to learn whether the server answers pings at all: only
// then is a missing pong the sign of a dead connection (RFC 5626 §4.4.1).
func (a *App) probe(now time.Time) {
	if a.traits.marks && !a.life.probed {
		a.life.probed = true
		a.handle(now, a.agent.Ping(now))
	}
}

// mark makes the control socket the one that the system watches.
func (a *App) mark(s system.Socket) {
	if a.traits.marks {
		a.ask(system.MarkVoIP{Socket: s})
	}
}

// keepAlive is the keepalive handler: a ping, and a fresh registration if the
// binding would not live until the next tick. Half the timeout more is
// allowed for the tick that comes late.
func (a *App) keepAlive(now time.Time) {
	a.life.ticking, a.life.tickEnd, a.life.settled = true, now.Add(tickPatience), false
	a.life.tickAt = now
	a.pingWaker(now)
	if next := now.Add(a.cfg.KeepAlive + a.cfg.KeepAlive/2); a.registered && system.Due(a.life.expires, next) {
		a.handle(now, a.agent.Register(now))
		return
	}
	a.askServer(now)
}

// lapses notes for how long the binding is good.
func (b *background) lapses(now time.Time, expires time.Duration) {
	b.expires = time.Time{}
	if expires > 0 {
		b.expires = now.Add(expires)
	}
}

// settled is called when the server has answered a ping, or a registration
// either way: what the app stayed awake for is done.
func (a *App) settled() {
	a.life.settled = true
	a.rest()
}

// rest gives back the time that the system lent, when what it was for is
// done. A phone that rings needs all the time that it can get.
func (a *App) rest() {
	if a.life.settled && a.ringing() == nil && !a.wake.busy() {
		a.endTick()
		a.endTask()
	}
}

// flowFailed keeps the app running while the agent opens a new flow.
func (a *App) flowFailed() {
	a.life.settled = false
	if !a.foreground && !a.leaving {
		a.beginTask("open a new connection")
	}
	a.endTick()
}

// endTick returns from the keepalive handler. An app that means to stay awake
// does not return: it would be suspended at once.
func (a *App) endTick() {
	if !a.life.ticking {
		return
	}
	a.life.ticking, a.life.tickEnd = false, time.Time{}
	if !a.traits.Asks {
		a.ask(system.KeepAliveDone{})
	}
}

func (a *App) beginTask(name string) {
	if a.life.task == 0 {
		a.life.lastNum++
		a.life.task = a.life.lastNum
		a.ask(system.BeginTask{Task: a.life.task, Name: name})
	}
}

func (a *App) endTask() {
	if a.life.task != 0 {
		a.ask(system.EndTask{Task: a.life.task})
		a.life.task = 0
	}
}
