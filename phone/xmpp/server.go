package xmpp

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/xdg-go/scram"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Server is a small XMPP server for the lab: SASL, sessions that can be
// resumed, and messages between its users and whoever the lab stands for. It
// has no TLS, no roster and no other servers: it is there to be met by a
// phone that sleeps. It is a [control.Server].
type Server struct {
	host     control.Host
	now      time.Time
	out      control.ServerOutput
	conns    map[system.Socket]*peer
	sessions []*session          // oldest first
	mail     map[string]*mailbox // by user
	keys     map[string]scram.StoredCredentials
	calls    map[string]*gated // by Call-ID
}

var _ control.Server = (*Server)(nil)

const (
	// hibernation is how long a session is kept whose connection broke:
	// Prosody's default, smacks_hibernation_time = 600.
	hibernation = 10 * time.Minute
	// maxSessions bounds those of one user (our own number).
	maxSessions = 10
)

// NewServer makes a server without connections.
func NewServer(host control.Host) *Server {
	return &Server{
		host: host, conns: map[system.Socket]*peer{}, mail: map[string]*mailbox{}, keys: map[string]scram.StoredCredentials{}, calls: map[string]*gated{},
	}
}

// step runs f, and gives back what came of it.
func (v *Server) step(now time.Time, f func()) control.ServerOutput {
	v.now = now
	f()
	out := v.out
	v.out = control.ServerOutput{}
	return out
}

func (v *Server) do(c system.Effect) { v.out.Effects = append(v.out.Effects, c) }

func (v *Server) note(what, peer, detail string) {
	v.do(system.Log{Event: event.Server{What: what, Peer: peer, Detail: detail}})
}

func (v *Server) answer(id string, status int) {
	v.out.Answers = append(v.out.Answers, control.Answer{ID: id, Status: status})
}

func (v *Server) token() string { return fmt.Sprintf("%016x", v.host.Rand.Uint64()) }

// Deadline is when the first session that hibernates is given up.
func (v *Server) Deadline() time.Time {
	var at time.Time
	for _, s := range v.sessions {
		at = system.Earliest(at, s.until)
	}
	return at
}

// Advance gives up sessions that have hibernated for too long.
func (v *Server) Advance(now time.Time) control.ServerOutput {
	return v.step(now, func() {
		for _, s := range slices.Clone(v.sessions) {
			if system.Due(s.until, now) {
				v.end(s, "not resumed within "+event.Round(hibernation))
			}
		}
	})
}

// Accept takes a new connection.
func (v *Server) Accept(now time.Time, id system.Socket, from netip.AddrPort) control.ServerOutput {
	return v.step(now, func() { v.conns[id] = &peer{server: v, id: id, from: from} })
}

// Receive takes in data of a connection.
func (v *Server) Receive(now time.Time, id system.Socket, data []byte) control.ServerOutput {
	return v.step(now, func() {
		p := v.conns[id]
		if p == nil {
			return
		}
		for _, f := range p.framer.Push(data) {
			if v.conns[id] != p {
				return
			}
			p.frame(f)
		}
	})
}

// Closed is the end of a connection. A session that can be resumed outlives
// it.
func (v *Server) Closed(now time.Time, id system.Socket, err error) control.ServerOutput {
	return v.step(now, func() {
		if p := v.conns[id]; p != nil {
			why := "by the phone"
			if err != nil {
				why = err.Error()
			}
			v.lost(p, why)
		}
	})
}

// lost forgets a connection.
func (v *Server) lost(p *peer, why string) {
	delete(v.conns, p.id)
	s := p.session
	if s == nil {
		return
	}
	p.session, s.peer = nil, nil
	if !s.resumable() {
		v.end(s, why)
		return
	}
	s.until = v.now.Add(hibernation)
	v.note("hibernates", s.full(v.host.Domain), why)
}

// Online reports whether a user has a session, hibernating or not, or can be
// pushed to.
func (v *Server) Online(user string) bool {
	return len(v.present(user)) > 0 || v.pushToken(user) != ""
}

// Connections are those over which a user is signed on.
func (v *Server) Connections(user string) []system.Socket {
	var ids []system.Socket
	for _, s := range v.sessions {
		if s.user == user && s.peer != nil {
			ids = append(ids, s.peer.id)
		}
	}
	return ids
}

// Ping sends a user a ping (XEP-0199).
func (v *Server) Ping(now time.Time, user string) control.ServerOutput {
	return v.step(now, func() {
		for _, s := range v.present(user) {
			v.deliver(s, element(nsClient, "iq", "type", "get", "id", v.token(), "from", v.host.Domain, "to", s.full(v.host.Domain)).with(
				element(nsPing, "ping")))
		}
	})
}

// present are a user's sessions that want what comes for the account.
func (v *Server) present(user string) []*session {
	var list []*session
	for _, s := range v.sessions {
		if s.user == user && s.present {
			list = append(list, s)
		}
	}
	return list
}
