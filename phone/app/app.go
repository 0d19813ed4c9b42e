// Package app is the softphone program: what a developer would ship to run on
// a mobile system. It composes the agent of a control protocol (SIP, or one of
// the others behind the door of phone/control) and the RTP sessions of its
// calls, and answers the system's callbacks.
//
// It cannot see that its system is emulated. It learns that it was asleep
// only as a real app does: timers that come late, bytes in a lump, a dead
// socket, a callback on waking. The robots of the lab are this same program
// on a system that never sleeps.
//
//	     system.Signal                    command (Call, Answer, …)
//	           │                                 │
//	┌──────────▼─────────────────────────────────▼──────────┐
//	│ App      calls      background life      sound         │
//	└────┬──────▲─────────────────────────────┬──────▲──────┘
//	     │      │ notices                     │      │ frames
//	┌────▼──────┴────┐                   ┌────▼──────┴────┐
//	│ control.Agent  │                   │ media.Session  │ one a call
//	└────────────────┘                   └────────────────┘
//
// The strategy says how it tries to stay reachable while asleep; see
// [Strategy]. App is a pure machine; one goroutine owns it.
package app

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Behaviour is what the app does with an incoming call by itself.
type Behaviour string

// The behaviours.
const (
	Manual Behaviour = ""       // rings, and the user decides
	Accept Behaviour = "answer" // answers at once
	Echo   Behaviour = "echo"   // answers at once and sends back what it hears
	Busy   Behaviour = "busy"   // 486 Busy Here
	Ring   Behaviour = "ring"   // rings for ever
)

// Config is what an app is built from. A relaunched app is built from it anew
// and remembers nothing else. What is zero is as [Config.WithDefaults] has it.
type Config struct {
	Account  control.Account
	Strategy Strategy
	// KeepAlive is the timeout asked of the system.
	KeepAlive time.Duration
	// WakeServer is the "host:port" of the wake socket; [WakeSocket] needs it.
	WakeServer string
	// StayAwakeBy is what [StayAwake] asks the server for.
	StayAwakeBy AwakeBy
	Push        Pushing
	Auto        Behaviour
	Sound       Sound
	// Samples are the recordings that the ear recognises.
	Samples []*pcm.Reference
	Rand    *rand.Rand
}

// Identity is who the app is, for the log. What goes without saying, SIP and
// TCP, is empty.
func (c Config) Identity() control.Identity {
	who := c.Account.Identity()
	switch {
	case who.Transport == "" && c.Strategy.Traits().Datagrams:
		who.Transport = "udp"
	case who.Transport == "tcp":
		who.Transport = ""
	}
	if who.Protocol == control.SIP {
		who.Protocol = ""
	}
	return who
}

// App is one running softphone program.
type App struct {
	cfg    Config
	traits Traits // of its strategy
	rng    *rand.Rand
	agent  control.Agent

	sockets    system.Socket // the last one used
	control    netip.AddrPort
	registered bool
	foreground bool
	leaving    bool // shutting down

	life  background
	wake  wakeSocket
	stay  stayAwake
	push  pushing
	calls []*call // oldest first
	sound sound
	cards int // the last notification's ID
	out   []system.Call
}

// New returns an app that has not been launched yet. An error says what is
// wrong with the configuration.
func New(cfg Config) (*App, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, traits: cfg.Strategy.Traits(), rng: cfg.Rand}
	a.sound.init(cfg.Sound)
	agent, err := cfg.Account.Open(control.Env{
		Rand: cfg.Rand, NextSocket: a.nextSocket, Datagrams: a.traits.Datagrams, Expires: a.traits.Expires,
	})
	if err != nil {
		return nil, err
	}
	if _, asks := agent.(control.Asker); !asks && cfg.StayAwakeBy == ByOptions {
		return nil, errNoOptions
	}
	a.agent = agent
	return a, nil
}

// check refuses what can be known to be wrong before the account is opened.
func (c Config) check() error {
	if _, err := ParseStrategy(string(c.Strategy)); err != nil {
		return err
	}
	if c.Strategy.Traits().WakeServer && c.WakeServer == "" {
		return errNoWakeServer
	}
	return c.Push.check()
}

func (a *App) nextSocket() system.Socket {
	a.sockets++
	return a.sockets
}

// Deadline is when Advance wants to be called next.
func (a *App) Deadline() time.Time {
	at := system.Earliest(a.agent.Deadline(), a.life.deadline(), a.wake.deadline(), a.stay.askAt, a.push.deadline(), a.sound.deadline())
	for _, c := range a.calls {
		if c.session != nil {
			at = system.Earliest(at, c.session.Deadline())
		}
	}
	return at
}

