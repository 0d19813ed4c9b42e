package sip

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// pracks are our acknowledgements of the provisional responses to our INVITE that are
// sent reliably (RFC 3262 §4). Each early dialog has the number that it is at.
type pracks struct{ call *call }

// inOrder judges a provisional response: ok says that it is to be taken in, ack
// that it is one of those that are sent reliably and now wants its PRACK. What is
// not taken in is a copy, or comes before its turn (RFC 3262 §4).
func (p *pracks) inOrder(s *step, e *early, res *sip.Response) (ack, ok bool) {
	if !requires(res, tagReliable) || p.call.cfg.Reliable == ReliableNever {
		return false, true
	}
	n, numbered := rseqOf(res)
	switch {
	case e == nil:
		p.unusable(s, res, "has no To tag of its own that a PRACK could name")
		return false, true
	case !numbered:
		p.unusable(s, res, fmt.Sprintf("has RSeq %q", event.Printable(Text(res, "rseq"))))
		return false, true
	case e.acked == 0 || n == e.acked+1:
		e.acked = n
		return true, true
	case n > e.acked && !e.gap:
		e.gap = true
		p.unusable(s, res, fmt.Sprintf("has RSeq %d after %d, and waits for what is between", n, e.acked))
	}
	return false, false
}

func (p *pracks) unusable(s *step, res *sip.Response, why string) {
	s.Log(event.Warning{
		Rule: event.RuleBadRSeq, Note: fmt.Sprintf("a reliable %d from %s %s: it gets no PRACK", res.StatusCode, p.call.peer, why),
		Hint: "number them one by one in each dialog, from 1 to 2147483647",
	})
}

// send acknowledges the last reliable response of an early dialog.
func (p *pracks) send(s *step, e *early) {
	c := p.call
	e.dialog.localSeq++
	req := c.inDialog(&e.dialog, sip.PRACK, e.dialog.localSeq)
	invite := c.invite.sent.tx.Request.CSeq().SeqNo
	req.AppendHeader(sip.NewHeader("RAck", fmt.Sprintf("%d %d INVITE", e.acked, invite)))
	c.finish(req, nil)
	c.authorize(req)
	c.send(s, &exchange{purpose: toPrack, user: c, cseq: &e.dialog.localSeq}, req)
}

// answered takes the response to a PRACK. One that is refused changes
// nothing: the peer repeats its response, or gives up the INVITE.
func (p *pracks) answered(s *step, x *exchange, res *sip.Response) {
	c := p.call
	if res.StatusCode < 300 || c.over || !c.early.counts(x) {
		return
	}
	s.Log(event.Warning{
		Rule: event.RuleWrongPrack, Note: fmt.Sprintf("%s answered our PRACK %d %s", c.peer, res.StatusCode, event.Printable(res.Reason)),
		Hint: "its RAck is the RSeq and CSeq of the response that it acknowledges",
	})
}

// failed is a PRACK without an answer.
func (p *pracks) failed(s *step, err error) {
	s.Log(event.Error{Op: "acknowledge a response of " + p.call.peer, Err: err.Error(), Hint: "the peer may give up the call", Rule: unanswered(err)})
}

// rseqOf reads the number of a reliable response (RFC 3262 §7.1).
func rseqOf(m sip.Message) (n uint32, ok bool) {
	u, err := strconv.ParseUint(strings.TrimSpace(Text(m, "rseq")), 10, 32)
	return uint32(u), err == nil && u > 0
}

// A rack is what a PRACK acknowledges: the number of a response, and the CSeq
// and method of the request that it answers (RFC 3262 §7.2).
type rack struct {
	rseq, cseq uint32
	method     string
}

// rackOf reads the RAck of a PRACK.
func rackOf(m sip.Message) (r rack, ok bool) {
	words := strings.Fields(Text(m, "rack"))
	if len(words) != 3 {
		return rack{}, false
	}
	rseq, err1 := strconv.ParseUint(words[0], 10, 32)
	cseq, err2 := strconv.ParseUint(words[1], 10, 32)
	return rack{uint32(rseq), uint32(cseq), strings.ToUpper(words[2])}, err1 == nil && err2 == nil
}
