package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A notifier serves subscriptions to what the server knows of its users (RFC 6665):
// messages that wait for them, their calls, and whether they are there; see
// [packages].
//
//	SUBSCRIBE ─▶ 200, NOTIFY ─▶ … ─▶ SUBSCRIBE again, within Expires
//	                │                 └─ or NOTIFY, terminated;reason=timeout
//	                └─ once more whenever the state is another
//
// Other packages are a phone's own business: such a SUBSCRIBE is sent on to it (480 if
// there is none), unless the only one is who asks.
type notifier struct {
	loop      *loop.Loop
	cfg       *Config
	gate      *gate
	registrar *registrar
	send      func(c *conn, req *grammar.Request, done func(*grammar.Response))
	states    states
	all       []*subscription // oldest first
}

// maxSubscriptions bounds the subscriptions of one account, and those of all guests:
// as many as a panel of busy lamps has lamps (our own number). One keeps the route
// and the tags of its SUBSCRIBE, and has one NOTIFY under way at a time.
const maxSubscriptions = 64

// defaultSubscription is how long a SUBSCRIBE without Expires subscribes: an hour in
// each of the packages (RFC 3842 §3.4, RFC 3856 §6.4, RFC 4235 §3.4).
const defaultSubscription = time.Hour

// serve serves a SUBSCRIBE that is the server's to serve, and reports whether it is.
func (n *notifier) serve(x *context) bool {
	if x.req.Method != grammar.SUBSCRIBE {
		return false
	}
	if s := n.of(x.req); s != nil {
		n.renew(s, x)
		return true
	}
	u := n.registrar.account(x.conn, x.req.Recipient)
	name, id := sip.EventOf(x.req)
	p, known := packageNamed(name)
	switch {
	case u == nil || !known && u.elsewhere(x.conn):
		return false
	case x.inDialog():
		x.reply(x.respond(481))
	case !known && name != "" && len(u.bindings) == 0:
		return false // a phone of the user may know it, when there is one
	case !known: // RFC 6665 §4.2.1.1, §8.3.2
		x.reply(x.respondWith(489, "Allow-Events", allowEvents()))
	default:
		n.subscribe(&subscription{notifier: n, of: u, pkg: p, event: eventValue(name, id), watcher: x.from}, x)
	}
	return true
}

// elsewhere reports whether a user has another phone than the one at the end of a
// connection.
func (u *user) elsewhere(c *conn) bool {
	return slices.ContainsFunc(u.bindings, func(b *binding) bool { return b.conn != c })
}

// subscribe begins a subscription, if it may be.
func (n *notifier) subscribe(s *subscription, x *context) {
	life, brief := x.life(defaultSubscription, n.cfg)
	refusal := unsupported(n.loop, x.req)
	switch {
	case !n.may(s, x):
		refusal = n.gate.deny(x, fmt.Sprintf("the %s of %s is not for %s", s.pkg.name, s.of.name, cmp.Or(x.from, "guests")))
	case refusal != nil:
	case brief != nil:
		refusal = brief
	case !reachable(x.req):
		refusal = x.respond(400)
	case !accepts(x.req, s.pkg.mime):
		refusal = x.respond(406)
	case n.count(x.from) >= maxSubscriptions:
		n.loop.Note("refused", x.conn.name(), fmt.Sprintf("%d subscriptions of %s", maxSubscriptions, cmp.Or(x.from, "guests")))
		refusal = x.respond(503)
	}
	if refusal != nil {
		x.reply(refusal)
		return
	}
	s.begin(x)
	n.all = append(n.all, s)
	n.loop.Note("subscribed", x.conn.name(), fmt.Sprintf("to %s of %s for %s", s.pkg.name, s.of.name, life))
	n.granted(s, x, life)
}

// renew takes a SUBSCRIBE in a subscription: it goes on, or ends with Expires: 0
// (RFC 6665 §4.2.1.4).
func (n *notifier) renew(s *subscription, x *context) {
	life, brief := x.life(defaultSubscription, n.cfg)
	refusal := unsupported(n.loop, x.req)
	name, id := sip.EventOf(x.req)
	switch {
	case refusal != nil:
	case name != s.pkg.name:
		refusal = x.respondWith(489, "Allow-Events", s.pkg.name)
	case eventValue(name, id) != s.event:
		refusal = x.respond(481)
	case x.req.CSeq().SeqNo < s.heard: // RFC 3261 §12.2.2
		refusal = x.respond(500)
	case !reachable(x.req):
		refusal = x.respond(400)
	case brief != nil:
		refusal = brief
	}
	if refusal != nil {
		x.reply(refusal)
		return
	}
	s.follow(x)
	n.granted(s, x, life)
}

// reachable reports whether a SUBSCRIBE says where its NOTIFYs are to go.
func reachable(req *grammar.Request) bool {
	contact := req.Contact()
	return contact != nil && !contact.Address.Wildcard && contact.Address.Host != ""
}

// granted answers a SUBSCRIBE, and tells the state at once (RFC 6665 §4.2.1.2).
func (n *notifier) granted(s *subscription, x *context, life time.Duration) {
	res := x.established(s.tag, s.contact())
	add(res, "Expires", roundedUp(life))
	x.reply(res)
	if life == 0 {
		s.end("timeout")
		return
	}
	s.expires = n.loop.Now().Add(life)
	n.loop.Set(&s.alarm, life, func() { s.end("timeout") })
	s.renewed()
}

// may reports whether somebody may see a state: that of a mailbox is for its owner,
// the others are for the accounts of the server.
func (n *notifier) may(s *subscription, x *context) bool {
	switch {
	case n.gate.trusts(x.conn):
		return true
	case s.pkg.private:
		return x.from == s.of.name
	}
	return x.from != ""
}

// of is the subscription in whose dialog a request stands, or nil.
func (n *notifier) of(req *grammar.Request) *subscription {
	remote, local := tagsOf(req)
	for _, s := range n.all {
		if s.tag == local && s.peer == remote && s.id == req.CallID().Value() {
			return s
		}
	}
	return nil
}

// count is how many subscriptions an account has.
func (n *notifier) count(watcher string) (count int) {
	for _, s := range n.all {
		if s.watcher == watcher {
			count++
		}
	}
	return count
}

// changed tells whoever has subscribed to a user what is new, after what is in hand.
func (n *notifier) changed(u *user) {
	if u == nil || len(n.all) == 0 {
		return
	}
	n.loop.Then(func() {
		for _, s := range slices.Clone(n.all) {
			if s.of == u {
				s.tell()
			}
		}
	})
}

// clear forgets all subscriptions.
func (n *notifier) clear() {
	for _, s := range slices.Clone(n.all) {
		s.forget()
	}
}

func eventValue(name, id string) string {
	if id == "" {
		return name
	}
	return name + ";id=" + id
}

// accepts reports whether a body of that type is welcome: it is where a request says
// nothing of it, in each of the packages.
func accepts(req *grammar.Request, mime string) bool {
	all := sip.Values(req, "accept")
	kind, _, _ := strings.Cut(mime, "/")
	return len(all) == 0 || slices.ContainsFunc(all, func(value string) bool {
		value, _ = sip.ParseValue(value)
		value = strings.ToLower(value)
		return value == mime || value == kind+"/*" || value == "*/*"
	})
}
