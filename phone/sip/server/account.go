package server

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/push"
)

// AddAccount lets somebody register.
func (s *Server) AddAccount(a Account) error { return s.registrar.addUser(a) }

// Users are the names of the accounts, sorted.
func (s *Server) Users() []string { return s.registrar.names() }

// Known reports whether there is an account of that name.
func (s *Server) Known(user string) bool { return s.registrar.users[user] != nil }

// Password is what a user registers with.
func (s *Server) Password(user string) (password string, ok bool) {
	return s.registrar.password(user)
}

// SetPassword lets a user in with another password from now on. Whoever is
// registered stays so.
func (o *Orders) SetPassword(user, password string) {
	o.registrar.users[user].password = password
	o.loop.Note("password changed", "", user)
}

// Challenge has credentials asked for by these algorithms from now on, best first.
func (o *Orders) Challenge(algorithms ...string) error {
	if err := checkAlgorithms(algorithms); err != nil {
		return err
	}
	o.registrar.auth.algorithms = algorithms
	o.loop.Note("challenges", "", strings.Join(algorithms, ", "))
	return nil
}

// ExpireNonces lets every nonce that was given out so far be a stale one.
func (o *Orders) ExpireNonces() {
	o.registrar.auth.expire()
	o.loop.Note("nonces expired", "", "")
}

// A Binding is where a user can be reached.
type Binding struct {
	Contact grammar.Uri
	Remote  netip.AddrPort // of its connection
	Expires time.Time
	Asleep  bool // it has no connection, and can be pushed to
}

// Bindings are where a user can be reached, the oldest first.
func (s *Server) Bindings(user string) (all []Binding) {
	for _, b := range s.registrar.bindings(user) {
		all = append(all, Binding{b.uri, b.conn.remote, b.expires, b.conn.closed})
	}
	return all
}

// A Connection is what can be done to a connection of a phone.
type Connection interface {
	// Ping sends a CRLF ping.
	Ping()
	// Close ends it, with a RST or a FIN.
	Close(reset bool, why string)
	// Stall has the server accept bytes on it and answer nothing, or work off
	// what it has accepted and go on.
	Stall(on bool)
}

// ConnectionsOf are those that a user is registered over.
// It is those of one flow if that is named, by its reg-id (RFC 5626 §4.2).
func (s *Server) ConnectionsOf(user, flow string) (all []Connection) {
	for _, b := range s.registrar.bindings(user) {
		if !b.conn.closed && (flow == "" || b.flow() == flow) && !slices.Contains(all, Connection(b.conn)) {
			all = append(all, b.conn)
		}
	}
	return all
}

// Push pushes to a user's phones as if for a call, and reports whether there are
// any that can be pushed to.
func (o *Orders) Push(user string, high bool) (pushed bool) {
	for _, b := range o.registrar.bindings(user) {
		if b.wakeable() {
			o.pushes.send(b, high, push.Payload{Name: "the lab", Peer: "sip:lab@" + o.cfg.Domain}, o.pushes.wait)
			pushed = true
		}
	}
	return pushed
}
