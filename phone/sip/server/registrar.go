package server

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// defaultExpires is what a REGISTER that names none asks for (RFC 3261
// §10.2).
const defaultExpires = time.Hour

// A registrar keeps where users can be reached (RFC 3261 §10.3).
type registrar struct {
	loop      *loop.Loop
	cfg       *Config
	domain    domain
	auth      authenticator
	pushes    *pushes
	observer  observer
	faults    misbehave.Registrar
	users     map[string]*user
	locations locations
}

// An observer is told of the bindings that are made.
type observer interface {
	// replaced comes before a phone's old binding is removed, because it has
	// registered over c.
	replaced(old *binding, c *conn)
	bound(b *binding)
	// changed comes when a user may be there who was not, or the other way round.
	changed(u *user)
}

// register answers a REGISTER.
func (r *registrar) register(c *conn, req *grammar.Request) *grammar.Response {
	to := req.To().Address
	u := r.users[sip.User(&to)]
	switch {
	case !r.domain.owns(c, to):
		return respond(r.loop, req, 404)
	case c.breaks(r.faults.Refuse):
		return respond(r.loop, req, 403)
	}
	if refusal := unsupported(r.loop, req, "outbound"); refusal != nil {
		return refusal
	}
	name, v, why := r.auth.judge(r.loop.Now(), req, "authorization", r)
	switch {
	case v == absent || v == stale:
		return r.auth.challenge(r.loop, req, 401, v == stale)
	case v == malformed:
		r.loop.Note("bad credentials", c.name(), why)
		return respond(r.loop, req, 400)
	case v == wrong:
		r.loop.Note("wrong password", c.name(), "user "+name)
		return respond(r.loop, req, 403)
	case u == nil || name != u.name:
		r.loop.Note("forbidden", c.name(), name+" may not register "+to.User)
		return respond(r.loop, req, 403)
	case r.forged(c, req, name):
		return respond(r.loop, req, 403)
	}
	if res := r.updateBindings(c, u, req); res != nil {
		return res
	}
	res := r.registered(c, u, req)
	r.inform(c, req, res)
	if c.breaks(r.faults.Forget) {
		r.removeAll(u)
	}
	return res
}

// password is a user's password.
func (r *registrar) password(name string) (string, bool) {
	if u := r.users[name]; u != nil {
		return u.password, true
	}
	return "", false
}

// bindings are those of a user, the oldest first.
func (r *registrar) bindings(name string) []*binding {
	if u := r.users[name]; u != nil {
		return u.bindings
	}
	return nil
}

// names lists the accounts, sorted.
func (r *registrar) names() []string {
	return slices.Sorted(maps.Keys(r.users))
}

// updateBindings does what the Contacts of a REGISTER ask for, all or
// nothing; what it returns is a refusal.
func (r *registrar) updateBindings(c *conn, u *user, req *grammar.Request) *grammar.Response {
	contacts := contactsOf(req)
	if slices.ContainsFunc(contacts, func(c *grammar.ContactHeader) bool { return c.Address.Wildcard }) {
		return r.unbindAll(c, u, req, len(contacts))
	}
	if severalFlows(contacts) {
		r.loop.Note("refused", c.name(), "more than one Contact of a REGISTER has a reg-id")
		return respond(r.loop, req, 400)
	}
	wishes := make([]wish, len(contacts))
	var added []*grammar.ContactHeader // each binding once
	for i, contact := range contacts {
		var refusal *grammar.Response
		if wishes[i], refusal = r.wish(c, u, req, contact); refusal != nil {
			return refusal
		}
		if wishes[i].life == 0 || u.boundAs(contact) != nil || slices.ContainsFunc(added, func(a *grammar.ContactHeader) bool { return oneBinding(a, contact) }) {
			continue
		}
		if added = append(added, contact); len(u.bindings)+len(added) > maxBindings {
			return r.tooMany(c, u, req)
		}
	}
	for _, w := range wishes {
		if w.life == 0 {
			r.unbind(c, u, w.contact)
		} else {
			r.bind(u, c, req, w)
		}
	}
	return nil
}

// tooMany refuses a contact for which the account has no room. It is the request that
// cannot be served: a 503 would say that the server can serve nothing now, and send the
// phone to another one (RFC 3261 §21.5.4, RFC 3263 §4.3).
func (r *registrar) tooMany(c *conn, u *user, req *grammar.Request) *grammar.Response {
	r.loop.Note("too many registrations", c.name(), fmt.Sprintf("%s has %d", u.name, len(u.bindings)))
	refusal := respond(r.loop, req, 403)
	refusal.Reason = fmt.Sprintf("More Than %d Contacts", maxBindings)
	return refusal
}

// A wish is what a Contact of a REGISTER asks for, and may have.
type wish struct {
	contact *grammar.ContactHeader
	life    time.Duration // 0: the binding is to go
	push    push.Params   // what does not wake it is empty
}

