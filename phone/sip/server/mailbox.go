package server

import (
	"fmt"
	"slices"

	grammar "github.com/emiago/sipgo/sip"
)

// Mailbox is how many voice messages wait for a user, that were not heard yet and
// that were.
type Mailbox struct{ New, Old int }

// SetMailbox has messages wait for a user, and tells that to whoever has subscribed
// to it, and, unasked, to those of the user's phones that have a connection and have
// not (RFC 3842 §3.6). It notes how many NOTIFYs it has sent.
func (o *Orders) SetMailbox(user string, m Mailbox) {
	u, n := o.registrar.users[user], &o.proxy.notifier
	u.mailbox = m
	p, _ := packageNamed("message-summary")
	subscribed, told := map[*conn]bool{}, 0
	for _, sub := range slices.Clone(n.all) {
		if sub.of != u || sub.pkg.name != p.name {
			continue
		}
		if way := sub.way(); way != nil {
			subscribed[way] = true
		}
		if sub.tell() {
			told++
		}
	}
	for _, b := range u.bindings {
		if b.conn.closed || subscribed[b.conn] {
			continue
		}
		subscribed[b.conn] = true
		req := o.question(b, grammar.NOTIFY)
		add(req, "Contact", "<"+b.conn.uri("lab")+">") // RFC 6665 §8.2.1
		add(req, "Event", p.name)
		add(req, "Subscription-State", "active")
		add(req, "Content-Type", p.mime)
		req.SetBody(p.state(&n.states, u))
		o.proxy.send(b.conn, req)
		told++
	}
	o.loop.Note("mailbox", user, fmt.Sprintf("%d/%d, told %d", m.New, m.Old, told))
}
