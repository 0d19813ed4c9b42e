package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// defaultExpires is what a REGISTER that names none asks for (RFC 3261
// §10.2).
const defaultExpires = time.Hour

// register is the registrar (RFC 3261 §10.3): it answers a REGISTER.
func (l *Lab) register(c *conn, req *grammar.Request) *grammar.Response {
	to := req.To().Address
	u := l.users[to.User]
	switch {
	case !l.ours(c, to):
		return l.respond(req, 404)
	case c.breaks(refuseRegister):
		return l.respond(req, 403)
	}
	if lacks := unsupported(req); lacks != "" {
		res := l.respond(req, 420)
		add(res, "Unsupported", lacks)
		return res
	}
	name, v, why := l.auth.judge(l.now, req, l.passwordOf)
	switch {
	case v == absent || v == stale:
		return l.challenge(req, v == stale)
	case v == malformed:
		l.note("bad credentials", c.name(), why)
		return l.respond(req, 400)
	case v == wrong:
		l.note("wrong password", c.name(), "user "+name)
		return l.respond(req, 403)
	case u == nil || name != u.name:
		l.note("forbidden", c.name(), name+" may not register "+to.User)
		return l.respond(req, 403)
	}
	if res := l.updateBindings(c, u, req); res != nil {
		return res
	}
	res := l.registered(c, u, req)
	l.forgets(c, u)
	return res
}

// passwordOf is a user's password.
func (l *Lab) passwordOf(name string) (string, bool) {
	if u := l.users[name]; u != nil {
		return u.password, true
	}
	return "", false
}

// challenge is the 401 that asks for credentials.
func (l *Lab) challenge(req *grammar.Request, isStale bool) *grammar.Response {
	res := l.respond(req, 401)
	for _, value := range l.auth.challenges(l.now, isStale) {
		add(res, "WWW-Authenticate", value)
	}
	return res
}

// updateBindings does what the Contacts of a REGISTER ask for, all or
// nothing; what it returns is a refusal.
func (l *Lab) updateBindings(c *conn, u *user, req *grammar.Request) *grammar.Response {
	contacts := contactsOf(req)
	if len(contacts) == 1 && contacts[0].Address.Wildcard {
		if text(req, "Expires") != "0" {
			return l.respond(req, 400)
		}
		if slices.ContainsFunc(u.bindings, func(b *binding) bool { return b.outdates(req) }) {
			return l.outOfOrder(c, req)
		}
		l.removeAll(c, u)
		return nil
	}
	asked := make([]time.Duration, len(contacts))
	pushes := make([]push.Params, len(contacts))
	for i, contact := range contacts {
		if contact.Address.Wildcard || contact.Address.Host == "" {
			return l.respond(req, 400)
		}
		if b := u.bound(bindingID(contact)); b != nil && b.outdates(req) {
			return l.outOfOrder(c, req)
		}
		var status int
		if pushes[i], status = l.pushOf(contact); status != 0 {
			return l.respond(req, status)
		}
		least, most := l.expiresOf(pushes[i])
		asked[i] = min(askedFor(contact, req), most)
		if asked[i] > 0 && asked[i] < least {
			res := l.respond(req, 423)
			add(res, "Min-Expires", wholeSeconds(least))
			return res
		}
	}
	for i, contact := range contacts {
		switch {
		case asked[i] == 0:
			l.unbind(c, u, contact)
		case len(u.bindings) >= maxBindings && u.bound(bindingID(contact)) == nil:
			l.note("too many registrations", c.name(), fmt.Sprintf("%s has %d", u.name, maxBindings))
			return l.respond(req, 503)
		default:
			l.bind(u, c, req, contact, asked[i], pushes[i])
		}
	}
	return nil
}

