package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/push"
)

const (
	// maxBindings is how many phones one account may have.
	maxBindings = 10
	// maxFormer is how many old contacts of an account are remembered: a
	// phone that registered anew over another connection is still reached
	// in calls that began before.
	maxFormer = 16
)

// A user is an account and where it can be reached.
type user struct {
	name, password string
	bindings       []*binding // oldest first
	former         []string   // contacts that were replaced or lost
	first          *conn      // the first that it registered over
	firstToken     string     // the first that a phone of it could be pushed to by
	purrs          []string   // names of its bindings, oldest first
	bells          []*bell    // its wake sockets
	held           []*held    // INVITEs that wait for its phones
}

// A binding is a contact of a user, and the connection that leads there.
type binding struct {
	user    *user
	conn    *conn
	uri     grammar.Uri
	id      string // what a later registration replaces
	expires time.Time
	callID  string // of the REGISTER that made it, and its CSeq
	cseq    uint32
	push    push.Params // what does not wake it is empty
	purr    string      // its name in dialogs
	alarm   alarm       // its end
	refresh alarm       // when it is pushed to for its refresh
}

func (l *Lab) addUser(a Account) error {
	switch {
	case a.User == "" || strings.ContainsAny(a.User, "@<>\"; \t\r\n"):
		return fmt.Errorf("lab: %q cannot be an account's name", a.User)
	case l.users[a.User] != nil:
		return fmt.Errorf("lab: two accounts %q", a.User)
	}
	l.users[a.User] = &user{name: a.User, password: a.Password}
	return nil
}

// bindingID is by what a registration replaces an earlier one: the instance
// and flow of the phone (RFC 5626 §6), else its contact (RFC 3261 §10.3).
func bindingID(c *grammar.ContactHeader) string {
	instance, _ := c.Params.Get("+sip.instance")
	reg, _ := c.Params.Get("reg-id")
	if instance != "" {
		return "instance " + strings.Trim(instance, `"<>`) + " " + reg
	}
	return contactKey(c.Address)
}

// bind adds or refreshes a binding of u.
func (l *Lab) bind(u *user, c *conn, req *grammar.Request, contact *grammar.ContactHeader, expires time.Duration, to push.Params) {
	id := bindingID(contact)
	i := slices.IndexFunc(u.bindings, func(b *binding) bool { return b.id == id || to.PRID != "" && b.push.PRID == to.PRID })
	what, purr := "registered", ""
	if i >= 0 {
		old := u.bindings[i]
		if old.conn == c {
			what, purr = "", old.purr // a refresh
		}
		l.missed(old, c)
		old.remove()
	}
	if u.first == nil {
		u.first = c
	}
	b := &binding{
		user: u, conn: c, uri: *contact.Address.Clone(), id: id, expires: l.now.Add(expires),
		callID: req.CallID().Value(), cseq: req.CSeq().SeqNo, push: to,
	}
	u.bindings = append(u.bindings, b)
	c.bindings = append(c.bindings, b)
	l.contacts[contactKey(b.uri)] = b
	l.alarms.set(&b.alarm, b.expires, func() {
		l.note("registration expired", c.name(), b.uri.String())
		b.remove()
	})
	l.pushable(b, purr)
	l.awake(b)
	if what != "" {
		l.note(what, c.name(), fmt.Sprintf("%s for %s", b.uri.String(), expires))
	}
}

// outdates reports whether a REGISTER was sent before the one that made the
// binding (RFC 3261 §10.3 steps 6 and 7).
func (b *binding) outdates(req *grammar.Request) bool {
	return b.callID == req.CallID().Value() && req.CSeq().SeqNo <= b.cseq
}

// remove ends a binding. Its contact is remembered.
func (b *binding) remove() {
	l := b.conn.lab
	l.alarms.clear(&b.alarm)
	l.alarms.clear(&b.refresh)
	b.user.bindings = without(b.user.bindings, b)
	b.conn.bindings = without(b.conn.bindings, b)
	key := contactKey(b.uri)
	if l.contacts[key] != b {
		return
	}
	delete(l.contacts, key)
	l.remember(b.user, key)
}

func (l *Lab) remember(u *user, key string) {
	if slices.Contains(u.former, key) {
		return
	}
	if len(u.former) == maxFormer {
		if l.former[u.former[0]] == u {
			delete(l.former, u.former[0])
		}
		u.former = u.former[1:]
	}
	u.former = append(u.former, key)
	l.former[key] = u
}

// findContact finds the connection that leads to a contact: the binding's, or
// that of the phone that used to be there.
func (l *Lab) findContact(uri grammar.Uri) *conn {
	key := contactKey(uri)
	if b := l.contacts[key]; b != nil {
		return b.conn
	}
	if u := l.former[key]; u != nil && len(u.bindings) > 0 {
		return u.bindings[len(u.bindings)-1].conn
	}
	return nil
}

func without[T comparable](all []T, one T) []T {
	return slices.DeleteFunc(all, func(t T) bool { return t == one })
}
