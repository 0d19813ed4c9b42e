// Package world is the virtual shell: it runs machines (handsets, a lab) on
// one virtual clock and an in-memory network.
//
//	          World: clock, event queue, addresses, names
//	  ┌──────────────┬──────────────┬──────────────┐
//	Node alice     Node carol     Node lab        (one address each)
//	  machine        machine        machine        Signals in, Calls out
//	  sockets        sockets        sockets        its kernel: can be frozen
//	  up ▲▼ down     up ▲▼ down     up ▲▼ down     link.Path, seeded
//	  └──────────────┴──── network ─┴──────────────┘
//
// Its law: the same seed and the same steps give the same event log, byte for
// byte. So nothing here reads a clock, starts a goroutine or ranges over a map;
// entries at the same instant happen in the order in which they were scheduled.
//
// The network behaves like a real one wherever a phone can see a difference: a
// connect takes a round trip, a stream arrives in pieces of any size, lost
// segments arrive late, a cut is silent until TCP gives up, a frozen program's
// data waits in its socket, and closing a socket with unread data resets it. On
// a thaw overdue timers fire first; then the machine gets the events of its
// sockets, then the data in them by their numbers, as in phone/live.
//
// A World is not safe for concurrent use.
package world

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// defaultMSS is the payload of an Ethernet frame less the IPv4 and TCP
// headers.
const defaultMSS = 1460

// maxStill is how many steps may happen at one instant. A machine whose
// deadline does not move when it is advanced would stop the clock for ever.
const maxStill = 1_000_000

// Config configures a [World].
type Config struct {
	// Seed decides everything that is random.
	Seed uint64
	// Log takes the events of all machines.
	Log *event.Log
	// Epoch is the wall time at which virtual time is zero; the zero value
	// is 2026-01-01 00:00 UTC.
	Epoch time.Time
	// MSS is the longest piece, in bytes, in which a stream arrives; 0 is
	// that of Ethernet.
	MSS int
	// Split cuts streams into pieces of random size, from one byte to MSS.
	Split bool
	// Push configures the push service that all machines share. Its Rand is
	// ignored: the world has its own.
	Push push.Config
	// Zone is what the DNS says, besides the names of the nodes.
	Zone zone.Zone
}

// A World is a virtual clock, a network, and the machines on it.
type World struct {
	cfg   Config
	now   time.Duration // virtual time since the epoch
	queue queue
	seq   uint64
	split *rand.Rand
	push  pushService

	nodes  []*Node
	byAddr map[netip.Addr]*Node
	byName map[string]netip.Addr

	steps uint64
	still int // steps on this instant
}

// New makes an empty world.
func New(cfg Config) *World {
	if cfg.Epoch.IsZero() {
		cfg.Epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if cfg.MSS <= 0 {
		cfg.MSS = defaultMSS
	}
	w := &World{
		cfg:    cfg,
		split:  rand.New(rand.NewPCG(cfg.Seed, 0)),
		byAddr: map[netip.Addr]*Node{},
		byName: map[string]netip.Addr{},
	}
	w.push.init(w)
	return w
}

// Add puts a machine on the network, under a name that also resolves. The path
// is its access link, each direction with its own seeded randomness. Names and
// addresses must be unique; Add panics on a duplicate.
func (w *World) Add(name string, addr netip.Addr, m system.Machine, p link.Path) *Node {
	if w.byAddr[addr] != nil {
		panic(fmt.Sprintf("world: address %s is taken by %s", addr, w.byAddr[addr].name))
	}
	if _, taken := w.byName[name]; taken {
		panic(fmt.Sprintf("world: name %s is taken", name))
	}
	id := uint64(len(w.nodes)) + 1
	n := newNode(w, name, addr, m)
	n.up = p.Seeded(rand.New(rand.NewPCG(w.cfg.Seed, 2*id)))
	n.down = p.Seeded(rand.New(rand.NewPCG(w.cfg.Seed, 2*id+1)))
	w.nodes = append(w.nodes, n)
	w.byAddr[addr] = n
	w.byName[name] = addr
	n.arm()
	return n
}

// Now is the virtual time.
func (w *World) Now() time.Time { return w.cfg.Epoch.Add(w.now) }

// Elapsed is the virtual time since the epoch.
func (w *World) Elapsed() time.Duration { return w.now }

// Steps returns how many steps the machines and the network have taken.
func (w *World) Steps() uint64 { return w.steps }

// Do runs f as a step of the node's machine, now: the calls that it returns are
// executed as if the machine had made them.
func (w *World) Do(n *Node, f func(now time.Time) []system.Effect) {
	n.carryOut(f(w.Now()))
}

// Cut takes a node's link down, both ways, without a signal to anybody. The
// push service notices at once.
func (w *World) Cut(n *Node) {
	n.up.Down, n.down.Down = true, true
	w.push.service.Close(w.Now(), n.name)
}

// Restore ends a [World.Cut].
func (w *World) Restore(n *Node) {
	n.up.Down, n.down.Down = false, false
	w.push.steps(w.push.service.Reopen(w.Now(), n.name))
}

// RunUntil runs everything up to and including the virtual time d, counted
// from the epoch, and leaves the clock there.
func (w *World) RunUntil(d time.Duration) {
	for w.step(d) {
	}
	w.now = max(w.now, d)
}

// Run runs until pred holds, at most for limit of virtual time from now, and
// reports whether it holds. It asks before the first step and after each.
func (w *World) Run(pred func() bool, limit time.Duration) bool {
	end := w.now + limit
	for !pred() {
		if !w.step(end) {
			w.now = max(w.now, end)
			return pred()
		}
	}
	return true
}

// step does the next thing that is due no later than end, and reports whether
// there was one.
func (w *World) step(end time.Duration) bool {
	if len(w.queue) == 0 || w.queue[0].at > end {
		return false
	}
	next := heap.Pop(&w.queue).(*entry)
	w.tick(next.at)
	next.do()
	return true
}

// tick moves the clock, and panics if it no longer moves.
func (w *World) tick(at time.Duration) {
	w.steps++
	w.still++
	if at > w.now {
		w.now, w.still = at, 0
	}
	if w.still > maxStill {
		panic(fmt.Sprintf("world: %d steps at %s and the clock does not move: a machine's deadline stays due", maxStill, w.now))
	}
}

// since is the virtual time of t.
func (w *World) since(t time.Time) time.Duration { return t.Sub(w.cfg.Epoch) }

// log appends an event at this instant.
func (w *World) log(l system.Log) {
	w.cfg.Log.Append(event.Record{Wall: w.Now(), Device: w.now, Phone: l.Phone, Account: l.Account, Event: l.Event})
}
