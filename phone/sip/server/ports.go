package server

import (
	"net/netip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// listenTries bounds the search for a port that is free over TCP and UDP,
// where the kernel chooses it.
const listenTries = 8

// ports are the two that a server listens on: TCP, then UDP at the same address.
type ports struct {
	loop     *loop.Loop
	addr     string     // as it was asked for
	host     netip.Addr // to name where that is none in particular
	opened   func()     // is called when both listen
	listener system.Socket
	udp      system.Socket
	tries    int
	up       bool           // both listen
	local    netip.AddrPort // valid once it has listened
}

// listen opens the ports, the same as before if there were any.
func (p *ports) listen() {
	if p.listener != 0 {
		return
	}
	addr := p.addr
	if p.local.IsValid() {
		addr = p.local.String()
	}
	p.listener = p.loop.Socket()
	p.loop.Ask(system.Listen{Socket: p.listener, Addr: addr})
}

// close closes both.
func (p *ports) close() {
	p.loop.Ask(system.Close{Socket: p.listener}, system.Close{Socket: p.udp})
	p.listener, p.udp, p.up = 0, 0, false
}

// receive takes in a signal about one of the ports, and reports whether it was.
func (p *ports) receive(s system.Signal) bool {
	switch s := s.(type) {
	case system.Bound:
		switch s.Socket {
		case p.listener:
			p.bindUDP(s.Local)
			return true
		case p.udp:
			p.listening(s.Local)
			return true
		}
	case system.Failed:
		switch s.Socket {
		case p.listener:
			p.loop.CannotListen(p.addr, s.Err)
			return true
		case p.udp:
			p.udpTaken(s.Err)
			return true
		}
	}
	return false
}

// bindUDP opens the UDP socket, on the address and port of the TCP one.
func (p *ports) bindUDP(at netip.AddrPort) {
	if at.Addr().IsUnspecified() && !p.host.IsValid() {
		p.loop.Log(event.Warning{
			Rule: event.RuleLabWithoutAddress, Note: "no UDP: its messages must name an address of the lab's, and the lab listens on all",
			Hint: "listen on a specific address",
		})
		p.listening(at)
		return
	}
	p.udp = p.loop.Socket()
	p.loop.Ask(system.Bind{RTP: p.udp, Addr: at.Addr(), Port: at.Port()})
}

func (p *ports) listening(at netip.AddrPort) {
	p.local, p.up = at, true
	p.opened()
}

// udpTaken is a port that is free over TCP and not over UDP: the kernel is
// asked for another, if it was to choose.
func (p *ports) udpTaken(err error) {
	p.udp = 0
	addr, parseErr := netip.ParseAddrPort(p.addr)
	if parseErr == nil && addr.Port() == 0 && !p.local.IsValid() && p.tries < listenTries {
		p.tries++
		p.loop.Ask(system.Close{Socket: p.listener})
		p.listener = 0
		p.listen()
		return
	}
	p.loop.CannotListen(p.addr+" (udp)", err)
}

// named is an address for messages: where the server listens on all, the one
// that it was told.
func (p *ports) named() netip.AddrPort {
	if p.local.Addr().IsUnspecified() {
		return netip.AddrPortFrom(p.host, p.local.Port())
	}
	return p.local
}