// expiresOf bounds the registration of a phone. One that is pushed to for its
// refresh must live until there has been time for that (RFC 8599 §5.6.1.1).
func (l *Lab) expiresOf(p push.Params) (least, most time.Duration) {
	switch {
	case !p.Wakes():
		return l.cfg.MinExpires, l.cfg.MaxExpires
	case l.cfg.PushRefresh.duration == 0: // never
		return l.cfg.MinExpires, l.cfg.maxPushExpires
	}
	return max(l.cfg.MinExpires, l.timerRefresh()), l.cfg.maxPushExpires
}

// outOfOrder refuses a REGISTER that was sent before the one that made a
// binding.
func (l *Lab) outOfOrder(c *conn, req *grammar.Request) *grammar.Response {
	l.note("out of order", c.name(), fmt.Sprintf("REGISTER with CSeq %d of %s", req.CSeq().SeqNo, req.CallID().Value()))
	return l.respond(req, 500)
}

// bound is the binding of that name, or nil.
func (u *user) bound(id string) *binding {
	for _, b := range u.bindings {
		if b.id == id {
			return b
		}
	}
	return nil
}

func (l *Lab) removeAll(c *conn, u *user) {
	l.note("unregistered", c.name(), "all contacts of "+u.name)
	for _, b := range slices.Clone(u.bindings) {
		b.remove()
	}
}

func (l *Lab) unbind(c *conn, u *user, contact *grammar.ContactHeader) {
	if b := u.bound(bindingID(contact)); b != nil {
		l.note("unregistered", c.name(), b.uri.String())
		b.remove()
	}
}

// registered is the 200 to a REGISTER: all bindings of the user.
func (l *Lab) registered(c *conn, u *user, req *grammar.Request) *grammar.Response {
	res := l.respond(req, 200)
	outbound := false
	for _, b := range u.bindings {
		value := fmt.Sprintf("<%s>;expires=%s", b.uri.String(), wholeSeconds(b.expires.Sub(l.now)))
		if instance, reg, ok := strings.Cut(strings.TrimPrefix(b.id, "instance "), " "); ok {
			value += fmt.Sprintf(`;+sip.instance="<%s>"`, instance)
			if reg != "" {
				value += ";reg-id=" + reg
				outbound = outbound || b.conn == c
			}
		}
		add(res, "Contact", value)
	}
	add(res, "Date", l.now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")) // RFC 3261 §20.17
	for _, caps := range l.pushCaps(c, req) {
		add(res, "Feature-Caps", caps)
	}
	if outbound && strings.Contains(supported(req), "outbound") {
		// RFC 5626 §6: the registrar says that it did outbound.
		add(res, "Require", "outbound")
		if l.cfg.FlowTimer > 0 {
			add(res, "Flow-Timer", wholeSeconds(l.cfg.FlowTimer))
		}
	}
	return res
}

// unsupported is the extensions that a REGISTER requires and the registrar does
// not have (RFC 3261 §10.3 step 2).
func unsupported(req *grammar.Request) string {
	var lacks []string
	for _, tag := range sip.Values(req, "require") {
		if tag != "outbound" {
			lacks = append(lacks, tag)
		}
	}
	return strings.Join(lacks, ", ")
}

// supported is the extensions that a request names, in either of the two
// names of the header field.
func supported(req *grammar.Request) string {
	var all []string
	for _, name := range []string{"supported", "k"} {
		for _, h := range req.GetHeaders(name) {
			all = append(all, h.Value())
		}
	}
	return strings.Join(all, ",")
}

func contactsOf(req *grammar.Request) []*grammar.ContactHeader {
	var all []*grammar.ContactHeader
	for _, h := range req.Headers() {
		if c, ok := h.(*grammar.ContactHeader); ok {
			all = append(all, c)
		}
	}
	return all
}

// askedFor is how long a contact asks to be bound: its own parameter, the
// Expires header field, or the default.
func askedFor(c *grammar.ContactHeader, req *grammar.Request) time.Duration {
	param, _ := c.Params.Get("expires")
	for _, s := range []string{param, text(req, "Expires")} {
		if n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31); err == nil {
			return time.Duration(n) * time.Second
		}
	}
	return defaultExpires
}

func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}
