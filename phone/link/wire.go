package link

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The ways in which a handset can be connected.
const (
	Wifi    = "wifi"
	Cell    = "cell"
	Offline = "offline"
)

// maxGhosts is how many connections the link keeps open for a server that does
// not know of their end. If there are more, the oldest is reset.
const maxGhosts = 8

// A Link joins one handset to its kernel. It is a machine of its own: packets
// move, and a NAT forgets, while the app is suspended too.
type Link struct {
	seed     uint64
	rng      *rand.Rand // nil until randomness is needed
	network  string
	before   string // of an offline handset: its former network
	nat      nat
	up, down shape

	push     system.Effect // what the device is reached by; nil: by nothing, or its way to the push service is closed
	flows    flows
	numbered system.Socket // how many socket numbers of its own it has used
	frozen   bool
	froze    time.Time // when that began
	wake     int       // the number of the wake since the last thaw; 0: it was for none
	busy     bool      // not a straight wire
	due      time.Time
	teller
}

// New returns a link that is a straight wire, over wifi. Its randomness comes
// from the seed.
func New(seed uint64) *Link { return &Link{seed: seed, network: Wifi} }

// Network is how the handset is connected: [Wifi], [Cell] or [Offline].
func (l *Link) Network() string { return l.network }

// Deadline is when Advance wants to be called next.
func (l *Link) Deadline() time.Time { return l.due }

// Call takes a call of the handset to the kernel, and appends to out the calls
// that reach the kernel now.
func (l *Link) Call(now time.Time, c system.Effect, out []system.Effect) []system.Effect {
	l.out = out
	switch call := c.(type) {
	case system.Connect:
		l.connect(now, call)
	case system.Bind:
		l.bind(call)
	case system.Close:
		l.close(now, call)
	case system.Freeze:
		l.freeze(now, call)
	case system.Thaw:
		l.frozen, l.wake = false, call.Wake
		l.kernel(c)
		l.settle(now)
	case system.OpenPush:
		l.reach(call)
	case system.Subscribe:
		l.reach(call)
	case system.ClosePush:
		l.push = nil
		l.kernel(c)
	case system.Send:
		if l.busy {
			l.send(now, call)
			l.settle(now)
			break
		}
		l.kernel(c) // unchanged, without an allocation
	default:
		l.kernel(c)
	}
	return l.take()
}

// reach opens the way to the push service, now or as soon as there is a network.
func (l *Link) reach(c system.Effect) {
	if l.push = c; !l.offline() {
		l.kernel(c)
	}
}

// Receive takes a signal of the kernel, and returns it, or nil if it does not
// arrive, or not yet. It appends the calls for the kernel to out.
func (l *Link) Receive(now time.Time, s system.Signal, out []system.Effect) (system.Signal, []system.Effect) {
	l.out = out
	if !l.busy {
		l.note(now, s)
		return s, l.take()
	}
	s = l.receive(now, s)
	l.settle(now)
	return s, l.take()
}

// Advance does what is due. It stops at the first signal for the handset, which
// must handle it before more happens; Deadline is then not after now.
func (l *Link) Advance(now time.Time, out []system.Effect) (s system.Signal, _ []system.Effect) {
	l.out = out
	for _, f := range l.flows {
		l.age(now, f)
		l.move(now, f)
	}
	for _, f := range l.flows {
		if s = l.arrival(now, f); s != nil {
			break
		}
	}
	l.settle(now)
	return s, l.take()
}

// Do executes an order. If it fails, it has changed nothing, and the error says
// why the order makes no sense now.
func (l *Link) Do(now time.Time, f Fault, out []system.Effect) ([]system.Effect, error) {
	l.out = out
	err := specOf(f.Name).do(l, now, f)
	l.settle(now)
	return l.take(), err
}

func (l *Link) offline() bool { return l.network == Offline }

