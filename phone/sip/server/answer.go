package server

import (
	"fmt"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// An answer is one that a tester has the server give to each request of a method.
type answer struct {
	status     int
	retryAfter time.Duration // 0: it does not say
}

// answers are those that are forced.
type answers struct {
	loop     *loop.Loop
	auth     *authenticator
	byMethod map[grammar.RequestMethod]answer
}

// Respond has the server answer each request of a method so from now on, whoever it
// is for, but those of its own robots. retryAfter is for how long it says not to come
// again (RFC 3261 §20.33), if it is not 0.
func (o *Orders) Respond(method string, status int, retryAfter time.Duration) {
	o.proxy.answers.byMethod[grammar.RequestMethod(method)] = answer{status, retryAfter}
	o.loop.Note("forced", method, fmt.Sprintf("%d from now on", status))
}

// RespondNormally ends that, for a method or, if none is named, for all.
func (o *Orders) RespondNormally(method string) {
	if method == "" {
		clear(o.proxy.answers.byMethod)
	}
	delete(o.proxy.answers.byMethod, grammar.RequestMethod(method))
	o.loop.Note("forced", method, "no longer")
}

// forced is the answer that a request is to have; nil: as usual.
func (as *answers) forced(c *conn, req *grammar.Request) *grammar.Response {
	a, ok := as.byMethod[req.Method]
	if !ok || c.own() {
		return nil
	}
	res := respond(as.loop, req, a.status)
	served := sip.Served{Methods: allowed, Bodies: bodies, Packages: allowEvents()}
	if challenges(res) {
		served.Challenge = as.auth.one(as.loop.Now())
	}
	for _, h := range sip.Demanded(req, a.status, served) {
		add(res, h.Name(), h.Value())
	}
	if sip.NamesContact(a.status) { // of a REGISTER alone, and it leads back
		add(res, "Contact", "<"+req.Recipient.String()+">")
	}
	if a.retryAfter > 0 {
		add(res, "Retry-After", roundedUp(a.retryAfter))
	}
	return res
}
