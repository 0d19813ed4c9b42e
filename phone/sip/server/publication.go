package server

import (
	"cmp"
	"fmt"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// publications are what phones have published of their users' presence (RFC 3903).
// Each is known by its entity-tag, a new one at each change:
//
//	PUBLISH, body ─▶ 200, SIP-ETag: a ── PUBLISH, SIP-If-Match: a ─▶ 200, SIP-ETag: b
//	                                        with a body: another state
//	                                        without:     it lives on
//	                                        Expires: 0:  it is gone
type publications struct {
	loop    *loop.Loop
	cfg     *Config
	gate    *gate
	changed func(*user)
	byUser  map[*user][]*publication // the one that was changed last is the last
}

const (
	// MaxPublications bounds those of one account: one for each phone that it may
	// have.
	MaxPublications = maxBindings
	// maxDocument bounds one (our own number: a presence document has a few
	// hundred bytes).
	maxDocument = 8 << 10
	// defaultPublication is how long one lives whose PUBLISH does not say
	// (RFC 3903 §4.1 leaves it to the server; the hour of RFC 3856 §6.4).
	defaultPublication = time.Hour
)

// A publication is one.
type publication struct {
	of    *user
	etag  string
	body  []byte
	alarm loop.Alarm
}

// serve serves a PUBLISH for a user of the server (RFC 3903 §6), and reports whether
// it is one.
func (ps *publications) serve(x *context) bool {
	u := ps.gate.registrar.account(x.conn, x.req.Recipient)
	if x.req.Method != grammar.PUBLISH || u == nil {
		return false
	}
	x.reply(ps.publish(x, u))
	return true
}

func (ps *publications) publish(x *context, u *user) *grammar.Response {
	name, _ := sip.EventOf(x.req)
	life, brief := x.life(defaultPublication, ps.cfg)
	refusal := unsupported(ps.loop, x.req)
	old := ps.tagged(u, sip.Text(x.req, "SIP-If-Match"))
	body := x.req.Body()
	switch {
	case !ps.gate.trusts(x.conn) && x.from != u.name:
		return ps.gate.deny(x, cmp.Or(x.from, "a guest")+" may not publish for "+u.name)
	case refusal != nil:
		return refusal
	case name != "presence":
		return x.respondWith(489, "Allow-Events", "presence")
	case len(sip.Fields(x.req, "SIP-If-Match")) > 1:
		return x.respond(400)
	case sip.Text(x.req, "SIP-If-Match") != "" && old == nil:
		return x.respond(412)
	case brief != nil:
		return brief
	case old == nil && len(body) == 0:
		return x.respond(400)
	case len(body) > maxDocument:
		return x.respond(413)
	case len(body) > 0 && sip.Encoded(x.req):
		return x.respondWith(415, "Accept-Encoding", "identity")
	case len(body) > 0 && sip.MediaType(x.req) != pidf:
		return x.respondWith(415, "Accept", pidf)
	case old == nil && len(ps.byUser[u]) >= MaxPublications:
		ps.loop.Note("refused", x.conn.name(), fmt.Sprintf("%d publications of %s", MaxPublications, u.name))
		return x.respond(503)
	}
	return ps.put(x, u, old, life)
}

// put makes, changes, prolongs or removes a publication.
func (ps *publications) put(x *context, u *user, p *publication, life time.Duration) *grammar.Response {
	if p == nil {
		p = &publication{of: u}
	}
	p.etag = ps.loop.Token(12)
	if life > 0 {
		ps.keep(p, x.req.Body(), life)
	} else {
		ps.remove(p)
	}
	ps.loop.Note("published", x.conn.name(), fmt.Sprintf("presence of %s for %s", u.name, life))
	res := x.respond(200)
	add(res, "SIP-ETag", p.etag)
	add(res, "Expires", roundedUp(life))
	return res
}

// keep has a publication live from now on; with a body it is another state, and that
// of the user (RFC 3903 §6 step 6).
func (ps *publications) keep(p *publication, body []byte, life time.Duration) {
	if len(body) > 0 {
		p.body = body
		ps.byUser[p.of] = append(without(ps.byUser[p.of], p), p)
		ps.changed(p.of)
	}
	ps.loop.Set(&p.alarm, life, func() {
		ps.loop.Note("publication expired", p.of.name, p.etag)
		ps.remove(p)
	})
}

func (ps *publications) remove(p *publication) {
	ps.loop.Clear(&p.alarm)
	drop(ps.byUser, p.of, p)
	ps.changed(p.of)
}

// last is a user's publication that was changed last, or nil.
func (ps *publications) last(u *user) *publication {
	if all := ps.byUser[u]; len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// tagged is a user's publication of that entity-tag, or nil.
func (ps *publications) tagged(u *user, etag string) *publication {
	for _, p := range ps.byUser[u] {
		if p.etag == etag {
			return p
		}
	}
	return nil
}

// count is how many there are.
func (ps *publications) count() (n int) {
	for _, all := range ps.byUser {
		n += len(all)
	}
	return n
}

// clear forgets all.
func (ps *publications) clear() {
	for _, all := range ps.byUser {
		for _, p := range all {
			ps.loop.Clear(&p.alarm)
		}
	}
	clear(ps.byUser)
}
