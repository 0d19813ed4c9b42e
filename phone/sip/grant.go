package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A grant is what a 2xx to our REGISTER says of our binding, or one to a SUBSCRIBE or a
// PUBLISH of that: how long it lives, and what in that had to be guessed.
type grant struct {
	life     time.Duration
	warnings []event.Warning
}

// forEver is longer than any time that can be granted.
const forEver = 1 << 32 * time.Second

var (
	errNoTime  = errors.New("the registrar granted no time")
	errNoBound = errors.New("the 200 has no Contact: nothing is bound")
)

// grantedBy reads what a 2xx grants (RFC 3261 §10.2.4): the time of our own
// Contact, else of the Expires header field, else what we asked for, which it may
// shorten and not lengthen (§10.2.1.1, §10.3 step 7). Without a Contact nothing is bound
// (§10.3 step 8), and with no time it is no longer.
func (r *registration) grantedBy(req *sip.Request, res *sip.Response) (g grant, err error) {
	if err := another(req, res); err != nil {
		return g, err
	}
	c := r.ownContact(res, &g)
	if c == nil {
		return g, errNoBound
	}
	var given []string
	if life, named := Param(c.Params, "expires"); named {
		given = append(given, life)
	}
	if len(Fields(res, "expires")) > 0 {
		given = append(given, Text(res, "expires"))
	}
	asked, _ := Seconds(req, "expires") // r.expires may be what the next asks for
	g.read("the registrar", asked, given...)
	if g.life == 0 {
		return g, errNoTime
	}
	g.brief("the registrar", asked, "nobody reaches the phone")
	return g, nil
}

// read takes the first of the times that somebody gives, in seconds (RFC 3261 §25.1,
// delta-seconds, and §10.2.1.1: up to 2^32-1), for what was granted. Of one that only
// begins with a number the number is believed: whoever wrote it has meant that. No more
// than was asked for is.
func (g *grant) read(by string, asked time.Duration, given ...string) {
	g.life = asked
	odd, isOdd := "", false
	for _, v := range given {
		life, ok, tidy := leadingSeconds(v)
		if !isOdd && !tidy {
			odd, isOdd = v, true
		}
		if ok {
			g.life = life
			break
		}
	}
	long := g.life
	g.life = min(long, asked)
	switch {
	case isOdd:
		g.warn(event.RuleOddExpiry, fmt.Sprintf("%s grants %.100q, which is no time in seconds: %s s are believed", by, odd, wholeSeconds(g.life)),
			"a time is a number of seconds, from 0 to 4294967295")
	case long > asked:
		g.warn(event.RuleOddExpiry, fmt.Sprintf("%s grants %s s, and %s s were asked for: those are believed", by, wholeSeconds(long), wholeSeconds(asked)),
			"what is granted may be shorter than what was asked for, and not longer")
	}
}

// brief names a life that is too short to be refreshed in time for long: the budget
// does not last (see [control.Budget]), and then there are gaps, in which that is so.
func (g *grant) brief(by string, asked time.Duration, gap string) {
	if g.life == 0 || g.life > control.BudgetEvery {
		return
	}
	hint := "have it grant a minute at the least"
	if asked <= control.BudgetEvery {
		hint = "ask for a minute at the least"
	}
	g.warn(event.RuleShortExpires, fmt.Sprintf("%s grants %g s: after the first %d refreshes there is one every %g s, and between them %s", by, g.life.Seconds(), control.BudgetBurst, control.BudgetEvery.Seconds(), gap), hint)
}

// expiresOf reads what a 2xx to a SUBSCRIBE or a PUBLISH grants. It must say that, and
// may not grant more than was asked for (RFC 6665 §3.1.1, §4.2.1.1, RFC 3903 §6).
func expiresOf(res *sip.Response, by string, asked time.Duration) (g grant) {
	value := Text(res, "expires")
	if value != "" {
		g.read(by, asked, value)
	} else {
		g.life = asked
		g.warn(event.RuleIncompleteGrant, fmt.Sprintf("%s grants no time, in a %d without Expires: the %g s that were asked for are believed", by, res.StatusCode, asked.Seconds()),
			"the Expires of the answer says for how long it is granted")
	}
	g.brief(by, asked, "it is over")
	return g
}

// tell logs what had to be guessed, unless it is as it was told the last time: a
// registrar says the same at each refresh.
func (g *grant) tell(s *step, last string) (told string) {
	told = fmt.Sprint(g.warnings)
	if told != last {
		for _, w := range g.warnings {
			s.Log(w)
		}
	}
	return told
}

func (g *grant) warn(rule event.Rule, note, hint string) {
	g.warnings = append(g.warnings, event.Warning{Rule: rule, Note: note, Hint: hint})
}

