// Package lab is the built-in server: a registrar and a small exchange, with
// robots to call. It serves emulated handsets and real phones, over TCP, TLS and
// UDP.
//
//	phones ══ TCP ══╗ (TLS)
//	phones ── UDP ──╢
//	               conn ── frames ── transactions ─┬─ registrar (RFC 3261 §10)
//	robots ─ in ────╝                              └─ proxy     (RFC 3261 §16)
//	         memory                                       │
//	                         bindings: a phone is reached over the
//	                         connection, or at the address, that it
//	                         registered from
//
// The registrar asks for digest credentials (RFC 2617 and RFC 8760). The
// exchange is a transaction-stateful, record-routing, forking proxy. A robot
// is the handset's own softphone program (phone/app), always awake, on a
// stream inside the lab; its audio is real RTP through the lab's own sockets.
// A phone that says where to push is kept without a connection, and woken for a
// call: see edge.go. A user who speaks another protocol than SIP is called through
// a door: see gateway.go.
//
// The lab can break things on request, see [Verbs]: it pings, closes, resets
// and stalls connections, goes away and comes back; and it can misbehave, see
// [Misbehaviours]. Whatever a client sends, others are not hurt: what it
// may hold is bounded, and what is not SIP is answered 400 or closed.
//
// TLS is spoken on the port of TCP, with whoever begins with a client hello: no
// SIP message begins with that byte.
//
// A Lab is a pure machine (see phone/system); one goroutine owns it.
package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Lab is a running lab.
type Lab struct {
	cfg    Config
	now    time.Time
	out    []system.Call
	queue  []func() // what robots and lab say to each other, in order
	alarms alarms
	tls    *secure.Layer

	sockets  system.Socket // the last one opened
	listener system.Socket
	udp      system.Socket
	tries    int            // to find a port that is free over both
	local    netip.AddrPort // where it listens
	tcp      netip.AddrPort // while the other ports are being opened
	bellDoor system.Socket
	bellsAt  netip.AddrPort
	bells    map[system.Socket]*bell
	doors    []*door
	guests   map[system.Socket]*guest
	auth     authenticator

	conns    map[system.Socket]*conn
	peers    map[netip.AddrPort]*conn // those over UDP, by the other end
	internal system.Socket            // the last number given to a connection that is no socket of its own
	robots   []*robot
	media    map[system.Socket]robotSocket

	bad      map[string]bool // how it misbehaves, by name
	users    map[string]*user
	contacts map[string]*binding // by contact, current ones
	former   map[string]*user    // by contact, those that were replaced
	purrs    map[string]*binding // by PURR, current ones and those that were replaced

	tx       sip.Transactions
	contexts map[*sip.ServerTransaction]*context
	branches map[*sip.ClientTransaction]*branch
	cancels  map[*sip.ClientTransaction]*branch // by that of their CANCEL
	legs     map[string]*leg                    // calls through a door, by Call-ID
	asked    map[*sip.ClientTransaction]*conn   // requests of the lab's own
}

// New makes a lab. [Lab.Start] puts it to work.
func New(cfg Config) (*Lab, error) {
	cfg.fill()
	l := &Lab{
		cfg:      cfg,
		tls:      secure.New(cfg.TLS),
		conns:    map[system.Socket]*conn{},
		media:    map[system.Socket]robotSocket{},
		bad:      map[string]bool{},
		users:    map[string]*user{},
		contacts: map[string]*binding{},
		former:   map[string]*user{},
		purrs:    map[string]*binding{},
		contexts: map[*sip.ServerTransaction]*context{},
		branches: map[*sip.ClientTransaction]*branch{},
		cancels:  map[*sip.ClientTransaction]*branch{},
		asked:    map[*sip.ClientTransaction]*conn{},
		peers:    map[netip.AddrPort]*conn{},
		bells:    map[system.Socket]*bell{},
		guests:   map[system.Socket]*guest{},
		legs:     map[string]*leg{},
	}
	if cfg.Rand == nil {
		return nil, errors.New("lab: no source of randomness")
	}
	l.auth = authenticator{
		signer: newSigner(cfg.Rand), realm: cfg.Domain, algorithms: cfg.Algorithms, life: cfg.NonceLife,
		counts: map[string]int{}, sweep: minSweep,
	}
	for _, a := range cfg.Algorithms {
		if a != "MD5" && a != "SHA-256" {
			return nil, fmt.Errorf("lab: digest algorithm %q: have MD5 and SHA-256", a)
		}
	}
	for _, a := range cfg.Accounts {
		if err := l.addUser(a); err != nil {
			return nil, err
		}
	}
	if err := l.addDoors(); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	return l, l.addRobots()
}

// Start opens the listening sockets. The robots sign on when they are open.
func (l *Lab) Start(now time.Time) []system.Call {
	return l.step(now, l.listen)
}

// Local is the address that the lab listens on; it is valid once it does.
func (l *Lab) Local() netip.AddrPort { return l.local }

// Deadline is when Advance wants to be called next.
func (l *Lab) Deadline() time.Time {
	at := system.Earliest(l.tx.Deadline(), l.alarms.deadline(), l.doorsDeadline())
	for _, r := range l.robots {
		at = system.Earliest(at, r.app.Deadline())
	}
	return at
}

// Advance does everything that is due.
func (l *Lab) Advance(now time.Time) []system.Call {
	return l.step(now, func() {
		for system.Due(l.tx.Deadline(), now) {
			l.advanceTransaction()
		}
		for a := l.alarms.due(now); a != nil; a = l.alarms.due(now) {
			a.ring()
		}
		l.advanceDoors()
		for _, r := range l.robots {
			if system.Due(r.app.Deadline(), now) {
				r.carryOut(r.app.Advance(now))
			}
		}
	})
}

