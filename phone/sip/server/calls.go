package server

import (
	"fmt"
	"slices"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
)

// calls are the calls that go through the server, for those who watch its users
// (RFC 4235). Nothing is done by them.
//
//	INVITE ─▶ trying ── 1xx, tag ─▶ early ── 2xx ─▶ confirmed ── BYE ─▶ gone
//	             └──────────────────┴── 300-699 ─▶ gone
type calls struct {
	loop    *loop.Loop
	changed func(*user)
	byID    map[string]*watchedCall // by Call-ID
	byUser  map[*user][]*watchedCall
}

const (
	// maxWatched bounds the calls of one user that are remembered: more than a
	// person has; of a robot under load the newest.
	maxWatched = 32
	// callLife is how long a call is believed to last whose BYE never came: our
	// own number.
	callLife = 12 * time.Hour
)

// A watchedCall is one of them.
type watchedCall struct {
	id             string // its Call-ID
	from, to       *user  // nil: nobody of ours
	caller, callee string // their URIs
	fromTag, toTag string
	state          string
	alarm          loop.Alarm
}

// began remembers a new call, if one of the two is a user.
func (cs *calls) began(req *grammar.Request, from, to *user) *watchedCall {
	id := req.CallID().Value()
	if from == nil && to == nil || cs.byID[id] != nil {
		return nil
	}
	c := &watchedCall{id: id, from: from, to: to, caller: req.From().Address.Addr(), callee: req.To().Address.Addr(), state: "trying"}
	c.fromTag, _ = tagsOf(req)
	cs.byID[id] = c
	for _, u := range c.users() {
		if all := cs.byUser[u]; len(all) == maxWatched {
			cs.ended(all[0])
		}
		cs.byUser[u] = append(cs.byUser[u], c)
		cs.changed(u)
	}
	cs.loop.Set(&c.alarm, callLife, func() { cs.ended(c) })
	return c
}

// heard takes a response to the call's INVITE that goes back to the caller.
func (cs *calls) heard(c *watchedCall, res *grammar.Response) {
	tag, tagged := res.To().Params.Get("tag")
	switch {
	case c == nil || cs.byID[c.id] != c || c.state == "confirmed":
		return
	case res.StatusCode >= 300:
		cs.ended(c)
		return
	case res.StatusCode >= 200:
		c.state, c.toTag = "confirmed", tag
	case res.StatusCode > 100 && tagged:
		c.state, c.toTag = "early", tag
	default:
		return
	}
	for _, u := range c.users() {
		cs.changed(u)
	}
}

// bye takes the BYE of a call, of either side.
func (cs *calls) bye(req *grammar.Request) {
	c := cs.byID[req.CallID().Value()]
	if req.Method != grammar.BYE || c == nil {
		return
	}
	from, to := tagsOf(req)
	if from == c.fromTag && to == c.toTag || from == c.toTag && to == c.fromTag {
		cs.ended(c)
	}
}

func (cs *calls) ended(c *watchedCall) {
	cs.loop.Clear(&c.alarm)
	delete(cs.byID, c.id)
	for _, u := range c.users() {
		drop(cs.byUser, u, c)
		cs.changed(u)
	}
}

// of is a user's calls, the oldest first.
func (cs *calls) of(u *user) []*watchedCall { return cs.byUser[u] }

// clear forgets all.
func (cs *calls) clear() {
	for _, c := range cs.byID {
		cs.loop.Clear(&c.alarm)
	}
	clear(cs.byID)
	clear(cs.byUser)
}

// users are those of the two who are ours, each once.
func (c *watchedCall) users() []*user {
	return slices.Compact(slices.DeleteFunc([]*user{c.from, c.to}, func(u *user) bool { return u == nil }))
}

// element is the call in a document about one of the two (RFC 4235 §4.1).
func (c *watchedCall) element(u *user) string {
	direction, local, remote, identity := "recipient", c.toTag, c.fromTag, c.caller
	if u == c.from {
		direction, local, remote, identity = "initiator", c.fromTag, c.toTag, c.callee
	}
	s := fmt.Sprintf(`<dialog id="%s" call-id="%s" local-tag="%s"`, escaped(c.id), escaped(c.id), escaped(local))
	if remote != "" {
		s += fmt.Sprintf(` remote-tag="%s"`, escaped(remote))
	}
	return s + fmt.Sprintf(` direction="%s"><state>%s</state><remote><identity>%s</identity></remote></dialog>`+"\r\n", direction, c.state, escaped(identity))
}

// watch follows a call that is sent on.
func (p *proxy) watch(x *context) {
	switch {
	case x.req.Method == grammar.BYE:
		p.calls.bye(x.req)
	case x.isNewCall() && x.call == nil:
		x.call = p.calls.began(x.req, p.registrar.account(x.conn, x.req.From().Address), p.registrar.account(x.conn, x.req.Recipient))
	}
}
