// Package server is a SIP server: a registrar, a proxy and the edge of RFC 8599,
// over TCP, TLS, UDP and WebSocket, for emulated and for real phones. It is the other end of
// phone/sip, in the program.
//
//	phones ══ TCP ══╗ (TLS)
//	phones ── UDP ──╢
//	               conns ── frames ── transactions ─┬─ registrar (RFC 3261 §10)
//	phones ══ WS  ══╣ (TLS)                         ├─ notifier, publications
//	inside ─────────╝                               └─ proxy     (RFC 3261 §16)
//	                                                       │
//	                         bindings: a phone is reached over the
//	                         connection, or at the address, that it
//	                         registered from
//
// The registrar asks for digest credentials, and so does the proxy, of those who
// call by the name of an account: see [gate]. It is transaction-stateful,
// record-routing and forking; of the flows of one phone it takes one at a time, see
// flows.go. A phone that says where to push is kept without a
// connection, and woken for a call: see edge.go. Who is to be woken otherwise, or
// speaks another protocol, is known to whoever runs the server: see [Waker] and
// [Elsewhere].
//
// The notifier tells whoever has subscribed what waits in a mailbox, and who is there and
// talks (RFC 6665); what phones publish of themselves are publications (RFC 3903).
//
// A server does wrong what it is told to: see [Orders.Break]. Whatever a client sends,
// others are not hurt: what it may hold is bounded, and what is not SIP is
// answered 400 or closed. Nor is somebody whose address it forges over UDP: see
// [sip.Reach].
//
// TLS is spoken on the port of TCP, with whoever begins with a client hello: no
// SIP message begins with that byte. There, too, is WebSocket, with whoever begins with
// GET (RFC 7118).
//
// A Server is part of a pure machine (see phone/internal/loop); one goroutine
// owns it.
package server

