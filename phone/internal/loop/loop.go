// Package loop holds the state that the parts of one pure machine share: the
// time of the current step, the calls that it makes to the system, and the
// alarms.
//
//	Step(now, f) ─▶ f … ─▶ what f put off with Then ─▶ the calls, in their order
//
// One goroutine owns a Loop.
package loop

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/websocket"
)

// A Loop is the state of a machine between two steps, and during one.
type Loop struct {
	Rand *rand.Rand

	name    string
	now     time.Time
	out     []system.Effect
	put     []func() // off until the current function returns
	alarms  alarms
	wire    *websocket.Layer
	sockets system.Socket // the last one opened
}

// New makes a loop that logs under a name. cfg is for the connections that
// speak TLS.
func New(name string, r *rand.Rand, cfg secure.Config) *Loop {
	return &Loop{Rand: r, name: name, wire: websocket.Over(secure.New(cfg), r)}
}

// Step runs f and the functions that f defers with Then, and returns their
// calls to the system.
func (l *Loop) Step(now time.Time, f func()) []system.Effect {
	l.now = now
	f()
	for len(l.put) > 0 {
		next := l.put[0]
		l.put = l.put[1:]
		next()
	}
	out := l.out
	l.out, l.put = nil, nil
	return out
}

// Now returns the time of the current step.
func (l *Loop) Now() time.Time { return l.now }

// Then defers f until the current function has returned, so that no part is
// stepped inside its own step.
func (l *Loop) Then(f func()) { l.put = append(l.put, f) }

// Ask makes calls to the system.
func (l *Loop) Ask(effects ...system.Effect) {
	for _, c := range effects {
		l.out = l.wire.Call(l.now, c, l.out)
	}
}

// Hear handles a signal of the system with each. TLS and WebSocket decode it first, so one
// signal may become none or several.
func (l *Loop) Hear(s system.Signal, each func(system.Signal)) {
	var signals []system.Signal
	signals, l.out = l.wire.Receive(l.now, s, nil, l.out)
	for _, s := range signals {
		each(s)
	}
}

// Log logs an event.
func (l *Loop) Log(e event.Event) { l.Ask(system.Log{Phone: l.name, Event: e}) }

// Note logs what the machine, a server, did or saw.
func (l *Loop) Note(what, peer, detail string) {
	l.Log(event.Server{What: what, Peer: peer, Detail: detail})
}

// CannotListen logs that an address could not be listened on.
func (l *Loop) CannotListen(addr string, err error) {
	l.Log(event.Error{Op: "listen on " + addr, Err: err.Error(), Hint: listenHint(err), Rule: event.RulePortTaken})
}

// listenHint is what to do about an address that could not be listened on.
func listenHint(err error) string {
	switch {
	case errors.Is(err, system.NotLocal):
		return "an address of this machine: 127.0.0.1 is reached from here alone, 0.0.0.0 from every network"
	case errors.Is(err, system.Forbidden):
		return "a port from 1024 on, such as 127.0.0.1:5070: those below are for root"
	}
	return "another port, such as 127.0.0.1:0"
}

// Socket is the number of a new socket.
func (l *Loop) Socket() system.Socket {
	l.sockets++
	return l.sockets
}

// Token returns n random letters and digits.
func (l *Loop) Token(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[l.Rand.IntN(len(letters))]
	}
	return string(b)
}

// Set makes the alarm call ring after d, replacing what it was set for.
func (l *Loop) Set(a *Alarm, d time.Duration, ring func()) { l.alarms.set(a, l.now.Add(d), ring) }

// Clear unsets an alarm; it need not be set.
func (l *Loop) Clear(a *Alarm) { l.alarms.clear(a) }

// Deadline is when the next alarm rings.
func (l *Loop) Deadline() time.Time { return l.alarms.deadline() }

// Ring rings the alarms that are due.
func (l *Loop) Ring() {
	for a := l.alarms.due(l.now); a != nil; a = l.alarms.due(l.now) {
		a.ring()
	}
}
