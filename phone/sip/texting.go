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
	to, text string
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
	cseq := uint32(1)
	req := cl.outside(sip.MESSAGE, &target, cseq)
	cl.finishAs(req, "text/plain;charset=utf-8", []byte(text))
	cl.authorize(req)
	t := &texting{client: cl, to: addressOfRecord(&target), text: text}
	cl.send(s, &exchange{purpose: toTell, user: t, cseq: &cseq}, req)
	return nil
}

func (t *texting) answered(s *step, x *exchange, res *sip.Response) {
	if res.IsProvisional() {
		return
	}
	s.Log(event.Text{Out: true, To: t.to, Body: t.text, Status: res.StatusCode, Reason: res.Reason})
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
	s.Log(event.Error{Op: "text " + t.to, Err: err.Error(), Hint: "it may have come all the same: only its answer is missing", Rule: unanswered(err)})
}

func (t *texting) wants(*exchange) bool { return true }
