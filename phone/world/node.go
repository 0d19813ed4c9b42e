package world

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Node is a machine on the network, with its kernel: sockets, ports, and
// the gate that a freeze closes.
type Node struct {
	world    *World
	name     string
	addr     netip.Addr
	machine  system.Machine
	up, down *link.Path
	timer    entry // the machine's deadline

	sockets  map[system.Socket]*socket
	tcp, udp portTable
	accepted system.Socket // the last number given to an accepted stream

	gate gate
	pace system.Pace
	self *socket    // stands for the node itself in the order of waiting signals
	tap  system.Tap // nil: no tap
}

func newNode(w *World, name string, addr netip.Addr, m system.Machine) *Node {
	n := &Node{world: w, name: name, addr: addr, machine: m, sockets: map[system.Socket]*socket{}}
	n.timer = entry{index: -1, do: n.advance}
	n.self = &socket{node: n}
	return n
}

// Name is the node's name.
func (n *Node) Name() string { return n.name }

// Addr is the node's address.
func (n *Node) Addr() netip.Addr { return n.addr }

// Tap makes t see each datagram that the machine sends and receives.
func (n *Node) Tap(t system.Tap) { n.tap = t }

// tapped reports a datagram that passed a socket to the tap, if there is one.
func (n *Node) tapped(s *socket, remote netip.AddrPort, out bool, data []byte) {
	if n.tap != nil {
		n.tap(system.Datagram{At: n.world.Now(), Local: s.local, Remote: remote, Out: out, Data: data})
	}
}

// SetRate asks that the machine's clock run x times as fast until it thaws, and
// Pace the same for every freeze, as [system.Pace] defines it. Virtual time has
// only one clock, so its speed does not change: the request is logged, and
// refused where a live phone would refuse it.
func (n *Node) SetRate(x float64) error { return n.setRate(n.pace.Set, x) }

// Pace is like SetRate, for the current freeze, if any, and for every later
// one.
func (n *Node) Pace(x float64) error { return n.setRate(n.pace.Asleep, x) }

func (n *Node) setRate(set func(float64) (event.Event, error), x float64) error {
	said, err := set(x)
	n.repace(said)
	return err
}

// repace logs a change of pace.
func (n *Node) repace(said event.Event) {
	if said != nil {
		n.world.log(system.Log{Phone: n.name, Event: said})
	}
}

// arm puts the machine's deadline into the queue.
func (n *Node) arm() { n.world.schedule(&n.timer, n.machine.Deadline()) }

// advance steps the machine at its deadline.
func (n *Node) advance() { n.carryOut(n.machine.Advance(n.world.Now())) }

// signal hands the machine one signal.
func (n *Node) signal(s system.Signal) { n.carryOut(n.machine.Receive(n.world.Now(), s)) }

// carryOut executes the machine's calls, in order.
func (n *Node) carryOut(effects []system.Effect) {
	for _, c := range effects {
		n.call(c)
	}
	n.arm()
	if n.gate.thawed {
		// After arm: a timer that came due in the freeze goes before
		// the data that waited in it.
		n.gate.thawed = false
		n.drainSoon()
	}
}

func (n *Node) call(c system.Effect) {
	switch c := c.(type) {
	case system.Log:
		c.Phone = cmp.Or(c.Phone, n.name)
		n.world.log(c)
	case system.Send:
		n.send(c)
	case system.Connect:
		n.connect(c)
	case system.Resolve:
		n.resolve(c)
	case system.Query:
		n.query(c, system.DNSTries)
	case system.Bind:
		n.bind(c)
	case system.Listen:
		n.listen(c)
	case system.Close:
		if s := n.sockets[c.Socket]; s != nil {
			s.close(c.Reset)
		}
	case system.SendPush, system.OpenPush, system.Subscribe, system.ClosePush:
		n.world.push.call(n.name, c)
	case system.Freeze:
		n.freeze(c.Watch)
	case system.Thaw:
		n.thaw()
	case system.Drain:
		n.drainSocket(c.Socket)
	case system.OpenSound:
		n.later(system.SoundFailed{Way: c.Way, Err: errNoSound})
	case system.CloseSound, system.Play:
		// There is no sound card to close or to play on.
	default:
		n.misused(fmt.Sprintf("%T", c), "this call is not one for the kernel")
	}
}

// misused logs a call that makes no sense, and ignores it.
func (n *Node) misused(op, what string) {
	n.world.log(system.Log{Phone: n.name, Event: event.Error{Op: op, Err: what, Hint: "a mistake in the program: report it", Rule: event.RuleProgramMistake}})
}

// send writes to a socket of any kind. Data for a socket that is gone is
// dropped, as if it had been on the way when the socket ended.
func (n *Node) send(c system.Send) {
	s := n.sockets[c.Socket]
	switch {
	case s == nil:
	case s.kind == datagram:
		n.sendDatagram(s, c)
	case s.kind == stream && s.out != nil:
		s.out.write(c.Data)
	}
}

// later delivers a signal in a step of its own, at this instant, unless the
// gate is closed.
func (n *Node) later(s system.Signal) {
	n.world.at(n.world.now, func() { n.deliver(nil, s) })
}
