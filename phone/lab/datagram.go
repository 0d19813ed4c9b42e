package lab

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// peerLife is how long an address that sends over UDP is remembered after
	// its last datagram, if nothing hangs on it: a call that is as long finds
	// its way back still (our own number).
	peerLife = time.Hour
	// listenTries bounds the search for a port that is free over TCP and UDP,
	// where the kernel chooses it.
	listenTries = 8
)

// bindUDP opens the UDP socket, on the address and port of the TCP one.
func (l *Lab) bindUDP(at netip.AddrPort) {
	if at.Addr().IsUnspecified() && !l.cfg.Host.IsValid() {
		l.log(event.Warning{
			Rule: event.RuleLabWithoutAddress, Note: "no UDP: its messages must name an address of the lab's, and the lab listens on all",
			Hint: "listen on a specific address",
		})
		l.listening(at)
		return
	}
	l.udp = l.nextSocket()
	l.ask(system.Bind{RTP: l.udp, Addr: at.Addr(), Port: at.Port()})
}

// udpTaken is a port that is free over TCP and not over UDP: the kernel is
// asked for another, if it was to choose.
func (l *Lab) udpTaken(err error) {
	l.udp = 0
	addr, parseErr := netip.ParseAddrPort(l.cfg.Addr)
	if parseErr == nil && addr.Port() == 0 && !l.local.IsValid() && l.tries < listenTries {
		l.tries++
		l.ask(system.Close{Socket: l.listener})
		l.listener = 0
		l.listen()
		return
	}
	l.log(event.Error{Op: "listen on " + l.cfg.Addr + " (udp)", Err: err.Error(), Hint: "another port, such as " + otherPort, Rule: event.RulePortTaken})
}

// datagram takes in one from anybody. What is no message leaves no trace but
// in the log.
func (l *Lab) datagram(r system.Received) {
	f := sip.ParseDatagram(r.Data)
	if bad, isBad := f.(sip.Bad); isBad {
		l.note("bad message", r.From.String(), bad.Err.Error())
		if bad.Reply != nil {
			l.ask(system.Send{Socket: l.udp, To: r.From, Data: bad.Reply})
		}
		return
	}
	if f == nil {
		return
	}
	if c := l.peer(r.From); c != nil && !c.stalled {
		c.heard = l.now
		c.frame(f)
	}
}

// peer is the connection that stands for whoever sends from an address, or nil
// if there are too many.
func (l *Lab) peer(from netip.AddrPort) *conn {
	if c := l.peers[from]; c != nil {
		return c
	}
	if len(l.conns) >= l.cfg.MaxConns {
		l.note("refused", from.String(), fmt.Sprintf("%d connections are open", len(l.conns)))
		return nil
	}
	l.internal++
	local := l.local
	if local.Addr().IsUnspecified() {
		local = netip.AddrPortFrom(l.cfg.Host, local.Port())
	}
	c := &conn{id: firstInternal + l.internal, transport: sip.UDP, local: local, remote: from, heard: l.now}
	l.peers[from] = c
	l.addConn(c)
	c.forgetLater()
	return c
}

// forgetLater drops a peer that has been silent for long, if nobody is
// registered there and nothing is on its way.
func (c *conn) forgetLater() {
	l := c.lab
	l.alarms.set(&c.idle, l.now.Add(peerLife), func() {
		if len(c.bindings) > 0 || len(c.branches) > 0 || c.pending > 0 || l.now.Sub(c.heard) < peerLife {
			c.forgetLater()
			return
		}
		c.forget()
	})
}
