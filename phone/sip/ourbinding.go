package sip

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// An ourBinding tells our own binding from those of other phones of the account, and of
// our other flows, in what a registrar lists.
type ourBinding struct{ *author }

// regID is the number of our flow at the registrar (RFC 5626 §4.2).
func (b ourBinding) regID() string { return strconv.Itoa(max(1, b.cfg.Flow.Number)) }

// grantedBy reads what a 2xx grants (RFC 3261 §10.2.4): the time of our own
// Contact, else of the Expires header field, else what we asked for, which it may
// shorten and not lengthen (§10.2.1.1, §10.3 step 7). Without a Contact nothing is bound
// (§10.3 step 8), and with no time it is no longer.
func (b ourBinding) grantedBy(req *sip.Request, res *sip.Response) (g grant, err error) {
	if err := another(req, res); err != nil {
		return g, err
	}
	c := b.find(res, &g)
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
	asked, _ := Seconds(req, "expires") // that of the registration may be what the next asks for
	g.read("the registrar", asked, given...)
	if g.life == 0 {
		return g, errNoTime
	}
	g.brief("the registrar", asked, "nobody reaches the phone")
	return g, nil
}

// find finds our own Contact in the registrar's list: by the instance and
// the number of the flow (RFC 5626 §6), else by its address. If it is not
// there, the registrar has written down another one, such as the address that it
// saw: the only one is taken for ours, or that which ends first. nil means that
// the list is empty.
func (b ourBinding) find(res *sip.Response, g *grant) *sip.ContactHeader {
	all := contactsOf(res)
	for _, ours := range []func(*sip.ContactHeader) bool{b.isFlow, b.isInstance, b.isAddress} {
		for _, c := range all {
			if ours(c) {
				return g.listed(c, all)
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
	g.warn(event.RuleContactNotOurs, fmt.Sprintf("our Contact, %s, is not among those of the 200: %s is believed to be ours, because %s", b.contact(), quoteContact(c), which),
		"the registrar should list the Contact that it was given, with its +sip.instance")
	return c
}

// listed is a Contact as the registrar lists it. One address is one binding (RFC 3261 §10.3
// step 7), so of several times for it the shortest is believed.
func (g *grant) listed(c *sip.ContactHeader, all []*sip.ContactHeader) *sip.ContactHeader {
	soonest, differs := c, false
	for _, other := range all {
		if !SameURI(&other.Address, &c.Address) {
			continue
		}
		differs = differs || lifeOf(other) != lifeOf(c)
		if lifeOf(other) < lifeOf(soonest) {
			soonest = other
		}
	}
	if differs {
		g.warn(event.RuleOddExpiry, fmt.Sprintf("the registrar lists %s more than once, and for different times: the shortest is believed", quoteContact(c)),
			"a binding has one address and one time")
	}
	return soonest
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

// isAddress reports whether a Contact is our own by its address. What else is
// there belongs to other phones of the same account, or to flows that we had
// before.
func (b ourBinding) isAddress(c *sip.ContactHeader) bool {
	user, err := url.PathUnescape(c.Address.User) // RFC 3261 §19.1.4
	host, port := b.host()
	return err == nil && user == unescaped(b.aor.User) && c.Address.Port == port && sameHost(strings.Trim(c.Address.Host, "[]"), host) && !b.isOtherFlow(c)
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

// isInstance reports whether a Contact is of this device, at an address that
// we need not know: some registrars write down the one that they saw.
func (b ourBinding) isInstance(c *sip.ContactHeader) bool {
	return b.isDevice(c) && !b.isOtherFlow(c)
}

func (b ourBinding) isDevice(c *sip.ContactHeader) bool {
	instance, ok := Param(c.Params, "+sip.instance")
	return ok && b.cfg.Instance != "" && strings.EqualFold(strings.Trim(instance, "<>"), b.cfg.Instance)
}

// isOtherFlow reports whether a Contact is of this device and of another of its flows: a
// binding is known by both (RFC 5626 §6) if we have named ours, and the Contact has one.
func (b ourBinding) isOtherFlow(c *sip.ContactHeader) bool {
	id, ok := Param(c.Params, "reg-id")
	return ok && b.outbound && id != b.regID() && b.isDevice(c)
}

// isFlow reports whether a Contact is of this device and of this flow.
func (b ourBinding) isFlow(c *sip.ContactHeader) bool {
	id, _ := Param(c.Params, "reg-id")
	return id == b.regID() && b.isDevice(c)
}

// left says why our binding is not known to be gone, after the answer to its
// removal: a 2xx to that REGISTER lists those that are left (RFC 3261 §10.3 step 8).
func (b ourBinding) left(req *sip.Request, res *sip.Response) error {
	if !res.IsSuccess() {
		return fmt.Errorf("%d %s", res.StatusCode, res.Reason)
	}
	if err := another(req, res); err != nil {
		return err
	}
	for _, c := range contactsOf(res) {
		over, _ := Param(c.Params, "expires")
		if over != "0" && (b.isFlow(c) || b.isInstance(c) || b.isAddress(c)) {
			return fmt.Errorf("the 200 lists our Contact still: %s", quoteContact(c))
		}
	}
	return nil
}
