package sip

import (
	"slices"

	"github.com/emiago/sipgo/sip"
)

// A requestID names a request by what is the same on whatever way it comes (RFC 3261
// §8.2.2.2).
type requestID struct {
	callID, tag string // the tag of its From
	method      sip.RequestMethod
	cseq        uint32
}

func idOf(req *sip.Request) requestID {
	tag, _ := Param(req.From().Params, "tag")
	return requestID{callID: req.CallID().Value(), tag: tag, method: req.Method, cseq: req.CSeq().SeqNo}
}

// inNoDialog reports whether a request is outside of a dialog.
func inNoDialog(req *sip.Request) bool {
	tag, _ := req.To().Params.Get("tag")
	return tag == ""
}

// recent are the requests outside of a dialog that have come by a flow, of INVITEs those
// that we have refused, or answered as the tester wished. A proxy that forks sends one by
// each flow of the account, or two by one, and it is served once. They are known for as long
// as its sender may wait for an answer (timer F), or until the flow is gone: then the answer
// may be lost with it, and the copy by another flow counts.
type recent struct{ memory[requestID] }

func (r *recent) came(s *step, req *sip.Request) { r.note(idOf(req), s.In(giveUp)) }

func (r *recent) knows(id requestID) bool {
	return r.has(func(one *requestID) bool { return *one == id })
}

// merged notes a request outside of a dialog, and reports whether it has come already, by
// whatever flow of the account. An INVITE is known by its call, or its refusal: see
// [calls.merged]. One that was cancelled may come again, by a flow that a proxy tries next.
func (v *service) merged(s *step, req *sip.Request) bool {
	if req.IsInvite() {
		return false
	}
	id := idOf(req)
	if v.recent.knows(id) || slices.ContainsFunc(v.cfg.beside(), func(a *Agent) bool { return a.wire.recent.knows(id) }) {
		return true
	}
	v.recent.came(s, req)
	return false
}
