// Package link emulates the path through a network: how long packets take,
// which of them are lost, and what a cut does.
//
//	alice ──▶ Path (up) ──▶ the network between ──▶ Path (down) ──▶ lab
//
// A [Path] is one direction of one node's access link. Datagrams on it are
// lost and overtake each other. A stream neither loses nor reorders: a
// [Stream] puts its segments back in order, and turns a loss into the wait
// until TCP tries again (RFC 6298), and a cut that lasts into a broken
// connection.
//
// A [Link] joins one handset to its kernel, and breaks the network on purpose,
// by a [Fault]:
//
//	app ◀─▶ device ◀─▶ Link ◀─▶ kernel ◀─▶ network
//
// It is the same machine over real sockets and in virtual time. Without a fault
// it is a straight wire. Otherwise each socket of the app is a flow with two
// lanes, in which packets wait, are lost and come late; and a flow can be dead:
// the network has forgotten it, and neither end is told. A frozen app sees the
// same: data of a dead flow does not wake it, and late data wakes it when it
// arrives.
//
// The link cannot keep bytes from this computer's kernel, which acknowledges a
// server's data before the link sees it. So the link itself counts how long the
// server's TCP would retransmit, and then resets the connection. The table of
// faults says what a real server sees of each.
//
// What the network loses, and what it remembers of a flow, the link tells the log, as
// nobody else will: neither end hears of it. What comes for a frozen app over a dead flow
// it has the kernel read ([system.Drain]), to say what that was; a flood is counted.
//
// Everything here is a pure machine: the caller passes the time and the source
// of randomness. Nothing is safe for concurrent use.
package link

import (
	"math/rand/v2"
	"time"
)

// A Path is one direction of a path through a network. The zero Path delivers
// everything at once.
type Path struct {
	// Latency is the least time that a packet takes.
	Latency time.Duration
	// Jitter is the most that is added to Latency, drawn evenly for each
	// packet: packets closer together than Jitter can be reordered.
	Jitter time.Duration
	// Loss is the probability, from 0 to 1, that a packet is lost.
	Loss float64
	// Down loses everything silently.
	Down bool

	rng *rand.Rand
}

// Seeded returns a copy of p that draws from rng. A path with jitter or loss
// needs a source.
func (p Path) Seeded(rng *rand.Rand) *Path {
	p.rng = rng
	return &p
}

// Send sends one packet and returns when it arrives, or false if it never does.
// A packet that is on the way when the path goes down still arrives.
func (p *Path) Send(now time.Time) (arrives time.Time, ok bool) {
	if p.Down {
		return time.Time{}, false
	}
	if p.Loss > 0 && p.rng.Float64() < p.Loss {
		return time.Time{}, false
	}
	delay := p.Latency
	if p.Jitter > 0 {
		delay += time.Duration(p.rng.Int64N(int64(p.Jitter) + 1))
	}
	return now.Add(delay), true
}

// Across sends one packet over several paths in a row.
func Across(now time.Time, paths ...*Path) (arrives time.Time, ok bool) {
	arrives, ok = now, true
	for _, p := range paths {
		if arrives, ok = p.Send(arrives); !ok {
			return time.Time{}, false
		}
	}
	return arrives, true
}
