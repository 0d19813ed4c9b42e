package control

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/locate"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A way finds where a connection leads, where that is not one server alone (RFC 3263).
type way struct {
	locator *locate.Locator // nil: there is one server
	adopt   func(t locate.Target)
	at      locate.Target // the last target that was tried
	after   error         // why the one before it was left; nil: it was not
	by      time.Time     // when a search must be over; zero: there is none
}

var (
	// errNoService is a domain whose SRV records say that it has no such server.
	errNoService = errors.New("the domain says that it has no such server (SRV with the target \".\", RFC 2782)")
	errNoDNS     = fmt.Errorf("no answer of the DNS within %g s", Patience.Seconds())
)

// Seek has the connection lead to what a locator finds, from the next time on that it
// is opened; adopt has the agent speak what a target wants, see [Channel.Lead].
func (c *Conn) Seek(l *locate.Locator, adopt func(locate.Target)) {
	c.way = way{locator: l, adopt: adopt}
}

// Serve has the connection lead to one server, from the next time on that it is opened,
// and want the certificate of that host; "" is none.
func (c *Conn) Serve(server, certificate string) {
	c.way = way{}
	c.Channel.Serve(server, certificate)
}

// Lead has it lead to a server that was found, and go over what that wants.
func (c *Channel) Lead(server, certificate string, datagrams bool, websocket WebSocket) {
	c.Serve(server, certificate)
	c.cfg.Datagrams, c.cfg.WebSocket = datagrams, websocket
}

// find looks for the server, and connects to it as soon as it is known.
func (c *Conn) find(s *Step) {
	l := c.way.locator
	if l == nil {
		c.Connect(s, "")
		return
	}
	for _, q := range l.Start(s.Now) {
		s.Do(q)
	}
	if l.Searching() {
		c.way.by = s.In(Patience)
		return
	}
	c.tryNext(s)
}

// answered takes in what the DNS says, if we have asked.
func (c *Conn) answered(s *Step, a system.Answered) (Turn, error) {
	if c.way.by.IsZero() {
		return Nothing, nil
	}
	l := c.way.locator
	next, ours := l.Answered(s.Now, a)
	if !ours {
		return Nothing, nil
	}
	s.Log(a.Event())
	for _, q := range next {
		s.Do(q)
	}
	if l.Searching() {
		return Nothing, nil
	}
	c.way.by = time.Time{}
	if faults := l.Faults(); len(faults) > 0 {
		s.Log(event.Warning{
			Rule: event.RuleDNSFailed, Note: "the resolver has not answered: " + strings.Join(faults, ", "),
			Hint: "the servers that are known are tried, else the domain itself; see the resolver, or name the server with its port",
		})
	}
	if l.Refused() {
		return c.unfound(s, errNoService)
	}
	c.tryNext(s)
	return Nothing, nil
}

// unanswered is a search that has no end.
func (c *Conn) unanswered(s *Step) (Turn, error) {
	c.way.locator.Forget()
	return c.unfound(s, errNoDNS)
}

// unfound is the end of a connection that has no server to lead to.
func (c *Conn) unfound(s *Step, err error) (Turn, error) {
	c.way.by, c.way.at = time.Time{}, locate.Target{} // no server is to blame
	c.cfg.Server = c.way.locator.Domain()
	turn := c.lose(s, event.SocketFailed, err)
	c.lost(s, err)
	return turn, err
}

// tryNext connects to the next target.
func (c *Conn) tryNext(s *Step) {
	w := &c.way
	t, n, of := w.locator.Next(s.Now)
	w.at = t
	w.adopt(t)
	if of > 1 || t.By != "" {
		e := event.Target{Server: t.Server, Transport: t.Transport, Number: n, Of: of, By: t.By}
		if w.after != nil {
			e.After = w.after.Error()
		}
		s.Log(e)
	}
	w.after = nil
	c.Connect(s, "")
	if c.Another(s.Now) {
		c.openIn(s, hurried)
	}
}

// hurried is how long a server may take to be connected to where there is another one:
// long enough for three SYNs (RFC 6298 §2.1: 0, 1 and 3 s), as a live phone dials.
const hurried = 10 * time.Second

// Another reports whether there is another server than the one that the connection
// leads to.
func (c *Conn) Another(now time.Time) bool {
	return c.way.locator != nil && c.way.locator.Another(now, c.way.at)
}

// Leaves has the server rest, for as long as it wants or else for a while, and reports
// whether there is another one, which is tried next (RFC 3263 §4.3).
func (c *Conn) Leaves(s *Step, rest time.Duration, why error) bool {
	w := &c.way
	if w.locator == nil || w.at == (locate.Target{}) || !w.locator.Failed(s.Now, w.at, rest) {
		return false
	}
	w.after = fmt.Errorf("%s: %w", w.at.Server, why)
	s.Log(event.Warning{
		Rule: event.RuleServerFailover, Note: fmt.Sprintf("%s failed: %v", w.at.Server, why),
		Hint: "see why it failed; the phone goes on to the next server of the domain",
	})
	return true
}

// goesOn tries the next server, if there is one, after one to which the connection has
// never opened.
func (c *Conn) goesOn(s *Step, err error) bool {
	if c.announced || !c.Leaves(s, 0, err) {
		return false
	}
	c.find(s)
	return true
}
