// Package link is the emulated way through a network: how long what is sent
// takes, what of it is lost, and what a cut does.
//
//	alice ──▶ Path (up) ──▶ the network between ──▶ Path (down) ──▶ lab
//
// A [Path] is one direction of one node's access link. Datagrams on it are
// lost and overtake each other. A stream neither loses nor reorders: a
// [Stream] puts its segments back in order, and turns a loss into the wait
// until TCP tries again (RFC 6298), and a cut that lasts into a broken
// connection.
//
// A [Link] is what joins one handset to its kernel, and where the network is
// broken on purpose, by a [Fault]:
//
//	app ◀─▶ device ◀─▶ Link ◀─▶ kernel ◀─▶ network
//
// It is the same machine over real sockets and in virtual time. With nothing
// switched on it is a straight wire. Otherwise each socket of the app is a
// flow with two lanes, in which packets wait, are lost and come late; and a
// flow can be dead: the network has forgotten it and tells nobody. What a
// frozen app does not know it does not hear: data of a dead flow wakes nobody,
// and data that is late wakes it when it comes.
//
// What the link cannot do is to keep bytes from this computer's kernel, which
// acknowledges what a server sends before the link sees it. So it counts in
// the server's place how long a real TCP would try, and resets the connection
// then. The table of faults says of each what a real server sees of it.
//
// Everything here is a pure machine: the time is given, randomness comes from
// the source that is given. Nothing is safe for concurrent use.
package link

import (
	"math/rand/v2"
	"time"
)

// A Path is one direction of a way through a network. The zero Path delivers
// everything at once.
type Path struct {
	// Latency is how long the way takes at least.
	Latency time.Duration
	// Jitter is added to it, evenly spread from 0 to Jitter, each packet on
	// its own: packets closer together than Jitter can change places.
	Jitter time.Duration
	// Loss is the probability, from 0 to 1, that a packet is lost.
	Loss float64
	// Down loses everything, and tells nobody.
	Down bool

	rng *rand.Rand
}

// Seeded is a copy of p that draws from rng. A path with jitter or loss needs
// one.
func (p Path) Seeded(rng *rand.Rand) *Path {
	p.rng = rng
	return &p
}

// Send puts one packet on the way and says when it arrives, or false if it
// never does. A packet that is on the way when the path goes down arrives
// still.
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
