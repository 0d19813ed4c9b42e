package server

import (
	"fmt"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// answers are those that a tester has the server give.
type answers struct {
	loop     *loop.Loop
	auth     *authenticator
	byMethod map[grammar.RequestMethod]*control.Force
}

// Respond has the server answer requests of a method with a final status from now on,
// whoever they are for, but those of its own robots.
func (o *Orders) Respond(f control.Force) {
	o.proxy.answers.byMethod[grammar.RequestMethod(f.Method)] = &f
	detail := fmt.Sprintf("%d from now on", f.Status)
	if f.Times > 0 {
		detail += ", " + words.Count(f.Times, "time")
	}
	if f.After > 0 {
		detail += fmt.Sprintf(", after %s", f.After)
	}
	o.loop.Note("forced", f.Method, detail)
}

// RespondNormally ends that, for a method or, if none is named, for all.
func (o *Orders) RespondNormally(method string) {
	if method == "" {
		clear(o.proxy.answers.byMethod)
	}
	delete(o.proxy.answers.byMethod, grammar.RequestMethod(method))
	o.loop.Note("forced", method, "no longer")
}

// forced is the answer that a request is to have, and after how long; nil: as usual.
func (as *answers) forced(c *conn, req *grammar.Request) (res *grammar.Response, after time.Duration) {
	f := as.byMethod[req.Method]
	if f == nil || c.own() {
		return nil, 0
	}
	if f.Use() {
		delete(as.byMethod, req.Method)
	}
	res = respond(as.loop, req, f.Status)
	served := sip.Served{Methods: allowed, Bodies: bodies, Packages: allowEvents()}
	if challenges(res) {
		served.Challenge = as.auth.one(as.loop.Now())
	}
	for _, h := range sip.Demanded(req, f.Status, served) {
		add(res, h.Name(), h.Value())
	}
	if sip.NamesContact(f.Status) { // of a REGISTER alone, and it leads back
		add(res, "Contact", "<"+req.Recipient.String()+">")
	}
	if f.RetryAfter > 0 {
		add(res, "Retry-After", roundedUp(f.RetryAfter))
	}
	return res, f.After
}

// forces reports whether the answer to a request is forced, and gives it, perhaps later.
func (p *proxy) forces(x *context) bool {
	res, after := p.answers.forced(x.conn, x.req)
	switch {
	case res == nil:
		return false
	case after == 0:
		x.reply(res)
		return true
	case x.req.IsInvite(): // it would be sent again, else (RFC 3261 §17.2.1)
		x.reply(x.respond(100))
	}
	p.loop.Set(&x.wait, after, func() { x.reply(res) })
	return true
}
