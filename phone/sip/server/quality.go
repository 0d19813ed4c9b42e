package server

import (
	"cmp"
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/vq"
)

// qualities collects what phones report of the quality of their calls (RFC 6035). A report is
// written down, and not kept: nobody subscribes to it.
type qualities struct {
	loop *loop.Loop
	cfg  *Config
	gate *gate
}

// serve serves a report to any address of the server's, and reports whether a request is one.
func (q *qualities) serve(x *context) bool {
	name, _ := sip.EventOf(x.req)
	if x.req.Method != grammar.PUBLISH || name != vq.Package || !q.gate.registrar.domain.owns(x.conn, x.req.Recipient) {
		return false
	}
	x.reply(q.take(x))
	return true
}

func (q *qualities) take(x *context) *grammar.Response {
	body := x.req.Body()
	life, brief := x.life(defaultPublication, q.cfg)
	refusal := unsupported(q.loop, x.req)
	switch {
	case !q.gate.trusts(x.conn) && x.from == "":
		return q.gate.deny(x, "a guest may not report calls")
	case refusal != nil:
		return refusal
	case brief != nil:
		return brief
	case len(sip.Fields(x.req, "SIP-If-Match")) > 0: // there is none that could be changed
		return x.respond(412)
	case len(body) > maxDocument:
		return x.respond(413)
	case sip.Encoded(x.req):
		return x.respondWith(415, "Accept-Encoding", "identity")
	case sip.MediaType(x.req) != vq.MIME:
		return x.respondWith(415, "Accept", vq.MIME)
	}
	r, err := vq.Parse(body)
	if err != nil {
		q.loop.Note("bad message", x.conn.name(), "a report of voice quality: "+err.Error())
		return x.respond(400)
	}
	detail := r.String()
	if len(r.Faults) > 0 {
		detail += "; but " + strings.Join(r.Faults, ", ")
	}
	q.loop.Note("quality report", cmp.Or(x.from, x.conn.name()), detail)
	res := x.respond(200)
	add(res, "SIP-ETag", q.loop.Token(12))
	add(res, "Expires", roundedUp(life))
	return res
}
