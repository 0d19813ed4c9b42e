package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxBindings is how many phones one account may have.
	maxBindings = 10
)

// A user is an account and where it can be reached.
type user struct {
	name, password string
	bindings       []*binding // oldest first
	former         []string   // contacts that were replaced or lost
	first          *conn      // the first that it registered over
	firstToken     string     // the first that a phone of it could be pushed to by
	purrs          []string   // names of its bindings, oldest first
	mailbox        Mailbox
	redirect       string // where its calls are sent instead (302); "": nowhere
}

// A binding is a contact of a user, and the connection that leads there.
type binding struct {
	user     *user
	conn     *conn
	uri      grammar.Uri
	id       string        // what a later registration replaces
	instance string        // of the phone, where it has flows
	life     time.Duration // that was granted last
	expires  time.Time
	callID   string // of the REGISTER that made it, and its CSeq
	cseq     uint32
	push     push.Params // what does not wake it is empty
	purr     string      // its name in dialogs
	alarm    loop.Alarm  // its end
	refresh  loop.Alarm  // when it is pushed to for its refresh
}

func (r *registrar) addUser(a Account) error {
	switch {
	case a.User == "" || strings.ContainsAny(a.User, "@<>\"; \t\r\n%"):
		return fmt.Errorf("%q cannot be an account's name", a.User)
	case r.users[a.User] != nil:
		return fmt.Errorf("two accounts %q", a.User)
	}
	r.users[a.User] = &user{name: a.User, password: a.Password}
	return nil
}

// bindingID is by what a registration replaces an earlier one: the instance
// and flow of the phone (RFC 5626 §6), else its contact (RFC 3261 §10.3).
func bindingID(c *grammar.ContactHeader) string {
	instance, _ := sip.Param(c.Params, "+sip.instance")
	reg, _ := sip.Param(c.Params, "reg-id")
	if instance != "" {
		return "instance " + strings.Trim(instance, "<>") + " " + reg
	}
	return contactKey(c.Address)
}

// isOf reports whether a binding is the one that a contact is about.
func (b *binding) isOf(c *grammar.ContactHeader) bool {
	return b.is(bindingID(c), c.Address)
}

// oneBinding reports whether two contacts are about one binding.
func oneBinding(a, b *grammar.ContactHeader) bool {
	return (&binding{id: bindingID(a), uri: a.Address}).isOf(b)
}

// is reports whether a binding is the one with an id and, unless that is an instance, the
// same contact.
func (b *binding) is(id string, contact grammar.Uri) bool {
	return b.id == id && (strings.HasPrefix(id, "instance ") || sip.SameURI(withoutPush(b.uri), withoutPush(contact)))
}

// withoutPush is a contact's URI without what says where to push, which a phone may
// change (RFC 8599 §4.1.2).
func withoutPush(uri grammar.Uri) *grammar.Uri {
	plain := uri.Clone()
	plain.UriParams = slices.DeleteFunc(plain.UriParams, func(p grammar.HeaderKV) bool { return len(p.K) > 3 && strings.EqualFold(p.K[:3], "pn-") })
	return plain
}

// bind adds or refreshes a binding of u.
func (r *registrar) bind(u *user, c *conn, req *grammar.Request, w wish) {
	contact, expires, to := w.contact, w.life, w.push
	id, instance := bindingID(contact), instanceOf(contact)
	i := slices.IndexFunc(u.bindings, func(b *binding) bool {
		otherFlow := instance != "" && b.instance == instance
		return b.isOf(contact) || to.PRID != "" && b.push.PRID == to.PRID && !otherFlow
	})
	what, purr, detail := "registered", "", fmt.Sprintf("%s for %s", contact.Address.String(), expires)
	if i >= 0 {
		old := u.bindings[i]
		if old.conn == c {
			what, purr, detail = "refreshed", old.purr, old.refreshed(r.loop.Now())
		}
		r.observer.replaced(old, c)
		r.remove(old, "")
		if old.conn != c || !sip.SameURI(withoutPush(old.uri), withoutPush(contact.Address)) {
			r.tell(old, event.LocationGone, "registered anew")
		}
	}
	if u.first == nil {
		u.first = c
	}
	b := &binding{
		user: u, conn: c, uri: *contact.Address.Clone(), id: id, instance: instance, life: expires, expires: r.loop.Now().Add(expires),
		callID: req.CallID().Value(), cseq: req.CSeq().SeqNo, push: to,
	}
	u.bindings = append(u.bindings, b)
	c.bindings = append(c.bindings, b)
	r.locations.add(b)
	r.loop.Set(&b.alarm, expires, func() {
		r.loop.Note("registration expired", c.name(), b.uri.String())
		r.remove(b, "expired")
	})
	if b.wakeable() {
		r.pushable(b, purr, expires)
	}
	r.observer.bound(b)
	r.observer.changed(u)
	r.tell(b, event.LocationBound, "")
	if what != "refreshed" || !c.own() { // a robot is part of the lab
		r.loop.Note(what, c.name(), detail)
	}
}

