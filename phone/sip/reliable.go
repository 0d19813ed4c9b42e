package sip

import (
	"fmt"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// reliable is our provisional responses to an INVITE whose sender wants to know
// that they arrive (RFC 3262 §3): numbered, one at a time, and repeated until its
// PRACK comes, after T1 and then at intervals that double, for 64*T1.
type reliable struct {
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
func (r *reliable) begin(cfg *Config, req *sip.Request) {
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

// unanswered reports whether our offer has no answer yet; offers, whether the next
// PRACK may bring it.
func (r *reliable) unanswered() bool { return r.offered && !r.agreed }
func (r *reliable) offers() bool     { return r.waits != nil && r.unanswered() }

func (c *call) repeatReliable(s *step) {
	c.rel.interval *= 2
	c.rel.next = s.In(c.rel.interval)
	c.transmit(s, c.rel.waits)
}

// unpracked is a reliable response without its PRACK: the INVITE is refused
// (RFC 3262 §3).
func (c *call) unpracked(s *step) {
	reason := fmt.Sprintf("no PRACK within 32 s of our %d (64*T1)", c.rel.waits.StatusCode)
	c.rel = reliable{}
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
func (c *call) pracked(s *step, tx *ServerTransaction) {
	req := tx.Request
	got, ok := rackOf(req)
	switch {
	case !ok:
		c.reply(s, tx, sip.StatusBadRequest)
		return
	case c.rel.waits == nil || got != c.rel.last:
		c.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
		s.Log(event.Warning{
			Rule: event.RuleWrongPrack, Note: fmt.Sprintf("%s acknowledged response %d to %d %s: %s", c.peer, got.rseq, got.cseq, event.Printable(got.method), c.rel.open()),
			Hint: "the RAck of a PRACK is the RSeq and the CSeq of the response that it acknowledges, once",
		})
		return
	}
	c.rel.waits = nil
	c.rel.rest()
	if c.rel.unanswered() {
		c.answeredByPrack(s, tx)
	} else {
		c.reoffer(s, tx, nil)
	}
	c.afterPrack(s)
}

// afterPrack sends what has waited for a PRACK.
func (c *call) afterPrack(s *step) {
	next, rings := c.rel.answer, c.rel.rings
	c.rel.answer, c.rel.rings = nil, false
	switch {
	case c.uas == nil:
	case next != nil:
		c.answer(s, next.sdp)
	case rings:
		c.sendRinging(s, nil)
	}
}

// answeredByPrack takes the PRACK that is to have the answer to our offer. If it
// has none, the ACK is the last place for it.
func (c *call) answeredByPrack(s *step, tx *ServerTransaction) {
	c.respondIn(s, tx, nil)
	if body, _ := c.bodies.read(s, c.peer, tx.Request); body != nil {
		c.rel.agreed = true
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