// wish reads a Contact, or refuses the REGISTER (RFC 3261 §10.3 step 7).
func (r *registrar) wish(c *conn, u *user, req *grammar.Request, contact *grammar.ContactHeader) (wish, *grammar.Response) {
	if contact.Address.Host == "" {
		return wish{}, respond(r.loop, req, 400)
	}
	if why := oddFlow(contact); why != "" {
		r.loop.Note("refused", c.name(), why)
		return wish{}, respond(r.loop, req, 400)
	}
	if b := u.boundAs(contact); b != nil && b.outdates(req) {
		return wish{}, r.outOfOrder(c, req)
	}
	to, status := r.pushes.read(contact)
	if status != 0 {
		return wish{}, respond(r.loop, req, status)
	}
	least, most := r.expiresOf(to)
	life := min(askedFor(c, contact, req), most)
	if life > 0 && life < least {
		return wish{}, tooBrief(r.loop, req, least)
	}
	return wish{contact, life, to}, nil
}

// unbindAll removes all bindings of a user, for a REGISTER with "*" among its Contacts:
// it must stand alone, and with an Expires of 0 (RFC 3261 §10.2.2, §10.3 step 6).
func (r *registrar) unbindAll(c *conn, u *user, req *grammar.Request, contacts int) *grammar.Response {
	switch {
	case contacts > 1 || !expiresAtOnce(req):
		return respond(r.loop, req, 400)
	case slices.ContainsFunc(u.bindings, func(b *binding) bool { return b.outdates(req) }):
		return r.outOfOrder(c, req)
	}
	r.loop.Note("unregistered", c.name(), "all contacts of "+u.name)
	r.removeAll(u)
	return nil
}

// expiresOf bounds the registration of a phone. One that is pushed to for its
// refresh must live until there has been time for that (RFC 8599 §5.6.1.1).
func (r *registrar) expiresOf(p push.Params) (least, most time.Duration) {
	switch {
	case !p.Wakes():
		return r.cfg.MinExpires, r.cfg.MaxExpires
	case r.pushes.refresh == 0: // never
		return r.cfg.MinExpires, r.cfg.maxPushExpires
	}
	return max(r.cfg.MinExpires, r.pushes.timerRefresh()), r.cfg.maxPushExpires
}

// outOfOrder refuses a REGISTER that was sent before the one that made a
// binding.
func (r *registrar) outOfOrder(c *conn, req *grammar.Request) *grammar.Response {
	r.loop.Note("out of order", c.name(), fmt.Sprintf("REGISTER with CSeq %d of %s", req.CSeq().SeqNo, req.CallID().Value()))
	return respond(r.loop, req, 500)
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

// boundAs is the binding that a contact is about, or nil.
func (u *user) boundAs(contact *grammar.ContactHeader) *binding {
	i := slices.IndexFunc(u.bindings, func(b *binding) bool { return b.isOf(contact) })
	if i < 0 {
		return nil
	}
	return u.bindings[i]
}

func (r *registrar) removeAll(u *user) {
	for _, b := range slices.Clone(u.bindings) {
		r.remove(b, "unregistered")
	}
}

func (r *registrar) unbind(c *conn, u *user, contact *grammar.ContactHeader) {
	if b := u.boundAs(contact); b != nil {
		r.loop.Note("unregistered", c.name(), b.uri.String())
		r.remove(b, "unregistered")
	}
}

// registered is the 200 to a REGISTER: all bindings of the user.
func (r *registrar) registered(c *conn, u *user, req *grammar.Request) *grammar.Response {
	res := respond(r.loop, req, 200)
	outbound := false
	for _, b := range u.bindings {
		value := fmt.Sprintf("<%s>;expires=%s", b.uri.String(), roundedUp(b.expires.Sub(r.loop.Now())))
		if instance, reg, ok := b.device(); ok {
			value += fmt.Sprintf(`;+sip.instance="<%s>"`, quoted.Escape(instance))
			if reg != "" {
				value += ";reg-id=" + reg
				outbound = outbound || b.conn == c
			}
		}
		add(res, "Contact", value)
	}
	add(res, "Date", r.loop.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")) // RFC 3261 §20.17
	for _, caps := range r.pushes.caps(c, req) {
		add(res, "Feature-Caps", caps)
	}
	if outbound && slices.Contains(sip.Values(req, "supported"), "outbound") {
		// RFC 5626 §6: the registrar says that it did outbound.
		add(res, "Require", "outbound")
		if r.cfg.FlowTimer > 0 {
			add(res, "Flow-Timer", roundedUp(r.cfg.FlowTimer))
		}
	}
	return res
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

// roundedUp writes a time as a header field has it: in seconds, never less than it is.
func roundedUp(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}