// settle removes flows that are over, and recomputes whether the link is a
// straight wire and when something is due.
func (l *Link) settle(now time.Time) {
	l.evict()
	l.flows = slices.DeleteFunc(l.flows, (*flow).over)
	l.busy = l.offline() || l.nat.on() || !l.up.straight() || !l.down.straight() ||
		slices.ContainsFunc(l.flows, func(f *flow) bool { return !f.plain() })
	l.due = time.Time{}
	if l.busy {
		for _, f := range l.flows {
			l.due = system.Earliest(l.due, l.dueOf(now, f))
		}
	}
}

// evict resets the oldest connections that only the kernel still has.
func (l *Link) evict() {
	ghosts := 0
	for _, f := range slices.Backward(l.flows) {
		if f.kind != stream || f.app != 0 || f.kernel == 0 {
			continue
		}
		if ghosts++; ghosts > maxGhosts {
			l.drop(f)
		}
	}
}

// dueOf returns when a flow has something to do.
func (l *Link) dueOf(now time.Time, f *flow) time.Time {
	due := system.Earliest(l.nat.expires(f), f.ours, f.theirs,
		f.up.due(now, &l.up, l.offline(), f.limit()), f.down.due(now, &l.down, l.offline(), f.limit()))
	if f.hung() {
		return due
	}
	if len(f.up.way) > 0 {
		due = system.Earliest(due, f.up.way[0].at)
	}
	if len(f.down.way) > 0 && l.open(f) {
		due = system.Earliest(due, f.down.way[0].at)
	}
	return due
}

// open reports whether the first arrival of a flow can be delivered: to a
// frozen app only as the report that the socket is readable, once.
func (l *Link) open(f *flow) bool {
	if l.stops(f) {
		return !f.told
	}
	return !f.down.way[0].unread() // else the kernel is about to deliver it
}

// move sends waiting packets, and gives the kernel those that have crossed the
// link.
func (l *Link) move(now time.Time, f *flow) {
	if !f.up.try(now, &l.up, l.offline(), f.limit()) {
		l.abandon(now, f)
	}
	if !f.down.try(now, &l.down, l.offline(), f.limit()) {
		l.abandoned(now, f)
	}
	for !f.hung() && len(f.up.way) > 0 && !f.up.way[0].at.After(now) {
		l.deliver(f, f.up.take().effect)
	}
}

func (l *Link) deliver(f *flow, c system.Effect) {
	end, ends := c.(system.Close)
	switch {
	case f.kind == stream:
		l.pass(f, c)
	case ends:
		l.closeOne(f, end.Socket)
	default:
		l.kernel(c)
	}
}

// arrival returns the next signal of a flow that is due.
func (l *Link) arrival(now time.Time, f *flow) system.Signal {
	if f.hung() || len(f.down.way) == 0 || f.down.way[0].at.After(now) || !l.open(f) {
		return nil
	}
	if l.stops(f) {
		f.told = true
		l.comes(now, f, f.peek())
		if !f.watched && f.held.since.IsZero() {
			return nil
		}
		return system.Readable{Socket: f.app} // whether it wakes the app is for the system to say
	}
	s := f.down.take().sig
	switch s := s.(type) {
	case system.Received:
		l.releases(now, f, s.Data)
	case system.Connected:
		f.open = true
	case system.Closed, system.Failed:
		l.know(f, "the app has been told")
		f.app = 0
	}
	return s
}

// freeze notes which streams the system watches. The kernel reports unread data
// again in this freeze. The link makes the kernel watch all streams: what comes for one that
// the system does not watch is told of and, if packets take time, is not delayed again when
// the app reads it.
func (l *Link) freeze(now time.Time, c system.Freeze) {
	l.frozen, l.froze = true, now
	for _, f := range l.flows {
		f.watched, f.told, f.held = slices.Contains(c.Watch, f.app), false, waiting{}
		f.down.forgetUnread()
	}
	c.Watch = l.flows.sockets()
	l.kernel(c)
	for _, f := range l.flows {
		l.drain(f)
	}
}

// stops reports whether the process that a flow is of is frozen.
func (l *Link) stops(f *flow) bool { return l.frozen && !f.apart }

// luck returns the link's source of randomness.
func (l *Link) luck() *rand.Rand {
	if l.rng == nil {
		l.rng = rand.New(rand.NewPCG(l.seed, 0x117c))
	}
	return l.rng
}
