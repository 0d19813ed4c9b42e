package sip

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// redirected follows a 3xx to our INVITE, or, if a target has refused the call,
// goes on to the next (RFC 3261 §8.1.3.4). It reports false if the response ends
// the call.
//
// The request goes out over the same flow: our server is on the way to all
// targets, as it is to whom we call ourselves.
func (i *invitation) redirected(s *step, x *exchange, res *sip.Response) bool {
	c := i.call
	switch {
	case i.cancelled || c.over || !c.conn.Up():
		return false
	case isRedirect(res):
		if d := i.follows(x.tx.Request, res); d != nil {
			s.Log(event.Warning{
				Rule: d.rule(), Note: fmt.Sprintf("the call to %s: %d %s", c.peer, res.StatusCode, d.describe(res)),
				Hint: "call the other address, if it is the right one",
			})
		}
	case res.StatusCode/100 == 6: // nobody wants it, wherever it goes
		return false
	}
	to, ok := i.elsewhere.next()
	if !ok {
		return false
	}
	c.sentOn = addressOfRecord(&to)
	s.Log(event.Call{
		ID: c.id, Phase: event.CallRedirected, Out: true, Peer: c.peer, CallID: c.dialog.callID,
		Status: res.StatusCode, Reason: res.Reason, To: c.sentOn,
	})
	c.dialog.target = to
	c.sendOut(s)
	return true
}

// follows takes in the targets of a 3xx, if we follow at all.
func (i *invitation) follows(req *sip.Request, res *sip.Response) *detour {
	if i.call.cfg.ShowRedirects {
		return &detour{why: "redirects are shown"}
	}
	return i.elsewhere.add(req, res)
}
