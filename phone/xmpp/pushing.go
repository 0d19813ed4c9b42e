package xmpp

import (
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// pushing is where we can be pushed to (XEP-0357): the app's own server, and
// the name that it knows us by, which is the token of the device.
type pushing struct {
	*outbox
	params  push.Params
	asked   push.Params // of the last enable
	request string      // name of the iq that is on its way
	granted bool
}

// settled reports whether the server knows all that it is to know.
func (p *pushing) settled() bool { return p.params == p.asked && p.request == "" }

// flowFailed forgets what was on its way.
func (p *pushing) flowFailed() {
	if p.request != "" {
		p.asked, p.request, p.granted = push.Params{}, "", false
	}
}

// sessionLost has the next session ask again: it is by session that servers
// keep where to push.
func (p *pushing) sessionLost() { p.asked, p.granted = push.Params{}, false }

// enable tells the server where to push, if it does not know, and reports
// whether an answer follows.
func (p *pushing) enable(s *step) bool {
	if p.cfg.PushService == "" || p.params.PRID == "" || p.request == "" && p.granted && p.settled() {
		return false
	}
	if p.cfg.PushSecret != "" && !p.conn.MayTell(s) {
		p.asked, p.granted = p.params, false
		s.Log(event.Error{Op: "enable push at " + p.cfg.Server, Err: "its secret was not sent in clear", Hint: control.ClearHint, Rule: event.RuleClearPassword})
		return false
	}
	p.asked, p.granted, p.request = p.params, false, p.token()
	enable := element(nsPush, "enable", "jid", p.cfg.PushService, "node", p.params.PRID)
	if p.cfg.PushSecret != "" {
		enable.with(element(nsData, "x", "type", "submit").with(
			element(nsData, "field", "var", "FORM_TYPE").with(element(nsData, "value").withText(publishing)),
			element(nsData, "field", "var", "secret").with(element(nsData, "value").withText(p.cfg.PushSecret)),
		))
	}
	p.send(s, element(nsClient, "iq", "type", "set", "id", p.request).with(enable))
	return true
}

// disable has the server push no more.
func (p *pushing) disable(s *step) {
	if p.granted {
		p.send(s, element(nsClient, "iq", "type", "set", "id", p.token()).with(element(nsPush, "disable", "jid", p.cfg.PushService)))
	}
	p.asked, p.request, p.granted = push.Params{}, "", false
}

// answers reports whether an iq is the answer to enable.
func (p *pushing) answers(iq *Element) bool { return p.request != "" && iq.attr("id") == p.request }

// answered is the server's answer to enable.
func (p *pushing) answered(s *step, iq *Element) {
	p.request, p.granted = "", iq.attr("type") == "result"
	if !p.granted {
		s.Log(event.Error{
			Op: "enable push at " + p.cfg.Server, Err: condition(iq), Hint: "does the server speak XEP-0357, and may it reach " + p.cfg.PushService + "?", Rule: event.RuleNotWakeable,
		})
	}
}
