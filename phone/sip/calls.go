package sip

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// calls are the calls of an agent, and how what arrives finds its own.
type calls struct {
	*client
	forced *forced
	list   []*call    // oldest first
	next   func() int // numbers a call
}

// full reports whether there can be no more.
func (cs *calls) full() bool { return len(cs.list) >= cs.cfg.MaxCalls }

// owing reports whether a call waits for a flow.
func (cs *calls) owing() bool {
	return slices.ContainsFunc(cs.list, func(c *call) bool { return c.bye.owed || !c.over })
}

// offered takes an INVITE that begins a call.
func (cs *calls) offered(s *step, tx *ServerTransaction) {
	req := tx.Request
	if cs.merged(idOf(req)) {
		cs.reply(s, tx, sip.StatusLoopDetected)
		turnedAway(s, event.RuleDuplicateInvite, req, sip.StatusLoopDetected, cameAlready)
		return
	}
	in, ok := cs.admit(s, tx)
	if !ok {
		tx.way.recent.came(s, req)
		return
	}
	cs.trying(s, tx)

	c := cs.begin(false, addressOfRecord(&req.From().Address), DisplayName(req.From().DisplayName))
	c.state, c.uas = callIncoming, tx
	c.dialog, c.intro, c.invited = uasDialog(req, cs.token(1), in.routes), introductionOf(req), req.CSeq().SeqNo
	c.lapse.begin(s, req)
	c.entered(s, &c.dialog)
	c.log(s, event.CallIncoming)
	if in.old != nil {
		c.place.wants(s, in.old, req)
	}
	c.bodies.note(s, c.peer, in.untidy)
	if in.body == nil {
		c.bodies.without(s, c.peer, req)
	}
	c.rel.begin(req)
	cs.forced.early(s, c, tx)
	cs.offer(s, c, req, in.body)
}

// An admission is what an INVITE says that may begin a call.
type admission struct {
	old    *call // that is to be replaced
	routes []string
	body   []byte // the session description
	untidy string
}

// admit reads an INVITE that is to begin a call, and refuses one that cannot.
func (cs *calls) admit(s *step, tx *ServerTransaction) (in admission, ok bool) {
	req := tx.Request
	peer := addressOfRecord(&req.From().Address)
	doubtSession(s, peer, req)
	old, no := cs.replaced(req)
	if no != nil {
		cs.unreplaced(s, tx, no)
		return in, false
	}
	routes, bad := routesOf(req, "record-route")
	if bad != "" {
		refuseRoute(s, peer, bad)
		cs.reply(s, tx, sip.StatusBadRequest)
		return in, false
	}
	body, untidy, unread := SDPOf(req)
	return admission{old, routes, body, untidy}, !cs.refuses(s, tx, unread) && !cs.busy(s, tx)
}

// refuseCaller writes down that a call is refused because nothing could be sent in it.
func refuseCaller(s *step, peer string) {
	s.Log(event.Error{
		Op: "take the call of " + peer, Err: "its INVITE has no Contact that a request can be sent to", Rule: event.RuleMalformedMessage,
		Hint: "it was answered 400: an INVITE has one, with a sip or sips URI (RFC 3261 §8.1.1.8)",
	})
}

// source is the host that a call comes from, whose address SDP may name. It is zero
// if that is our server or one of its proxies, which answer for their callers.
func (cs *calls) source(s *step, req *sip.Request) netip.Addr {
	from := elsewhere.Plain(s.from.Addr())
	switch {
	case cs.cfg.Inside:
		return callerVia(req)
	case cs.cfg.Transport.Reliable(), cs.anyNames(from):
		return netip.Addr{}
	}
	return from
}

// callerVia is the host of the second Via, as [StampVia] has left it. A request
// without one is the server's own.
func callerVia(req *sip.Request) netip.Addr {
	vias := Fields(req, "via")
	if len(vias) < 2 {
		return netip.Addr{}
	}
	host := ""
	if via, ok := vias[1].(*sip.ViaHeader); ok {
		stamp, _ := via.Params.Get("received")
		host = cmp.Or(stamp, via.Host)
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return netip.IPv4Unspecified() // nobody's
	}
	return elsewhere.Plain(addr)
}

// refuses answers a new INVITE that cannot be served, whoever is there, and reports whether
// it is one.
func (cs *calls) refuses(s *step, tx *ServerTransaction, body *BodyError) bool {
	req := tx.Request
	switch {
	case contactOf(req) == nil:
		refuseCaller(s, addressOfRecord(&req.From().Address))
		cs.reply(s, tx, sip.StatusBadRequest) // nobody to send the BYE to
	case body != nil:
		cs.refuseBody(s, tx, body)
	case !acceptsSDP(req): // RFC 4475 §3.3.15
		cs.turnAway(s, tx, sip.StatusNotAcceptable, "its Accept leaves out "+sessionType+" (RFC 3261 §20.1)")
	case cs.cfg.Reliable == ReliableAlways && !supports(req, tagReliable):
		cs.turnAway(s, tx, statusExtensionRequired, "it does not support "+tagReliable+", which this phone requires", sip.NewHeader("Require", tagReliable))
	case cs.cfg.tooBrief(req):
		cs.turnAway(s, tx, statusTooBrief, timerBrief, cs.cfg.minSE())
	default:
		return false
	}
	return true
}

// busy refuses a new INVITE for which there is nobody, and reports whether there is not.
func (cs *calls) busy(s *step, tx *ServerTransaction) bool {
	switch {
	case cs.conn.Leaving():
		cs.missed(s, tx, sip.StatusTemporarilyUnavailable, "the phone is shutting down")
	case cs.full() && len(Fields(tx.Request, "replaces")) == 0: // the call that is replaced makes room
		cs.missed(s, tx, sip.StatusBusyHere, "the phone has "+words.Count(len(cs.list), "call")+", and takes no more")
	default:
		return false
	}
	return true
}

