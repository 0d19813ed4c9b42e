// Package loop is what the parts of one pure machine share: the time of the step
// in hand, what that step asks of the system, and the alarms that are set.
//
//	Step(now, f) ─▶ f … ─▶ what f put off with Then ─▶ the calls, in their order
//
// One goroutine owns a Loop.
package loop

import (
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Loop is the state of a machine between two steps, and during one.
type Loop struct {
	Rand *rand.Rand

	name    string
	now     time.Time
	out     []system.Call
	put     []func() // off until what is in hand is done
	alarms  alarms
	tls     *secure.Layer
	sockets system.Socket // the last one opened
}

// New makes a loop that logs under a name. Its connections speak TLS where they
// are asked to, as cfg says.
func New(name string, r *rand.Rand, cfg secure.Config) *Loop {
	return &Loop{Rand: r, name: name, tls: secure.New(cfg)}
}

// Step runs f and what f puts off, and gives back what they ask of the system.
func (l *Loop) Step(now time.Time, f func()) []system.Call {
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

// Now is the time of the step in hand.
func (l *Loop) Now() time.Time { return l.now }

// Then does f when what is in hand is done, so that no part is stepped inside
// its own step.
func (l *Loop) Then(f func()) { l.put = append(l.put, f) }

// Ask asks something of the system.
func (l *Loop) Ask(calls ...system.Call) {
	for _, c := range calls {
		l.out = l.tls.Call(l.now, c, l.out)
	}
}

// Hear takes in a signal of the system; each does what follows from it. TLS
// hears it first: what has come may be less than a record, or several.
func (l *Loop) Hear(s system.Signal, each func(system.Signal)) {
	var signals []system.Signal
	signals, l.out = l.tls.Receive(l.now, s, nil, l.out)
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
	l.Log(event.Error{Op: "listen on " + addr, Err: err.Error(), Hint: "another port, such as 127.0.0.1:0", Rule: event.RulePortTaken})
}

// Socket is the number of a new socket.
func (l *Loop) Socket() system.Socket {
	l.sockets++
	return l.sockets
}

// Token is n random letters and digits.
func (l *Loop) Token(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[l.Rand.IntN(len(letters))]
	}
	return string(b)
}

// Set has ring called after d, instead of what the alarm was set for.
func (l *Loop) Set(a *Alarm, d time.Duration, ring func()) { l.alarms.set(a, l.now.Add(d), ring) }

// Clear has an alarm not ring; it may not be set at all.
func (l *Loop) Clear(a *Alarm) { l.alarms.clear(a) }

// Deadline is when the next alarm rings.
func (l *Loop) Deadline() time.Time { return l.alarms.deadline() }

// Ring rings the alarms that are due.
func (l *Loop) Ring() {
	for a := l.alarms.due(l.now); a != nil; a = l.alarms.due(l.now) {
		a.ring()
	}
}