// Advance does everything that is due.
func (a *App) Advance(now time.Time) []system.Call {
	a.feelPulse(now)
	a.handle(now, a.agent.Advance(now))
	a.unanswered()
	a.advanceLife(now)
	a.advanceWake(now)
	a.askAgain(now)
	a.advancePush(now)
	for _, c := range a.calls {
		if c.session != nil {
			a.ask(c.session.Advance(now)...)
		}
	}
	a.pump(now)
	return a.take()
}

// Receive takes in a signal of the system.
func (a *App) Receive(now time.Time, s system.Signal) []system.Call {
	if a.wakeSignal(now, s) {
		return a.take()
	}
	switch s := s.(type) {
	case system.Connected:
		a.control = s.Local
		a.handle(now, a.agent.Receive(now, s))
	case system.Secured:
		a.handle(now, a.agent.Receive(now, s))
	case system.Received:
		a.received(now, s)
	case system.Bound:
		a.bound(now, s)
	case system.Failed:
		a.failed(now, s)
	case system.Closed:
		a.closed(now, s)
	case system.Captured:
		a.captured(now, s.Samples)
	case system.PlayoutDue:
		a.playout(now, s.N)
	case system.SoundFailed:
		a.soundFailed(s)
	default:
		a.callback(now, s)
	}
	return a.take()
}

// received takes in data: audio for the call whose socket it is, else
// signalling.
func (a *App) received(now time.Time, s system.Received) {
	if c := a.callOf(s.Socket); c == nil {
		awaited := a.agent.Awaits()
		a.handle(now, a.agent.Receive(now, s))
		a.replied(awaited)
		a.signalled(now)
	} else if c.session != nil {
		a.ask(c.session.Receive(now, s)...)
	}
}

func (a *App) failed(now time.Time, s system.Failed) {
	c := a.callOf(s.Socket)
	if c == nil {
		a.handle(now, a.agent.Receive(now, s))
		return
	}
	a.problem("open audio sockets for the call", s.Err.Error(), "")
	a.drop(now, c, statusServerError)
}

// closed takes in the end of a socket. An audio socket that the system took
// away while the app was suspended is replaced.
func (a *App) closed(now time.Time, s system.Closed) {
	c := a.callOf(s.Socket)
	if c == nil {
		a.handle(now, a.agent.Receive(now, s))
		return
	}
	why := "closed"
	if s.Err != nil {
		why = s.Err.Error()
	}
	a.note(event.Socket{Name: "rtp", Phase: "broken", Error: why})
	a.rebind(c)
}

// Register registers with the server, or refreshes the binding.
func (a *App) Register(now time.Time) []system.Call {
	a.handle(now, a.agent.Register(now))
	return a.take()
}

// Unregister removes the binding at the server.
func (a *App) Unregister(now time.Time) []system.Call {
	a.handle(now, a.agent.Unregister(now))
	return a.take()
}

// Shutdown ends all calls, unregisters and then asks the system to end the
// process.
func (a *App) Shutdown(now time.Time) []system.Call {
	a.leaving = true
	a.handle(now, a.agent.Shutdown(now))
	return a.take()
}

// handle carries out what the agent wants: its calls, then its notices.
func (a *App) handle(now time.Time, out control.Output) {
	a.ask(out.Calls...)
	for _, n := range out.Notices {
		a.notice(now, n)
	}
	a.takePulse(now)
}

func (a *App) notice(now time.Time, n control.Notice) {
	switch n := n.(type) {
	case control.Connected:
		a.mark(n.Socket)
	case control.Registered:
		a.registered = true
		a.probe(now)
		a.life.lapses(now, n.Expires)
		a.judge(n)
		a.wakeRegistered(now)
		a.wakeable()
		a.summonsOver()
		a.restSoon(now)
		a.settled()
	case control.RegisterFailed:
		a.registered = false
		a.summonsOver()
		a.settled() // nothing more to wait for: the user must act
	case control.Ponged:
		a.settled()
	case control.FlowFailed:
		a.registered, a.life.stopped = false, false
		a.wakeLost(now)
		a.flowFailed()
	case control.Texted:
		a.texted(n)
	case control.Down:
		a.ask(system.Exit{})
	default:
		a.callNotice(now, n)
	}
}

// ask queues calls to the system.
func (a *App) ask(calls ...system.Call) { a.out = append(a.out, calls...) }

// note writes down an event.
func (a *App) note(e event.Event) { a.ask(system.Log{Event: e}) }

func (a *App) problem(op, err, hint string) {
	a.note(event.Error{Op: op, Err: err, Hint: hint})
}

func (a *App) take() []system.Call {
	out := a.out
	a.out = nil
	return out
}
