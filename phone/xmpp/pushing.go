package xmpp

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// pushing is where we can be pushed to (XEP-0357): the app's own server, and
// the name that it knows us by, which is the token of the device.
type pushing struct {
	params  push.Params
	asked   push.Params // of the last enable
	request string      // name of the iq that is on its way
	granted bool
}

// SetPush says where we can be pushed to, from the next Register on.
func (a *Agent) SetPush(p push.Params) { a.push.params = p }

// Pushes reports whether we have a token, and whether the server has taken it.
func (a *Agent) Pushes(string) (asked, will bool) {
	return a.push.params.PRID != "", a.push.granted && a.push.settled()
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

// enablePush tells the server where to push, if it does not know, and reports
// whether an answer follows.
func (a *Agent) enablePush(s *step) bool {
	p := &a.push
	if a.cfg.PushService == "" || p.params.PRID == "" || p.request == "" && p.granted && p.settled() {
		return false
	}
	p.asked, p.granted, p.request = p.params, false, a.token()
	enable := element(nsPush, "enable", "jid", a.cfg.PushService, "node", p.params.PRID)
	if a.cfg.PushSecret != "" {
		enable.with(element(nsData, "x", "type", "submit").with(
			element(nsData, "field", "var", "FORM_TYPE").with(element(nsData, "value").saying(publishing)),
			element(nsData, "field", "var", "secret").with(element(nsData, "value").saying(a.cfg.PushSecret)),
		))
	}
	a.send(s, element(nsClient, "iq", "type", "set", "id", p.request).with(enable))
	return true
}

// disablePush has the server push no more.
func (a *Agent) disablePush(s *step) {
	if a.push.granted {
		a.send(s, element(nsClient, "iq", "type", "set", "id", a.token()).with(element(nsPush, "disable", "jid", a.cfg.PushService)))
	}
	a.push.asked, a.push.request, a.push.granted = push.Params{}, "", false
}

// pushAnswered is the server's answer to enable. We are registered either way:
// a phone that is not pushed to is reached while it is awake.
func (a *Agent) pushAnswered(s *step, iq *Element) {
	a.push.request, a.push.granted = "", iq.attr("type") == "result"
	if !a.push.granted {
		s.Log(event.Error{
			Op: "enable push at " + a.cfg.Server, Err: condition(iq), Hint: "does the server speak XEP-0357, and may it reach " + a.cfg.PushService + "?", Rule: event.RuleNotWakeable,
		})
	}
	a.registered(s, "")
	if !a.push.settled() { // there is a new token
		a.announce(s)
	}
}