// acceptsSDP reports whether the caller takes an answer in SDP: without an Accept it
// does (RFC 3261 §20.1).
func acceptsSDP(req *sip.Request) bool {
	ranges := Values(req, "accept")
	for _, one := range ranges {
		media, _, _ := strings.Cut(one, ";")
		switch strings.ToLower(trim(media)) {
		case sessionType, "application/*", "*/*":
			return true
		}
	}
	return len(ranges) == 0
}

// merged reports whether an INVITE has reached us on another way already (RFC 3261
// §8.2.2.2): its call is there, or we have refused it.
func (cs *calls) merged(invite requestID) bool {
	return cs.serve(invite) || slices.ContainsFunc(cs.cfg.beside(), func(a *Agent) bool { return a.calls.serve(invite) })
}

// serve reports whether a call of ours began with an INVITE, or would have.
func (cs *calls) serve(invite requestID) bool {
	return cs.recent.knows(invite) || slices.ContainsFunc(cs.list, func(c *call) bool {
		return !c.out && requestID{callID: c.dialog.callID, tag: c.dialog.remoteTag, method: sip.INVITE, cseq: c.invited} == invite
	})
}

// asked returns the call with that number if its peer waits for an answer.
func (cs *calls) asked(s *step, id int, op string) *call {
	c := cs.find(s, id, op)
	if c != nil && c.uas == nil && c.update.asked == nil {
		s.Log(event.Error{Op: op + " " + c.peer, Err: "nothing waits for an answer", Hint: "it may have been answered or cancelled already", Rule: event.RuleNotPossible})
		return nil
	}
	return c
}

// asking returns the call that has not answered that INVITE, or nil.
func (cs *calls) asking(invite *ServerTransaction) *call {
	for _, c := range cs.list {
		if c.uas == invite {
			return c
		}
	}
	return nil
}

// begin adds a call.
func (cs *calls) begin(out bool, peer, name string) *call {
	c := newCall(cs.client, cs.remove, cs.next(), out, peer)
	c.name = name
	cs.list = append(cs.list, c)
	return c
}

// byID is the call with that number that is not over; nil if there is none.
func (cs *calls) byID(id int) *call {
	for _, c := range cs.list {
		if c.id == id && !c.over {
			return c
		}
	}
	return nil
}

// find returns the call with that number, or logs that there is none.
func (cs *calls) find(s *step, id int, op string) *call {
	if c := cs.byID(id); c != nil {
		return c
	}
	s.Log(event.Error{Op: fmt.Sprintf("%s call %d", op, id), Err: "there is no such call", Hint: "it may be over already", Rule: event.RuleNotPossible})
	return nil
}

// snapshot is the calls as they are now, for a loop in which some may end.
func (cs *calls) snapshot() []*call { return slices.Clone(cs.list) }

// remove forgets a call.
func (cs *calls) remove(c *call) {
	c.invite.forks.alone = true
	cs.list = slices.DeleteFunc(cs.list, func(other *call) bool { return other == c })
	if len(cs.list) == 0 {
		cs.list = nil
	}
}

// dialogOf returns the call that a request of the peer is in, and the dialog;
// early is set where that is one of those that our INVITE has begun.
func (cs *calls) dialogOf(req *sip.Request) (c *call, d *dialog, e *early) {
	for _, c := range cs.list {
		if c.state >= callIncoming && c.dialog.matches(req) {
			return c, &c.dialog, nil
		}
		if e := c.early.with(req); e != nil {
			return c, &e.dialog, e
		}
	}
	return nil, nil, nil
}

// acked takes the ACK to a 2xx of ours. An ACK is never answered; one that
// belongs to nothing is dropped.
func (cs *calls) acked(s *step, req *sip.Request) {
	if c, _, _ := cs.dialogOf(req); c != nil {
		c.ok.acked(s, req)
	}
}

// cancelled takes the CANCEL of an INVITE. It has no effect on one that is answered
// already.
func (cs *calls) cancelled(s *step, tx, invite *ServerTransaction) {
	c := cs.asking(invite)
	tag := cs.token(1)
	if c != nil {
		tag = c.dialog.localTag
	}
	res := NewResponse(tx.Request, sip.StatusOK, tag)
	cs.finish(res, nil)
	cs.respond(s, tx, res)
	if c != nil {
		c.cancelledByPeer(s, tx.Request)
	}
}

// dial begins a call to somebody, with an offer for the session.
func (cs *calls) dial(s *step, to string, offer []byte) (*call, error) {
	target, err := cs.target(to)
	if err != nil {
		return nil, err
	}
	return cs.dialURI(s, target, offer)
}

// dialURI begins a call whose INVITE has header fields of its own.
func (cs *calls) dialURI(s *step, target sip.Uri, offer []byte, extra ...sip.Header) (*call, error) {
	to := addressOfRecord(&target)
	switch {
	case len(offer) == 0:
		return nil, errors.New("call " + to + ": no session to offer")
	case cs.full():
		return nil, errors.New("call " + to + ": too many calls; hang one up first")
	case cs.conn.Leaving():
		return nil, errors.New("call " + to + ": the phone is shutting down")
	}
	c := cs.begin(true, to, "")
	c.invite.offer, c.invite.extra = offer, extra
	c.dialog = cs.uacDialog(target)
	c.log(s, event.CallCalling)
	if cs.conn.Up() {
		c.sendInvite(s)
	} else {
		cs.conn.Dial(&s.Step)
	}
	return c, nil
}
