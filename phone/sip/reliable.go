package sip

import (
	"fmt"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// reliable is our provisional responses to an INVITE whose sender wants to know
// that they arrive (RFC 3262 §3): numbered, one at a time, and repeated until its
// PRACK comes, after T1 and then at intervals that double, for 64*T1.
type reliable struct {
	call *call

	on       bool // they are sent so
	last     rack // of the last one
	waits    *sip.Response
	interval time.Duration
	next, by time.Time
	offered  bool  // one of them has our offer
	agreed   bool  // a PRACK has answered it
	answer   *held // what follows its PRACK
	rings    bool  // a 180 does
}

// A held answer is our 2xx that waits for a PRACK.
type held struct{ sdp []byte }

// begin notes an INVITE, and whether it wants its provisional responses so.
func (r *reliable) begin(req *sip.Request) {
	cfg := r.call.cfg
	r.on = cfg.Reliable != ReliableNever && (cfg.Reliable == ReliableAlways || requires(req, tagReliable))
	if r.on {
		r.last = rack{rseq: uint32(cfg.Rand.Int32N(1<<31 - 1)), cseq: req.CSeq().SeqNo, method: string(sip.INVITE)} // RFC 3262 §3: from 1 to 2^31-1
	}
}

// number makes a response a reliable one.
func (r *reliable) number(s *step, res *sip.Response, offer []byte) {
	if !r.on {
		return
	}
	r.last.rseq++
	res.AppendHeader(sip.NewHeader("Require", tagReliable))
	res.AppendHeader(sip.NewHeader("RSeq", strconv.FormatUint(uint64(r.last.rseq), 10)))
	r.waits, r.interval, r.next, r.by = res, T1, s.In(T1), s.In(giveUp)
	r.offered = r.offered || len(offer) > 0
}

// rest ends the repetitions: there is a PRACK, or a final response.
func (r *reliable) rest() { r.next, r.by = time.Time{}, time.Time{} }

// drop ends them: there is nothing to answer any more.
func (r *reliable) drop() { *r = reliable{call: r.call} }

func (r *reliable) deadline() time.Time   { return system.Earliest(r.by, r.next) }
func (r *reliable) delay(until time.Time) { control.Delay(until, &r.by) }

func (r *reliable) advance(s *step) {
	switch r.deadline() {
	case r.by:
		r.unpracked(s)
	case r.next:
		r.repeat(s)
	}
}

// unanswered reports whether our offer has no answer yet; offers, whether the next
// PRACK may bring it.
func (r *reliable) unanswered() bool { return r.offered && !r.agreed }
func (r *reliable) offers() bool     { return r.waits != nil && r.unanswered() }

func (r *reliable) repeat(s *step) {
	r.interval *= 2
	r.next = s.In(r.interval)
	r.call.transmit(s, r.waits)
}

// unpracked is a reliable response without its PRACK: the INVITE is refused
// (RFC 3262 §3).
func (r *reliable) unpracked(s *step) {
	c := r.call
	reason := fmt.Sprintf("no PRACK within 32 s of our %d (64*T1)", r.waits.StatusCode)
	r.drop()
	s.Log(event.Error{
		Op: "ring for " + c.peer, Err: reason, Rule: event.RuleUnacknowledged,
		Hint: "a caller that requires 100rel acknowledges each reliable response; the PRACK was lost, or reached us while we could not read it",
	})
	invite := c.uas
	c.uas = nil
	c.respond(s, invite, c.newResponse(invite.Request, sip.StatusGatewayTimeout))
	c.end(s, "timeout", sip.StatusGatewayTimeout, reason)
	c.gone(c)
}

// pracked takes a PRACK. One that names no response of ours that waits is
// refused; the others carry an answer to our offer, an offer, or nothing (RFC
// 3262 §5).
func (r *reliable) pracked(s *step, tx *ServerTransaction) {
	c := r.call
	req := tx.Request
	got, ok := rackOf(req)
	switch {
	case !ok:
		c.turnAway(s, tx, sip.StatusBadRequest, "its RAck is missing or cannot be read (RFC 3262 §7.2)")
		return
	case r.waits == nil || got != r.last:
		c.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
		s.Log(event.Warning{
			Rule: event.RuleWrongPrack, Note: fmt.Sprintf("%s acknowledged response %d to %d %s: %s", c.peer, got.rseq, got.cseq, event.Printable(got.method), r.open()),
			Hint: "the RAck of a PRACK is the RSeq and the CSeq of the response that it acknowledges, once",
		})
		return
	}
	r.waits = nil
	r.rest()
	if r.unanswered() {
		r.agree(s, tx)
	} else {
		c.update.offered(s, tx, nil)
	}
	r.goOn(s)
}

// goOn sends what has waited for a PRACK.
func (r *reliable) goOn(s *step) {
	c := r.call
	next, rings := r.answer, r.rings
	r.answer, r.rings = nil, false
	switch {
	case c.uas == nil:
	case next != nil:
		c.answer(s, next.sdp)
	case rings:
		c.ringing.send(s, nil)
	}
}

// agree takes the PRACK that is to have the answer to our offer. If it
// has none, the ACK is the last place for it.
func (r *reliable) agree(s *step, tx *ServerTransaction) {
	c := r.call
	c.update.accept(s, tx, nil, nil)
	if body, _ := c.bodies.read(s, c.peer, tx.Request); body != nil {
		r.agreed = true
		s.Notice(control.Confirmed{ID: c.id, Body: body})
	}
}

// open says which response waits.
func (r *reliable) open() string {
	if r.waits == nil {
		return "none of ours waits for that"
	}
	return fmt.Sprintf("%d to %d INVITE waits", r.last.rseq, r.last.cseq)
}