import (
	"net/netip"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Server is a running server.
type Server struct {
	Orders
	loop      *loop.Loop
	cfg       Config
	ports     ports
	conns     conns
	registrar registrar
	pushes    pushes
	edge      edge
	proxy     proxy
	legs      legs
}

// New makes a server. [Server.Listen] puts it to work. Elsewhere and Waker may be
// nil.
func New(l *loop.Loop, cfg Config, elsewhere Elsewhere, waker Waker) (*Server, error) {
	cfg.fill()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Server{loop: l, cfg: cfg}
	s.ports = ports{loop: l, addr: cfg.Addr, host: cfg.Host, opened: s.listening}
	s.conns = conns{
		loop: l, ports: &s.ports, upper: s, max: cfg.MaxConns, pingEvery: cfg.PingEvery, tls: cfg.TLS.Certificate != nil,
		watch: cfg.Watch, byID: map[system.Socket]*conn{}, peers: map[netip.AddrPort]*conn{},
	}
	s.pushes = pushes{loop: l, off: cfg.NoPush, cancels: cfg.PushCancel, aside: cfg.PushCancelBackground, wait: cfg.PushWait, ttl: cfg.PushTTL.duration, refresh: cfg.PushRefresh.duration, waker: waker, refused: s.proxy.pushRefused}
	s.edge = edge{loop: l, pushes: &s.pushes, held: map[*user][]*held{}}
	s.registrar = registrar{
		loop: l, cfg: &s.cfg, domain: domain(cfg.Domain), auth: newAuthenticator(&s.cfg, l.Rand), pushes: &s.pushes, observer: &s.proxy,
		users: map[string]*user{}, locations: newLocations(),
	}
	s.legs = legs{loop: l, elsewhere: elsewhere, send: s.proxy.send, byID: map[string]*leg{}}
	s.proxy = proxy{
		loop: l, cfg: &s.cfg, registrar: &s.registrar, pushes: &s.pushes, edge: &s.edge, legs: &s.legs, waker: waker,
		router:   router{domain(cfg.Domain), &s.registrar.auth.signer, &s.registrar, &s.conns},
		contexts: map[*sip.ServerTransaction]*context{}, branches: map[*sip.ClientTransaction]*branch{},
		cancels: map[*sip.ClientTransaction]*branch{}, asked: map[*sip.ClientTransaction]*asked{},
	}
	s.watchers()
	s.Orders = Orders{l, &s.cfg, &s.conns, &s.registrar, &s.pushes, &s.proxy, &s.legs}
	for _, a := range cfg.Accounts {
		if err := s.AddAccount(a); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// watchers makes who watches the users: the gate, the calls, what is published, and
// who is told.
func (s *Server) watchers() {
	p := &s.proxy
	p.gate = gate{loop: s.loop, off: s.cfg.NoAuth, registrar: &s.registrar, router: &p.router, legs: &s.legs, notifier: &p.notifier}
	p.calls = calls{loop: s.loop, changed: p.changed, byID: map[string]*watchedCall{}, byUser: map[*user][]*watchedCall{}}
	p.qualities = qualities{loop: s.loop, cfg: &s.cfg, gate: &p.gate}
	p.published = publications{loop: s.loop, cfg: &s.cfg, gate: &p.gate, changed: p.changed, byUser: map[*user][]*publication{}}
	p.notifier = notifier{
		loop: s.loop, cfg: &s.cfg, gate: &p.gate, registrar: &s.registrar, send: p.ask,
		states: states{s.cfg.Domain, &p.calls, &p.published},
	}
	p.answers = answers{loop: s.loop, auth: &s.registrar.auth, byMethod: map[grammar.RequestMethod]*control.Force{}}
}

// changed tells who watches a user.
func (p *proxy) changed(u *user) { p.notifier.changed(u) }

// Listen opens the ports, the same as before if there were any.
func (s *Server) Listen() { s.ports.listen() }

func (s *Server) listening() {
	s.loop.Log(event.Server{
		What: "listening", Peer: s.ports.local.String(), Detail: "domain " + s.cfg.Domain, Settings: s.cfg.Settings,
	})
}

// Listening reports whether it does.
func (s *Server) Listening() bool { return s.ports.up }

// Domain is the host of the addresses of record.
func (s *Server) Domain() string { return s.cfg.Domain }

// Local is the address that the server listens on; it is valid once it does.
func (s *Server) Local() netip.AddrPort { return s.ports.local }

// Stop is a server that goes away: its ports are closed and so are its
// connections, with all that hung on them. What is inside the program stays.
func (s *Server) Stop() {
	s.ports.close()
	s.loop.Note("stopped", s.ports.local.String(), "")
	s.conns.closeAll("the server stops")
	s.registrar.forgetSleepers()
	s.proxy.notifier.clear()
	s.proxy.published.clear()
	s.proxy.calls.clear()
}

// Deadline is when Advance wants to be called next. The alarms are the loop's.
func (s *Server) Deadline() time.Time { return s.proxy.tx.Deadline() }

// Advance does everything that is due.
func (s *Server) Advance() { s.proxy.advance() }

// Receive takes in a signal of the system, and reports whether it was for the
// server.
func (s *Server) Receive(sig system.Signal) bool {
	if refused, ok := sig.(system.PushRefused); ok {
		s.proxy.pushRefused(refused)
		return true
	}
	return s.ports.receive(sig) || s.conns.receive(sig)
}

// Room reports whether there may be one connection more, beside n that the server
// does not know.
func (s *Server) Room(n int) bool { return len(s.conns.byID)+n < s.conns.max }

// A Load is what a server has to remember.
type Load struct {
	Connections  int
	Requests     int // of phones, that are on their way
	Asked        int // requests of the server's own
	Transactions int
	Held         int // requests that wait for phones that were pushed to
	Calls        int // to elsewhere
	Watched      int // calls that can be watched
	Subscribed   int
	Published    int
}

// Load is what there is now. Nothing of it but the connections, the subscriptions and
// what is published outlives a call.
func (s *Server) Load() Load {
	p := &s.proxy
	load := Load{
		Connections: len(s.conns.byID), Transactions: p.tx.Len(), Calls: len(s.legs.byID),
		Requests: len(p.contexts) + len(p.branches) + len(p.cancels), Asked: len(p.asked),
		Watched: len(p.calls.byID), Subscribed: len(p.notifier.all), Published: p.published.count(),
	}
	for _, waiting := range s.edge.held {
		load.Held += len(waiting)
	}
	return load
}

func (s *Server) request(c *conn, req *grammar.Request) { s.proxy.request(c, req) }

func (s *Server) response(c *conn, res *grammar.Response) { s.proxy.response(c, res) }

func (s *Server) lost(c *conn) {
	s.registrar.lost(c)
	s.proxy.lost(c)
}
