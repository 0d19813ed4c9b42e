package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// callState is where a call is.
type callState int

const (
	callWaiting  callState = iota // out: for the flow to open
	callCalling                   // out: the INVITE has no final response
	callIncoming                  // in: we have not answered
	callUp                        // a 2xx has passed
)

// A call is an INVITE and the session that comes of it.
//
//	out: waiting ─▶ calling ── 2xx ─▶ up ── BYE ─▶ over
//	in:  incoming ── we answer 2xx ─▶ up ── BYE ─▶ over
//
// A call that is over may linger until its last BYE is answered.
type call struct {
	*client
	gone func(*call) // forgets it

	id     int
	out    bool
	state  callState
	over   bool // the program has been told so
	peer   string
	name   string
	sentOn string // who was called in the place of peer, by a redirect
	dialog dialog
	upAt   time.Time       // when the session began
	phase  event.CallPhase // the last phase that the log has
	ended  cause           // what the peer says of its end

	intro   introduction // in: what its INVITE says besides
	invited uint32       // in: the CSeq of that, which another way does not change
	invite  invitation   // out: our INVITE that began it
	early   earlies      // out: of that
	bodies  bodies       // of the peer

	uas       *ServerTransaction // the peer's INVITE that we have not answered
	ringing   ringing
	lapse     lapse
	rel       reliable     // our provisional responses
	pracks    pracks       // of the peer's
	ok        unacked      // our 2xx
	confirmed confirmation // our ACK to theirs
	bye       farewell

	session []byte // our last session description that holds
	update  update
	change  change
	timer   sessionTimer

	place    place
	errand   errand
	referred bool // the peer has sent a REFER in it
}

// newCall makes a call, and has its parts know it.
func newCall(cl *client, gone func(*call), id int, out bool, peer string) *call {
	c := &call{client: cl, gone: gone, id: id, out: out, peer: peer}
	c.invite, c.early = invitation{call: c}, earlies{call: c}
	c.ringing, c.lapse = ringing{call: c}, lapse{call: c}
	c.rel, c.pracks, c.ok = reliable{call: c}, pracks{call: c}, unacked{call: c}
	c.confirmed, c.bye = confirmation{call: c}, farewell{call: c}
	c.place, c.errand = place{call: c}, errand{call: c}
	c.update, c.change = update{call: c}, change{call: c}
	c.timer = sessionTimer{call: c, asks: cl.cfg.SessionTimer}
	return c
}

// parts are what of the call has deadlines; of those that are due at the same time
// the first goes first.
func (c *call) parts() [7]part {
	return [...]part{&c.ok, &c.lapse, &c.ringing, &c.invite, &c.change, &c.rel, &c.timer}
}

// next is the part with the earliest deadline.
func (c *call) next() (next soonest) {
	parts := c.parts()
	next.consider(parts[:]...)
	return next
}

func (c *call) deadline() time.Time { return c.next().at }
func (c *call) advance(s *step)     { c.next().advance(s) }

func (c *call) delay(until time.Time) {
	for _, p := range c.parts() {
		p.delay(until)
	}
}

// log writes a phase of a call down, each once in a row.
func (c *call) log(s *step, phase event.CallPhase) {
	c.logFork(s, phase, nil)
}

// logFork writes down a phase of one of the dialogs that our INVITE has begun,
// each once in a row in each.
func (c *call) logFork(s *step, phase event.CallPhase, e *early) {
	last := &c.phase
	if e != nil {
		last = &e.phase
	}
	if *last == phase {
		return
	}
	*last = phase
	c.record(s, event.Call{Phase: phase, Fork: c.early.number(e)})
}

// record writes down a step of the call.
func (c *call) record(s *step, e event.Call) {
	c.phase = e.Phase
	e.ID, e.Out, e.Peer, e.Name, e.CallID, e.To = c.id, c.out, c.peer, c.name, c.dialog.callID, c.sentOn
	if e.Phase == event.CallIncoming {
		c.intro.fill(&e)
		if !c.lapse.at.IsZero() {
			e.Rings = event.Seconds(c.lapse.at.Sub(s.Now))
		}
	}
	s.Log(e)
}

// begin notes that the session is up.
func (c *call) begin(s *step) {
	c.upAt = s.Now
	c.record(s, event.Call{Phase: event.CallUp, Fork: c.early.won, Expires: event.Seconds(c.timer.every), Refresher: c.timer.refresher()})
}