// refreshed says how much of a binding had passed when it was refreshed: a phone
// that sleeps does so at half, and still has the other half if that fails.
func (b *binding) refreshed(now time.Time) string {
	passed := b.life - b.expires.Sub(now)
	return fmt.Sprintf("%s after %.0f s of %.0f (%.0f %%)", b.uri.String(), passed.Seconds(), b.life.Seconds(), 100*passed.Seconds()/b.life.Seconds())
}

// outdates reports whether a REGISTER was sent before the one that made the
// binding (RFC 3261 §10.3 steps 6 and 7).
func (b *binding) outdates(req *grammar.Request) bool {
	return b.callID == req.CallID().Value() && req.CSeq().SeqNo <= b.cseq
}

// pushable gives a binding that can be pushed to a name for its calls, the one of
// before or a new one, and has it refreshed in time.
func (r *registrar) pushable(b *binding, purr string, expires time.Duration) {
	u := b.user
	if u.firstToken == "" {
		u.firstToken = b.push.PRID
	}
	if purr == "" {
		purr = r.loop.Token(purrLength)
	}
	r.locations.name(b, purr)
	r.pushes.refreshLater(b, expires)
}

// tell logs what becomes of a binding. A robot is part of the lab.
func (r *registrar) tell(b *binding, phase event.LocationPhase, why string) {
	if b.conn.own() {
		return
	}
	e := event.Location{Phase: phase, User: b.user.name, Contact: b.uri.HostPort(), Flow: b.conn.remote.String(), Push: b.wakeable(), Why: why}
	if phase != event.LocationGone {
		e.Expires = event.Seconds(b.expires.Sub(r.loop.Now()))
	}
	r.loop.Log(e)
}

// remove ends a binding, and says why if it is to be told. Its contact is remembered.
func (r *registrar) remove(b *binding, why string) {
	r.loop.Clear(&b.alarm)
	r.loop.Clear(&b.refresh)
	b.user.bindings = without(b.user.bindings, b)
	b.conn.bindings = without(b.conn.bindings, b)
	r.locations.remove(b)
	r.observer.changed(b.user)
	if why != "" {
		r.tell(b, event.LocationGone, why)
	}
}

// lost drops what was bound over a connection that is gone: such a phone cannot
// be reached until it registers again (RFC 5626 §6), unless by push.
func (r *registrar) lost(c *conn) {
	for _, b := range slices.Clone(c.bindings) {
		if !b.wakeable() {
			r.remove(b, "its connection is gone")
		} else {
			r.tell(b, event.LocationAsleep, "its connection is gone")
		}
	}
}

// forgetSleepers drops the phones that are there only by push.
func (r *registrar) forgetSleepers() {
	for _, u := range r.users {
		for _, b := range slices.Clone(u.bindings) {
			if b.conn.closed {
				r.remove(b, "the server has stopped")
			}
		}
	}
}

// pushRefused is a push that the push service does not take. A token that is no
// longer valid is not pushed to again.
func (r *registrar) pushRefused(u *user, s system.PushRefused) {
	for _, b := range slices.Clone(u.bindings) {
		if b.push.PRID != s.Token {
			continue
		}
		r.loop.Note("not woken", u.name, "the push service refused: "+s.Why)
		if push.TokenGone(s.Why) {
			r.unpushable(b)
		}
	}
}

// unpushable is a phone whose token is no longer valid.
func (r *registrar) unpushable(b *binding) {
	b.push = push.Params{}
	r.loop.Clear(&b.refresh)
	if b.conn.closed {
		r.remove(b, "its token is no longer valid")
	}
}

// wakeable reports whether the phone can be pushed to.
func (b *binding) wakeable() bool { return b.push.Wakes() }

// same reports whether two bindings are of one phone: of one instance, one contact or
// one token.
func (b *binding) same(other *binding) bool {
	return b.is(other.id, other.uri) || b.wakeable() && b.push.PRID == other.push.PRID
}

func without[T comparable](all []T, one T) []T {
	return slices.DeleteFunc(all, func(t T) bool { return t == one })
}

// drop takes one out of the list at a key, and an empty list out of the map.
func drop[K, T comparable](lists map[K][]T, key K, one T) {
	if lists[key] = without(lists[key], one); len(lists[key]) == 0 {
		delete(lists, key)
	}
}
