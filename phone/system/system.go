// Package system is the words between a program and the system beneath it.
//
// A program (the app, a robot of the lab, the lab itself) is a pure machine:
// it never touches a socket, a file or a clock. It is stepped with the time
// and a [Signal], and gives back [Effect] values: what it asks of the system,
// in the order in which it asks.
//
//	            Signal                        Signal
//	kernel  ─────────────▶  handset's device ─────────▶  app
//	(shell) ◀─────────────  (may be asleep)  ◀─────────
//	            Effect                        Effect
//
// Two systems answer. The kernel (phone/live: real sockets; phone/world: an
// in-memory network) carries out the effects of kernel.go. The mobile system
// (phone/device) carries out those of mobile.go, and decides when the app
// below it runs at all. Between the two, in the program's own process, are its
// TLS (phone/secure), which answers [StartTLS], and its WebSocket (phone/websocket),
// which answers [StartWebSocket]. An app cannot tell which shell it runs in, nor see
// the mobile system put it to sleep: it sees late timers, bytes in a lump and
// dead sockets, as a real app does.
//
// Machines are not safe for concurrent use: one goroutine owns each.
package system

import "time"

// A Machine is a program that a shell runs: a handset or a lab.
//
// The shell calls Advance when Deadline has come and Receive when a signal
// arrives, and carries out the effects that come back, in their order. Time is
// the machine's own: it need not be the wall clock's, but never runs
// backwards.
type Machine interface {
	// Deadline is when Advance wants to be called next; the zero time
	// means never.
	Deadline() time.Time
	// Advance does everything that is due at now.
	Advance(now time.Time) []Effect
	// Receive takes in one signal at now.
	Receive(now time.Time, s Signal) []Effect
}

// An Effect is what a program asks of the system beneath it.
type Effect interface{ effect() }

// A Signal is what a system tells a program.
type Signal interface{ signal() }

// Earliest returns the earliest of the times that are not zero, or the zero
// time if all are: the deadline of a machine made of machines.
func Earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// Due reports whether the deadline t has come at now. The zero time never
// comes.
func Due(t, now time.Time) bool {
	return !t.IsZero() && !now.Before(t)
}
