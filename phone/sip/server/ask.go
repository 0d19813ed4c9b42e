package server

import (
	grammar "github.com/emiago/sipgo/sip"
)

// A Field is a header field.
type Field struct{ Name, Value string }

// Ask sends a request of the server's own, outside of any dialog, to each of the
// user's phones that has a connection, with these header fields; a MESSAGE has a text
// in it. What they answer is looked at by whoever watches (see [Config]), and else by
// nobody.
func (s *Server) Ask(user, method string, fields ...Field) {
	for _, b := range s.registrar.bindings(user) {
		if b.conn.closed {
			continue
		}
		req := s.question(b, grammar.RequestMethod(method))
		for _, f := range fields {
			add(req, f.Name, f.Value)
		}
		if req.Method == grammar.MESSAGE {
			add(req, "Content-Type", "text/plain")
			req.SetBody([]byte("hello from the lab"))
		}
		s.proxy.send(b.conn, req)
	}
}

// question builds such a request.
func (s *Server) question(b *binding, method grammar.RequestMethod) *grammar.Request {
	l, domain := s.loop, s.cfg.Domain
	req := own{
		method: method, target: b.uri, id: l.Token(16) + "@" + domain, seq: 1,
		from: side{uri: grammar.Uri{Scheme: "sip", User: "lab", Host: domain}, tag: l.Token(10)},
		to:   side{uri: grammar.Uri{Scheme: "sip", User: b.user.name, Host: domain}},
	}.over(b.conn, l)
	add(req, "Accept", "application/sdp") // RFC 3261 §11.1
	return req
}
