package lab

import (
	"fmt"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/push"
)

const (
	// defaultPushRefresh is how long before its end a binding is refreshed by a
	// push: "at least 120 seconds" (RFC 8599 §5.5; OpenSIPS:
	// pn_trigger_interval 120).
	defaultPushRefresh = 120 * time.Second
	// timerAhead is how much earlier a phone refreshes that has a timer of its
	// own: told to it as +sip.pnsreg, which must be more than 120 (RFC 8599
	// §5.6.1.1; OpenSIPS: pn_pnsreg_interval 130).
	timerAhead = 10 * time.Second
)

// pushOf reads where a contact wants to be pushed to; what does not wake it is
// empty. A status refuses a push service that nobody knows.
func (l *Lab) pushOf(contact *grammar.ContactHeader) (p push.Params, status int) {
	p, ok := push.ReadParams(contact.Address.UriParams.Get)
	switch {
	case !ok || l.cfg.NoPush:
		return push.Params{}, 0
	case p.Provider == "" && p.PRID == "": // it asks for all that there are
		return push.Params{}, 0
	case push.CheckProvider(p.Provider) != nil:
		return p, 555
	case !p.Wakes():
		return push.Params{}, 0
	}
	p.Timer = contact.Params.Has(push.TimerTag)
	return p, 0
}

// pushCaps is what the lab can do with pushes, as it is told to a phone that
// speaks of them: a Feature-Caps for each push service (RFC 8599 §5.4). To one
// that names no token it is the answer to a question (§4.1.5).
func (l *Lab) pushCaps(c *conn, req *grammar.Request) (caps []string) {
	for _, contact := range contactsOf(req) {
		p, ok := push.ReadParams(contact.Address.UriParams.Get)
		switch b := c.bindingOf(p.PRID); {
		case !ok || l.cfg.NoPush:
		case p.Provider == "":
			for _, service := range push.Providers {
				caps = append(caps, pns(service))
			}
		case p.PRID == "":
			caps = append(caps, pns(p.Provider))
		case b != nil:
			caps = append(caps, pns(p.Provider)+l.promises(b))
		}
	}
	return caps
}

func pns(service string) string { return fmt.Sprintf(`*;+sip.pns=%q`, service) }

// promises is what goes with the push service in the answer to a phone: the name
// of its binding, and, if it has a timer of its own, when it is to refresh.
func (l *Lab) promises(b *binding) string {
	var s strings.Builder
	fmt.Fprintf(&s, ";+sip.pnspurr=%q", b.purr)
	if b.push.Timer {
		fmt.Fprintf(&s, ";+sip.pnsreg=%q", wholeSeconds(l.timerRefresh()))
	}
	return s.String()
}

// timerRefresh is how long before its end a phone with a timer refreshes.
func (l *Lab) timerRefresh() time.Duration {
	return max(l.cfg.PushRefresh.duration, defaultPushRefresh) + timerAhead
}

// bindingOf is the binding over a connection that is pushed to by that token.
func (c *conn) bindingOf(prid string) *binding {
	for _, b := range c.bindings {
		if prid != "" && b.push.PRID == prid {
			return b
		}
	}
	return nil
}

// pushable makes a new binding one that can be pushed to, if the phone wants it:
// for its calls by its name, the one of before or a new one, and for its refresh
// in time.
func (l *Lab) pushable(b *binding, purr string) {
	if !b.wakeable() {
		return
	}
	if b.user.firstToken == "" {
		b.user.firstToken = b.push.PRID
	}
	l.giveName(b, purr)
	before := l.cfg.PushRefresh.duration
	if before == 0 {
		return // never
	}
	l.alarms.set(&b.refresh, b.expires.Add(-before), func() {
		if l.bad[pushNoRefresh] {
			return
		}
		l.note("refresh", b.user.name, fmt.Sprintf("its registration ends in %s", before))
		l.sendPush(b, true, push.Payload{Purpose: push.Refresh}, before)
	})
}