// end tells the program and the log that a call is over.
func (c *call) end(s *step, by string, status int, reason string) {
	if c.over {
		return
	}
	c.over = true
	unask(s, c.id)
	c.refusePending(s)
	c.ringing.stop()
	c.lapse.stop()
	c.change.drop()
	c.update.drop()
	c.rel.drop()
	c.timer.stop()
	if c.place.left {
		by, reason = "us", "transferred"
	}
	e := event.Call{
		ID: c.id, Phase: event.CallEnded, Out: c.out, Peer: c.peer, Name: c.name, CallID: c.dialog.callID,
		Status: status, Reason: reason, By: by, To: c.sentOn,
	}
	e.Cause = c.ended.Cause
	var other control.Elsewhere
	if !c.out && c.upAt.IsZero() && by == "peer" {
		other = c.ended.otherPhone()
		e.Elsewhere = string(other)
	}
	if !c.upAt.IsZero() {
		e.Lasted = event.Seconds(s.Now.Sub(c.upAt))
	}
	c.invite.forks.tell(s, c.peer)
	s.Log(e)
	c.client.over(c)
	offered := c.errand.again(s, by, status, reason)
	s.Notice(control.Ended{ID: c.id, By: by, Status: status, Reason: reason, Elsewhere: other})
	if !offered {
		c.errand.ended(s, by, status, reason)
	}
	c.place.miss(s, status, reason)
	c.change.over(s)
}

// refusePending answers what the program has not: the call ends (RFC 3261 §15.1.2).
// What came on a flow that has failed is gone with it.
func (c *call) refusePending(s *step) {
	if invite := c.uas; invite != nil && invite.way.conn.Up() {
		c.respond(s, invite, c.newResponse(invite.Request, sip.StatusRequestTerminated))
	}
	if asked := c.update.asked; asked != nil && asked.way.conn.Up() {
		c.update.reject(s, sip.StatusRequestTerminated)
	}
	c.uas = nil
}

// resume sends what a call owes, now that the flow is open.
func (c *call) resume(s *step) {
	c.confirmed.resend(s)
	switch {
	case c.state == callWaiting:
		c.sendInvite(s)
	case c.bye.owed && c.ok.res == nil:
		c.bye.send(s)
	default:
		c.change.again(s)
	}
}

// orphan tells a call that the flow failed. A session that is up lives on:
// its audio has a way of its own, and its BYE can take the next flow.
func (c *call) orphan(s *step, err error) {
	switch {
	case c.state == callWaiting && c.invite.moving:
		c.invite.moving = false // the next flow is its last
	case c.state == callWaiting:
		c.end(s, "network", 0, err.Error())
		c.gone(c)
	}
}

// answered takes a response to a request of the call.
func (c *call) answered(s *step, x *exchange, res *sip.Response) {
	switch x.purpose {
	case toInvite:
		c.inviteAnswered(s, x, res)
	case toModify:
		c.change.answered(s, x, res)
	case toPrack:
		c.pracks.answered(s, x, res)
	case toUpdate:
		c.update.answered(s, x, res)
	case toBye:
		c.invite.forks.tell(s, c.peer)
		c.gone(c)
	} // a CANCEL: the INVITE's own answer says what became of it
	c.change.again(s)
}

// failed is a request of the call without an answer.
func (c *call) failed(s *step, x *exchange, err error) {
	switch x.purpose {
	case toInvite:
		c.invite.failed(s, err)
	case toModify:
		c.change.failed(s, x, err)
	case toUpdate:
		c.update.failed(s, x, err)
	case toPrack:
		c.pracks.failed(s, err)
	case toBye:
		c.bye.failed(s, err)
	}
}

// wants reports whether a request of the call is to be sent again with
// credentials: not a CANCEL, which cannot be (RFC 3261 §22.1), nor the INVITE of
// a call that was hung up meanwhile, nor what belongs to a call that is over or to
// an early dialog that has not become the call's.
func (c *call) wants(x *exchange) bool {
	switch x.purpose {
	case toModify, toPrack, toUpdate:
		return !c.over && c.early.counts(x)
	}
	return x.purpose != toCancel && (x.purpose != toInvite || !c.invite.cancelled)
}