// Receive takes in a signal of the system.
func (l *Lab) Receive(now time.Time, s system.Signal) []system.Call {
	return l.step(now, func() { l.receive(s) })
}

// receive is what the kernel says: TLS hears it first.
func (l *Lab) receive(s system.Signal) {
	var signals []system.Signal
	signals, l.out = l.tls.Receive(l.now, s, nil, l.out)
	for _, s := range signals {
		l.signal(s)
	}
}

func (l *Lab) signal(s system.Signal) {
	switch s := s.(type) {
	case system.Bound:
		l.bound(s)
	case system.Accepted:
		if d := l.doorOf(s.Listener); d != nil {
			l.guestAccepted(d, s)
		} else if s.Listener == l.bellDoor {
			l.bellAccepted(s)
		} else {
			l.accepted(s)
		}
	case system.Received:
		l.received(s)
	case system.Secured:
		l.secured(s)
	case system.Closed:
		l.closed(s)
	case system.Failed:
		l.failed(s)
	case system.PushRefused:
		l.pushRefused(s)
	}
}

func (l *Lab) bound(s system.Bound) {
	switch s.Socket {
	case l.listener:
		l.tcp = s.Local
		l.openNext()
	case l.bellDoor:
		l.bellsAt = s.Local
		l.note("listening for wake sockets", s.Local.String(), "")
		l.openNext()
	case l.udp:
		l.listening(s.Local)
	default:
		if d := l.doorOf(s.Socket); d != nil {
			d.local = s.Local
			l.note("listening for "+d.cfg.Protocol, s.Local.String(), "")
			l.openNext()
			return
		}
		l.mediaSignal(s.Socket, s)
	}
}

// openNext opens the ports beside that of SIP over TCP, one after the other,
// and that of SIP over UDP at last.
func (l *Lab) openNext() {
	switch {
	case l.cfg.WakeAddr != "" && l.bellDoor == 0:
		l.hangBells()
	case l.openDoor():
	default:
		l.bindUDP(l.tcp)
	}
}

func (l *Lab) received(s system.Received) {
	c, b, g := l.conns[s.Socket], l.bells[s.Socket], l.guests[s.Socket]
	switch {
	case b != nil:
		b.receive(s.Data)
	case g != nil:
		g.receive(s.Data)
	case s.Socket == l.udp:
		l.datagram(s)
	case c != nil:
		c.receive(s.Data)
	default:
		l.mediaSignal(s.Socket, s)
	}
}

func (l *Lab) closed(s system.Closed) {
	c, b, g := l.conns[s.Socket], l.bells[s.Socket], l.guests[s.Socket]
	switch {
	case b != nil:
		b.gone()
	case g != nil:
		g.gone(s.Err)
	case c != nil:
		c.gone(s.Err)
	default:
		l.mediaSignal(s.Socket, s)
	}
}

func (l *Lab) failed(s system.Failed) {
	switch s.Socket {
	case l.bellDoor:
		l.log(event.Error{Op: "listen on " + l.cfg.WakeAddr, Err: s.Err.Error(), Hint: "another port, such as " + otherPort, Rule: event.RulePortTaken})
	case l.listener:
		l.log(event.Error{Op: "listen on " + l.cfg.Addr, Err: s.Err.Error(), Hint: "another port, such as " + otherPort, Rule: event.RulePortTaken})
	case l.udp:
		l.udpTaken(s.Err)
	default:
		if d := l.doorOf(s.Socket); d != nil {
			l.log(event.Error{Op: "listen on " + d.cfg.Addr, Err: s.Err.Error(), Hint: "another port, such as " + otherPort, Rule: event.RulePortTaken})
			return
		}
		l.mediaSignal(s.Socket, s)
	}
}

// otherPort lets the kernel choose one.
const otherPort = "127.0.0.1:0"

func (l *Lab) listening(at netip.AddrPort) {
	again := l.local.IsValid()
	l.local = at
	l.log(event.Server{What: "listening", Peer: at.String(), Detail: "domain " + l.cfg.Domain, Settings: l.cfg.Settings})
	if again {
		return // the robots have been there all the time
	}
	if l.robotHost().IsUnspecified() && len(l.robots) > 0 {
		l.log(event.Warning{
			Rule: event.RuleRobotsWithoutAddress, Note: "audio to robots needs an address of theirs, and the lab listens on all",
			Hint: "listen on a specific address",
		})
	}
	for _, r := range l.robots {
		r.carryOut(r.app.Receive(l.now, system.Launched{}))
	}
}

// step runs f and what follows from it inside the lab, and gives back what
// the lab asks of the system.
func (l *Lab) step(now time.Time, f func()) []system.Call {
	l.now = now
	f()
	for len(l.queue) > 0 {
		next := l.queue[0]
		l.queue = l.queue[1:]
		next()
	}
	out := l.out
	l.out, l.queue = nil, nil
	return out
}

// then does f after what is in hand, so that a robot is never stepped inside
// its own step.
func (l *Lab) then(f func()) { l.queue = append(l.queue, f) }

func (l *Lab) ask(calls ...system.Call) {
	for _, c := range calls {
		l.out = l.tls.Call(l.now, c, l.out)
	}
}

func (l *Lab) log(e event.Event) { l.ask(system.Log{Phone: "lab", Event: e}) }

// note writes down what the lab did or saw.
func (l *Lab) note(what, peer, detail string) {
	l.log(event.Server{What: what, Peer: peer, Detail: detail})
}

func (l *Lab) nextSocket() system.Socket {
	l.sockets++
	return l.sockets
}

// token is n random letters and digits for tags and branches.
func (l *Lab) token(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[l.cfg.Rand.IntN(len(letters))]
	}
	return string(b)
}