// ownContact finds our own Contact in the registrar's list: by the instance and
// the number of the flow (RFC 5626 §6), else by its address. If it is not
// there, the registrar has written down another one, such as the address that it
// saw: the only one is taken for ours, or that which ends first. nil means that
// the list is empty.
func (r *registration) ownContact(res *sip.Response, g *grant) *sip.ContactHeader {
	all := contactsOf(res)
	for _, ours := range []func(*sip.ContactHeader) bool{r.isOurFlow, r.isOurInstance, r.isOurAddress} {
		for _, c := range all {
			if ours(c) {
				return c
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	c, which := all[0], "it is the only one"
	if len(all) > 1 {
		which = fmt.Sprintf("of %d it is the one that ends first", len(all))
		for _, other := range all[1:] {
			if lifeOf(other) < lifeOf(c) {
				c = other
			}
		}
	}
	g.warn(event.RuleContactNotOurs, fmt.Sprintf("our Contact, %s, is not among those of the 200: %s is believed to be ours, because %s", r.contact(), quoteContact(c), which),
		"the registrar should list the Contact that it was given, with its +sip.instance")
	return c
}

// contactsOf is the addresses that a message lists.
func contactsOf(m sip.Message) (all []*sip.ContactHeader) {
	for _, h := range Fields(m, "contact") {
		if c, ok := h.(*sip.ContactHeader); ok && !c.Address.Wildcard {
			all = append(all, c)
		}
	}
	return all
}

// lifeOf is the time that a Contact names, or, if it names none that can be
// believed, one that is longer than all others.
func lifeOf(c *sip.ContactHeader) time.Duration {
	v, _ := Param(c.Params, "expires")
	if life, ok, _ := leadingSeconds(v); ok && life > 0 {
		return life
	}
	return forEver
}

func quoteContact(c *sip.ContactHeader) string {
	return fmt.Sprintf("<%.100s>", c.Address.String())
}

// isOurAddress reports whether a Contact is our own by its address. What else is
// there belongs to other phones of the same account, or to flows that we had
// before.
func (r *registration) isOurAddress(c *sip.ContactHeader) bool {
	user, err := url.PathUnescape(c.Address.User) // RFC 3261 §19.1.4
	host, port := r.host()
	return err == nil && user == unescaped(r.aor.User) && c.Address.Port == port && sameHost(strings.Trim(c.Address.Host, "[]"), host) && !r.isOtherFlow(c)
}

// sameHost compares names in any case, and addresses by any spelling.
func sameHost(a, b string) bool {
	one, err := netip.ParseAddr(a)
	other, otherErr := netip.ParseAddr(b)
	if err != nil || otherErr != nil {
		return strings.EqualFold(a, b)
	}
	return one.Unmap() == other.Unmap()
}

// isOurInstance reports whether a Contact is of this device, at an address that
// we need not know: some registrars write down the one that they saw.
func (r *registration) isOurInstance(c *sip.ContactHeader) bool {
	return r.isOurDevice(c) && !r.isOtherFlow(c)
}

func (r *registration) isOurDevice(c *sip.ContactHeader) bool {
	instance, ok := Param(c.Params, "+sip.instance")
	return ok && r.cfg.Instance != "" && strings.EqualFold(strings.Trim(instance, "<>"), r.cfg.Instance)
}

// isOtherFlow reports whether a Contact is of this device and of another of its flows: a
// binding is known by both (RFC 5626 §6) if we have named ours, and the Contact has one.
func (r *registration) isOtherFlow(c *sip.ContactHeader) bool {
	id, ok := Param(c.Params, "reg-id")
	return ok && r.outbound && id != r.regID() && r.isOurDevice(c)
}

// isOurFlow reports whether a Contact is of this device and of this flow.
func (r *registration) isOurFlow(c *sip.ContactHeader) bool {
	id, _ := Param(c.Params, "reg-id")
	return id == r.regID() && r.isOurDevice(c)
}

// stillBound says why our binding is not known to be gone, after the answer to its
// removal: a 2xx to that REGISTER lists those that are left (RFC 3261 §10.3 step 8).
func (r *registration) stillBound(req *sip.Request, res *sip.Response) error {
	if !res.IsSuccess() {
		return fmt.Errorf("%d %s", res.StatusCode, res.Reason)
	}
	if err := another(req, res); err != nil {
		return err
	}
	for _, c := range contactsOf(res) {
		over, _ := Param(c.Params, "expires")
		if over != "0" && (r.isOurFlow(c) || r.isOurInstance(c) || r.isOurAddress(c)) {
			return fmt.Errorf("the 200 lists our Contact still: %s", quoteContact(c))
		}
	}
	return nil
}
