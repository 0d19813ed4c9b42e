package server

import (
	"cmp"
	"fmt"
	"strings"

	grammar "github.com/emiago/sipgo/sip"
)

// Mailbox is how many voice messages wait for a user, that were not heard yet and
// that were.
type Mailbox struct{ New, Old int }

// watchers makes who watches the users: the gate, the calls, what is published, and
// who is told.
func (s *Server) watchers() {
	p := &s.proxy
	p.gate = gate{loop: s.loop, off: s.cfg.NoAuth, registrar: &s.registrar, router: &p.router, legs: &s.legs, notifier: &p.notifier}
	p.calls = calls{loop: s.loop, changed: p.changed, byID: map[string]*watchedCall{}, byUser: map[*user][]*watchedCall{}}
	p.published = publications{loop: s.loop, cfg: &s.cfg, gate: &p.gate, changed: p.changed, byUser: map[*user][]*publication{}}
	p.notifier = notifier{
		loop: s.loop, cfg: &s.cfg, gate: &p.gate, registrar: &s.registrar, send: p.ask,
		states: states{s.cfg.Domain, &p.calls, &p.published},
	}
	p.answers = answers{loop: s.loop, byMethod: map[grammar.RequestMethod]answer{}}
}

// changed tells who watches a user.
func (p *proxy) changed(u *user) { p.notifier.changed(u) }

// watch follows a call that is sent on.
func (p *proxy) watch(x *context) {
	switch {
	case x.req.Method == grammar.BYE:
		p.calls.bye(x.req)
	case x.isNewCall() && x.call == nil:
		x.call = p.calls.began(x.req, p.gate.account(x.conn, x.req.From().Address), p.gate.account(x.conn, x.req.Recipient))
	}
}

// SetMailbox has messages wait for a user, and tells that to whoever has subscribed
// to it, and, unasked, to those of the user's phones that have a connection and have
// not (RFC 3842 §3.6). It returns to how many it was sent.
func (s *Server) SetMailbox(user string, m Mailbox) (told int) {
	u, n := s.registrar.users[user], &s.proxy.notifier
	u.mailbox = m
	p, _ := packageNamed("message-summary")
	subscribed := map[*conn]bool{}
	for _, sub := range n.all {
		if way := sub.way(); sub.of == u && sub.pkg.name == p.name && way != nil {
			subscribed[way] = true
			told++
		}
	}
	n.changed(u)
	for _, b := range u.bindings {
		if b.conn.closed || subscribed[b.conn] {
			continue
		}
		subscribed[b.conn] = true
		req := s.question(b, grammar.NOTIFY)
		add(req, "Event", p.name)
		add(req, "Subscription-State", "active")
		add(req, "Content-Type", p.mime)
		req.SetBody(p.state(&n.states, u))
		s.proxy.send(b.conn, req)
		told++
	}
	s.loop.Note("mailbox", user, fmt.Sprintf("%d/%d, told %d", m.New, m.Old, told))
	return told
}

// CheckAddress refuses what nobody can be redirected to. A bare name is no address.
func (s *Server) CheckAddress(to string) error {
	var uri grammar.Uri
	if err := grammar.ParseUri(to, &uri); err != nil || uri.Host == "" || strings.ContainsAny(to, "<>\" \t\r\n") {
		return fmt.Errorf("%q is no address, such as sip:carol@%s", to, s.cfg.Domain)
	}
	return nil
}

// Redirect has the calls of a user be answered 302 with that address; "" ends it.
func (s *Server) Redirect(user, to string) {
	s.registrar.users[user].redirect = to
	s.loop.Note("redirected", user, cmp.Or(to, "nowhere"))
}

// redirects answers a new call to a user who is redirected, and reports whether it
// does (RFC 3261 §21.3.3).
func (p *proxy) redirects(x *context) bool {
	u := p.gate.account(x.conn, x.req.Recipient)
	if u == nil || u.redirect == "" || !x.isNewCall() {
		return false
	}
	res := x.respond(302)
	add(res, "Contact", "<"+u.redirect+">")
	x.reply(res)
	return true
}
