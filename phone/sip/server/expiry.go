package server

import (
	"fmt"
	"slices"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// malformedExpiry is what a time that is none stands for (RFC 3261 §10.2).
const malformedExpiry = time.Hour

// life is how long a request wants something to last that may last that long: its
// Expires, or the usual. One that wants less than there is is refused.
func (x *context) life(usual time.Duration, cfg *Config) (time.Duration, *grammar.Response) {
	asked := expires(x.conn, x.req, usual)
	if asked > 0 && asked < cfg.MinExpires {
		return 0, tooBrief(x.proxy.loop, x.req, cfg.MinExpires)
	}
	return min(asked, cfg.MaxExpires), nil
}

// expires reads the Expires of a request; the usual is for none.
func expires(c *conn, req *grammar.Request, usual time.Duration) time.Duration {
	if len(sip.Fields(req, "Expires")) == 0 {
		return usual
	}
	return lasting(c, req, "Expires", sip.Text(req, "Expires"))
}

// askedFor is how long a contact asks to be bound: its own parameter, the
// Expires header field, or the default.
func askedFor(c *conn, contact *grammar.ContactHeader, req *grammar.Request) time.Duration {
	if own, given := sip.Param(contact.Params, "expires"); given {
		return lasting(c, req, "expires of the Contact", own)
	}
	return expires(c, req, defaultExpires)
}

// expiresAtOnce reports whether a request has an Expires, and every one of it is 0.
func expiresAtOnce(req *grammar.Request) bool {
	all := sip.Fields(req, "Expires")
	return len(all) > 0 && !slices.ContainsFunc(all, func(h grammar.Header) bool {
		life, ok := sip.DeltaSeconds(h.Value())
		return !ok || life != 0
	})
}

// lasting reads a time that a phone gives something to last. One that is none is
// understood as RFC 3261 §10.2 has it, and named: another server refuses it.
func lasting(c *conn, req *grammar.Request, where, value string) time.Duration {
	life, ok := sip.DeltaSeconds(value)
	if ok {
		return life
	}
	if c.table.tidiness.News(c.table.loop.Now(), req, c.remote, sip.Untidy{Field: string(req.Method) + " " + where, Fault: "no time"}) {
		c.table.loop.Log(event.Warning{
			Rule: event.RuleOddExpiry,
			Note: fmt.Sprintf("%s from %s: %s: %.100q is no time in seconds: %g s are understood", req.Method, c.name(), where, value, malformedExpiry.Seconds()),
			Hint: "a time is a number of seconds, from 0 to 4294967295; another server may answer 400",
		})
	}
	return malformedExpiry
}

// tooBrief refuses what is to last less than that (RFC 3261 §21.4.17).
func tooBrief(l *loop.Loop, req *grammar.Request, least time.Duration) *grammar.Response {
	return respondWith(l, req, 423, "Min-Expires", roundedUp(least))
}
