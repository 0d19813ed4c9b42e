package server

import (
	"fmt"
	"slices"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A Field is a header field.
type Field struct{ Name, Value string }

// Ask sends a request of the server's own, outside of any dialog, to each of the
// user's phones that has a connection, with these header fields; a MESSAGE has a text
// in it. What a method must have is added (see [demanded]), unless it is among the
// fields: then it is as there, and one without a value is left out. What they answer is
// looked at by whoever watches (see [Config]), and else by nobody.
func (o *Orders) Ask(user, method string, fields ...Field) {
	for _, b := range o.registrar.bindings(user) {
		if b.conn.closed {
			continue
		}
		req := o.question(b, grammar.RequestMethod(method))
		for _, f := range append(fields, o.demanded(b.conn, req.Method, fields)...) {
			if f.Value != "" {
				add(req, f.Name, f.Value)
			}
		}
		if req.Method == grammar.MESSAGE {
			add(req, "Content-Type", "text/plain")
			req.SetBody([]byte("hello from the lab"))
		}
		o.proxy.send(b.conn, req)
	}
}

// demanded is the header fields that a request of a method outside of a dialog must
// have, or should, and that are not given. What a phone does about them is to be
// harmless: a call to the lab finds nobody, a subscription ends at once.
func (o *Orders) demanded(c *conn, method grammar.RequestMethod, given []Field) (all []Field) {
	contact := Field{"Contact", "<" + c.uri("lab") + ">"}
	switch method {
	case grammar.OPTIONS:
		all = []Field{{"Accept", "application/sdp"}} // RFC 3261 §11.1
	case grammar.REFER: // RFC 3515 §2.4.1, RFC 3261 §8.1.1.8
		all = []Field{contact, {"Refer-To", fmt.Sprintf("<sip:lab@%s>", o.cfg.Domain)}}
	case grammar.SUBSCRIBE: // RFC 6665 §8.2.1, §4.1.2.1; §4.4.3 has an end of 0 for a poll
		all = []Field{contact, {"Event", "presence"}, {"Expires", "0"}}
	case grammar.NOTIFY: // RFC 6665 §8.2.1, §8.2.3
		all = []Field{contact, {"Event", "message-summary"}, {"Subscription-State", "active"}}
	case grammar.PUBLISH: // RFC 3903 §4.1
		all = []Field{{"Event", "presence"}}
	}
	return slices.DeleteFunc(all, func(f Field) bool {
		return slices.ContainsFunc(given, func(g Field) bool { return sip.SameField(g.Name, f.Name) })
	})
}

// question builds such a request.
func (o *Orders) question(b *binding, method grammar.RequestMethod) *grammar.Request {
	l, domain := o.loop, o.cfg.Domain
	return own{
		method: method, target: b.uri, id: l.Token(16) + "@" + domain, seq: 1,
		from: side{uri: grammar.Uri{Scheme: "sip", User: "lab", Host: domain}, tag: l.Token(10)},
		to:   side{uri: grammar.Uri{Scheme: "sip", User: b.user.name, Host: domain}},
	}.over(b.conn, l)
}
