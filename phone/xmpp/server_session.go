package xmpp

import (
	"slices"
	"strconv"
	"time"

	"mellium.im/xmpp/jid"
)

// A session is one client of a user, and its stream management (XEP-0198).
type session struct {
	server   *Server
	user     string
	resource string
	peer     *peer     // nil while it hibernates
	until    time.Time // while it hibernates: how long it is kept
	present  bool

	managed bool
	id      string // by which it is resumed; "": it is not
	handled uint32 // stanzas of the client
	acked   uint32 // stanzas of ours that the client has handled
	unacked []*Element
}

func (s *session) full(domain string) string { return s.user + "@" + domain + "/" + s.resource }

// resumable reports whether the session outlives its connection.
func (s *session) resumable() bool { return s.id != "" }

// counted counts a stanza of the client.
func (s *session) counted() {
	if s.managed {
		s.handled++
	}
}

// bind makes a session (RFC 6120 §7). An older one with the same resource
// gives way (§7.7.2.2).
func (v *Server) bind(p *peer, iq *Element) {
	resource := v.token()
	if wanted := iq.child(nsBind, "bind").child(nsBind, "resource"); wanted != nil && wanted.Text != "" {
		resource = wanted.Text
	}
	full, err := jid.New(p.user, v.host.Domain, resource)
	if err != nil {
		p.write(refuse(iq, "bad-request"))
		return
	}
	v.evict(p.user, full.Resourcepart())
	s := &session{server: v, user: p.user, resource: full.Resourcepart(), peer: p}
	p.session = s
	v.sessions = append(v.sessions, s)
	p.write(answer(iq, "result").with(element(nsBind, "bind").with(element(nsBind, "jid").withText(full.String()))))
	v.note("signed on", full.String(), p.from.String())
}

// evict ends what stands in the way of a new session of a user.
func (v *Server) evict(user, resource string) {
	var others []*session
	for _, s := range slices.Clone(v.sessions) {
		switch {
		case s.user != user:
		case s.resource == resource:
			v.replace(s)
		default:
			others = append(others, s)
		}
	}
	if len(others) >= maxSessions {
		v.replace(others[0])
	}
}

// replace ends a session for a newer one.
func (v *Server) replace(s *session) {
	if s.peer != nil {
		s.peer.fail("conflict", "replaced by a new connection")
		return
	}
	v.end(s, "replaced by a new connection")
}

// end forgets a session. Messages that its client may not have are kept.
func (v *Server) end(s *session, why string) {
	for _, e := range s.unacked {
		if e.Name == "message" {
			v.keep(s.user, e)
		}
	}
	v.sessions = slices.DeleteFunc(v.sessions, func(other *session) bool { return other == s })
	v.note("session over", s.full(v.host.Domain), why)
}

// resume goes on with a session on another connection. One whose connection
// is believed to stand is taken from it.
func (v *Server) resume(p *peer, e *Element) {
	i := slices.IndexFunc(v.sessions, func(s *session) bool { return s.resumable() && s.id == e.attr("previd") && s.user == p.user })
	if i < 0 {
		p.write(element(nsSM, "failed").with(element(nsStanzas, "item-not-found")))
		return
	}
	s := v.sessions[i]
	if !s.acknowledge(e) {
		p.fail("undefined-condition", "h is more than was sent")
		return
	}
	if old := s.peer; old != nil {
		old.session = nil
		old.fail("conflict", "resumed on another connection")
	}
	s.peer, p.session, s.until = p, s, time.Time{}
	p.write(element(nsSM, "resumed", "previd", s.id, "h", strconv.FormatUint(uint64(s.handled), 10)))
	v.note("resumed", s.full(v.host.Domain), p.from.String())
	for _, e := range s.unacked {
		p.write(e)
	}
	if len(s.unacked) > 0 {
		p.write(element(nsSM, "r"))
	}
}

// manage takes in an element of stream management.
func (s *session) manage(e *Element) {
	p := s.peer
	switch e.Name {
	case "enable":
		s.managed = true
		enabled := element(nsSM, "enabled")
		if r := e.attr("resume"); r == "true" || r == "1" {
			s.id = s.server.token()
			enabled = element(nsSM, "enabled", "id", s.id, "resume", "true", "max", strconv.Itoa(int(hibernation.Seconds())))
		}
		p.write(enabled)
	case "r":
		p.write(element(nsSM, "a", "h", strconv.FormatUint(uint64(s.handled), 10)))
	case "a":
		if !s.acknowledge(e) {
			p.fail("undefined-condition", "h is more than was sent")
		}
	}
}

// acknowledge drops what the client has handled, and reports false if that is
// more than it was sent.
func (s *session) acknowledge(e *Element) bool {
	h, err := strconv.ParseUint(e.attr("h"), 10, 32)
	n := uint32(h) - s.acked // the counters wrap around
	if err != nil || int64(n) > int64(len(s.unacked)) {
		return false
	}
	s.acked, s.unacked = uint32(h), s.unacked[n:]
	return true
}

// deliver sends a stanza to a session; while it hibernates, it is kept and the
// client pushed to. Whether it has come is asked after messages only: a
// question behind a pong would keep a phone awake that is about to sleep.
func (v *Server) deliver(s *session, e *Element) {
	if s.managed {
		s.unacked = append(s.unacked, e)
	}
	if s.peer != nil {
		s.peer.write(e)
	} else {
		v.push(s.user, e)
	}
	if s.peer != nil && s.managed && e.Name == "message" {
		s.peer.write(element(nsSM, "r"))
	}
	if len(s.unacked) > maxUnacked {
		v.replace(s)
	}
}
