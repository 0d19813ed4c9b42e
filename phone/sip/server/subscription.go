package server

import (
	"bytes"
	"fmt"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A subscription is one dialog in which the server tells a state (RFC 6665 §4.2).
type subscription struct {
	notifier *notifier
	of       *user // whose state
	pkg      eventPackage
	event    string // as the SUBSCRIBE named it
	watcher  string // the account that has subscribed; "": a guest

	conn      *conn // over which the last SUBSCRIBE came
	id        string
	tag, peer string // ours, and the subscriber's
	us, them  grammar.Uri
	target    grammar.Uri // the subscriber's Contact
	routes    []string
	cseq      uint32
	heard     uint32 // the CSeq of the last SUBSCRIBE

	expires time.Time
	alarm   loop.Alarm
	told    []byte     // the state that was told last
	version int        // of it
	busy    bool       // a NOTIFY has no answer yet, or none may be sent
	again   loop.Alarm // when one may
	over    bool
}

// begin takes the dialog from a SUBSCRIBE.
func (s *subscription) begin(x *context) {
	s.id, s.tag = x.req.CallID().Value(), x.proxy.loop.Token(10)
	s.peer, _ = tagsOf(x.req)
	s.us, s.them = *x.req.To().Address.Clone(), *x.req.From().Address.Clone()
	s.routes = sip.Values(x.req, "record-route")
	s.follow(x)
}

// follow takes from a SUBSCRIBE where its subscriber is now (RFC 6665 §4.4.1: it is a
// target refresh).
func (s *subscription) follow(x *context) {
	s.conn, s.target, s.heard = x.conn, *x.req.Contact().Address.Clone(), x.req.CSeq().SeqNo
}

// contact is where the requests of the dialog come to.
func (s *subscription) contact() string { return "<" + s.conn.uri("lab") + ">" }

// tell sends the state if it is another than the one that was told. While a NOTIFY
// has no answer it waits: a subscriber that is slow or silent is told the last state,
// not each. RFC 3856 §6.10 would have five seconds pass between two; a test need not
// wait for that. It reports whether it has sent a NOTIFY.
func (s *subscription) tell() bool {
	if s.over || s.busy {
		return false
	}
	state := s.pkg.state(&s.notifier.states, s.of)
	if s.told != nil && bytes.Equal(state, s.told) {
		return false
	}
	s.told = state
	left := s.expires.Sub(s.notifier.loop.Now())
	s.notify("active;expires=" + roundedUp(left))
	return s.busy
}

// end ends the subscription with a last NOTIFY (RFC 6665 §4.2.2).
func (s *subscription) end(reason string) {
	s.told = s.pkg.state(&s.notifier.states, s.of)
	s.notify("terminated;reason=" + reason)
	if !s.over {
		s.notifier.loop.Note("subscription ended", s.conn.name(), fmt.Sprintf("%s of %s: %s", s.pkg.name, s.of.name, reason))
		s.forget()
	}
}

// forget drops the subscription.
func (s *subscription) forget() {
	s.over = true
	s.notifier.loop.Clear(&s.alarm)
	s.notifier.loop.Clear(&s.again)
	s.notifier.all = without(s.notifier.all, s)
}

// notify sends a NOTIFY of the state that is told.
func (s *subscription) notify(state string) {
	c := s.way()
	if c == nil {
		s.lost("it has no connection any more")
		return
	}
	s.busy = true
	s.notifier.send(c, s.request(c, state), s.answered)
}

// way is the connection over which the subscriber is reached: the one that it
// subscribed over, or the one that its contact is registered over since.
func (s *subscription) way() *conn {
	if !s.conn.closed {
		return s.conn
	}
	locations := &s.notifier.registrar.locations
	if b := locations.bindingAt(s.target, nil); b != nil && !b.conn.closed {
		return b.conn
	}
	if b := locations.movedFrom(s.target); b != nil && !b.conn.closed {
		return b.conn
	}
	return nil
}

// answered takes the answer to a NOTIFY; nil is none. One that failed is the end of
// the subscription, unless the subscriber says when to try again (RFC 6665 §4.2.2):
// then it is told what is so by then.
func (s *subscription) answered(res *grammar.Response) {
	s.busy = false
	if s.over {
		return
	}
	if res == nil {
		s.lost("a NOTIFY had no answer")
		return
	}
	if res.StatusCode < 300 {
		s.tell()
		return
	}
	wait, ok := sip.Seconds(res, "Retry-After")
	if !ok {
		s.lost(fmt.Sprintf("a NOTIFY was answered %d", res.StatusCode))
		return
	}
	s.putOff(res.StatusCode, wait)
}

// putOff has the next NOTIFY wait for as long as the subscriber has said, and not beyond
// the end of the subscription: then the last one is sent whatever it has said.
func (s *subscription) putOff(status int, asked time.Duration) {
	l := s.notifier.loop
	wait, much := max(asked, leastWait), ""
	if left := s.expires.Sub(l.Now()); wait > left {
		wait, much = left, ", which is longer than the subscription lasts"
	}
	l.Note("notify put off", s.conn.name(), fmt.Sprintf("%s of %s: %d, Retry-After: %.0f s%s", s.pkg.name, s.of.name, status, asked.Seconds(), much))
	s.told, s.busy = nil, true
	l.Set(&s.again, wait, s.resume)
}

// resume tells what is so now a subscriber that has put off its NOTIFYs.
func (s *subscription) resume() {
	s.notifier.loop.Clear(&s.again)
	s.busy = false
	s.tell()
}

// renewed tells the state anew to whoever has subscribed (RFC 6665 §4.2.1.2: at once),
// also to one that has put it off.
func (s *subscription) renewed() {
	s.told = nil
	if s.again.IsSet() {
		s.resume()
		return
	}
	s.tell()
}

// leastWait is how long a NOTIFY that was refused is not sent again, even to whoever
// says 0: else the two would be busy with nothing else (our own number).
const leastWait = time.Second

// lost ends a subscription whose subscriber is not there.
func (s *subscription) lost(why string) {
	if !s.over {
		s.notifier.loop.Note("subscription lost", s.conn.name(), fmt.Sprintf("%s of %s: %s", s.pkg.name, s.of.name, why))
		s.forget()
	}
}

// request builds a NOTIFY.
func (s *subscription) request(c *conn, state string) *grammar.Request {
	s.cseq++
	s.version++
	req := own{
		method: grammar.NOTIFY, target: s.target, routes: s.routes, id: s.id, seq: s.cseq,
		from: side{uri: s.us, tag: s.tag}, to: side{uri: s.them, tag: s.peer},
	}.over(c, s.notifier.loop)
	add(req, "Contact", s.contact())
	add(req, "Event", s.event)
	add(req, "Subscription-State", state)
	add(req, "Content-Type", s.pkg.mime)
	req.SetBody(s.pkg.body(s.told, s.version))
	return req
}
