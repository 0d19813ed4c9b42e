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

	expires time.Time
	alarm   loop.Alarm
	told    []byte // the state that was told last
	version int    // of it
	busy    bool   // a NOTIFY has no answer yet
	over    bool
}

// begin takes the dialog from a SUBSCRIBE.
func (s *subscription) begin(x *context) {
	s.conn, s.id, s.tag = x.conn, x.req.CallID().Value(), x.proxy.loop.Token(10)
	s.peer, _ = x.req.From().Params.Get("tag")
	s.us, s.them, s.target = *x.req.To().Address.Clone(), *x.req.From().Address.Clone(), *x.req.Contact().Address.Clone()
	s.routes = sip.Values(x.req, "record-route")
}

// contact is where the requests of the dialog come to.
func (s *subscription) contact() string {
	return fmt.Sprintf("<sip:lab@%s;transport=%s>", s.conn.local, s.conn.transport)
}

// tell sends the state if it is another than the one that was told. While a NOTIFY
// has no answer it waits: a subscriber that is slow or silent is told the last state,
// not each. RFC 3856 §6.10 would have five seconds pass between two; a test need not
// wait for that.
func (s *subscription) tell() {
	if s.over || s.busy {
		return
	}
	state := s.pkg.state(&s.notifier.states, s.of)
	if s.told != nil && bytes.Equal(state, s.told) {
		return
	}
	s.told = state
	left := s.expires.Sub(s.notifier.loop.Now())
	s.notify("active;expires=" + wholeSeconds(left))
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
	if b := locations.bindingAt(s.target); b != nil && !b.conn.closed {
		return b.conn
	}
	if c := locations.movedFrom(s.target); c != nil && !c.closed {
		return c
	}
	return nil
}

// answered takes the answer to a NOTIFY; nil is none. One that failed is the end of
// the subscription, unless the subscriber says when to try again (RFC 6665 §4.2.2).
func (s *subscription) answered(res *grammar.Response) {
	s.busy = false
	switch {
	case s.over:
	case res == nil:
		s.lost("a NOTIFY had no answer")
	case res.StatusCode >= 300 && text(res, "Retry-After") == "":
		s.lost(fmt.Sprintf("a NOTIFY was answered %d", res.StatusCode))
	default:
		s.tell()
	}
}

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
	req := grammar.NewRequest(grammar.NOTIFY, *s.target.Clone())
	req.AppendHeader(c.via(s.notifier.loop))
	for _, route := range s.routes {
		add(req, "Route", route)
	}
	hops := grammar.MaxForwardsHeader(maxForwards)
	req.AppendHeader(&hops)
	req.AppendHeader(&grammar.FromHeader{Address: *s.us.Clone(), Params: grammar.HeaderParams{{K: "tag", V: s.tag}}})
	to := &grammar.ToHeader{Address: *s.them.Clone()}
	if s.peer != "" {
		to.Params = grammar.HeaderParams{{K: "tag", V: s.peer}}
	}
	req.AppendHeader(to)
	id := grammar.CallIDHeader(s.id)
	req.AppendHeader(&id)
	req.AppendHeader(&grammar.CSeqHeader{SeqNo: s.cseq, MethodName: grammar.NOTIFY})
	add(req, "Contact", s.contact())
	add(req, "Event", s.event)
	add(req, "Subscription-State", state)
	add(req, "Content-Type", s.pkg.mime)
	req.SetBody(s.pkg.body(s.told, s.version))
	return req
}
