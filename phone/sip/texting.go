package sip

import (
	"errors"
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// errNotOnline is an order that wants a connection and has none.
var errNotOnline = errors.New("not connected to the server")

// outside begins a request that is in no dialog, to somebody by way of our server.
// cseq is the number of its first try, which [exchange] counts on.
func (cl *client) outside(method sip.RequestMethod, to *sip.Uri, cseq uint32) *sip.Request {
	req := cl.newRequest(method, to, cl.preloaded())
	identify(req, cl.self(cl.token(1)), &sip.ToHeader{Address: *to.Clone()}, cl.token(2), cseq)
	return req
}

// A texting is a MESSAGE of ours (RFC 3428), until it is answered.
type texting struct {
	*client
	trip     trip
	target   sip.Uri
	to, text string
	cseq     uint32
	first    *sip.Request // nil: it was not sent yet
}

// sendText sends a text to somebody, outside of any call.
func (cl *client) sendText(s *step, to, text string) error {
	target, err := cl.target(to)
	switch {
	case err != nil:
		return err
	case text == "":
		return errors.New("no text")
	case !cl.conn.Up():
		return errNotOnline
	}
	t := &texting{client: cl, target: target, to: addressOfRecord(&target), text: text, cseq: 1}
	t.trip = trip{again: t.sendAgain, lost: t.unsent}
	t.sendAgain(s)
	return nil
}

// sendAgain sends the MESSAGE, perhaps not for the first time. To another server it is the
// same in a new transaction (RFC 3263 §4.3), so that whoever has had it already can tell.
func (t *texting) sendAgain(s *step) {
	req := t.outside(sip.MESSAGE, &t.target, t.cseq)
	if t.first != nil {
		tag, _ := Param(t.first.From().Params, "tag")
		req.From().Params.Add("tag", tag)
		*req.CallID() = *t.first.CallID()
	}
	t.first = req
	t.finishAs(req, "text/plain;charset=utf-8", []byte(t.text))
	t.authorize(req)
	t.send(s, &exchange{purpose: toTell, user: t, cseq: &t.cseq}, req)
}

func (t *texting) answered(s *step, x *exchange, res *sip.Response) {
	if res.IsProvisional() || t.turnedAway(s, &t.trip, res) {
		return
	}
	s.Log(event.Text{Out: true, To: t.to, Body: t.text, Status: res.StatusCode, Reason: res.Reason, Cause: causeOf(res).Cause})
	if !res.IsSuccess() {
		why := t.unaccepted(x, res, fmt.Sprintf("%d %s", res.StatusCode, res.Reason))
		s.Log(event.Error{Op: "text " + t.to, Err: why.reason, Hint: why.hint, Rule: why.rule})
	}
}

func (t *texting) failed(s *step, _ *exchange, err error) {
	if errors.Is(err, ErrFlow) && t.cfg.Flow.Backed() {
		s.Notice(control.Unsent{Order: control.SendText{To: t.to, Text: t.text}, Err: err})
		return
	}
	if !t.goesOn(s, &t.trip, 0, err) {
		t.unsent(s, err)
	}
}

// unsent is a MESSAGE of which no server says what became of it.
func (t *texting) unsent(s *step, err error) {
	s.Log(event.Error{Op: "text " + t.to, Err: err.Error(), Hint: "it may have come all the same: only its answer is missing", Rule: unanswered(err)})
}

func (t *texting) wants(*exchange) bool { return true }
