package sip

import (
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"

	"sleeptalk/phone/push"
)

// statusNoPush is "Push Notification Service Not Supported" (RFC 8599 §8.1).
const statusNoPush = 555

// SetPush has the Contact of a REGISTER carry parameters in its URI by which
// the server can have the program woken (RFC 8599 §8.7). They hold from the
// next [Agent.Register] on; where a REGISTER is on its way, another follows.
func (a *Agent) SetPush(p push.Params) { a.reg.push = p.String() }

// withPush is the Contact for a REGISTER, "<sip:…>".
func (r *registration) withPush(contact string) string {
	return strings.TrimSuffix(contact, ">") + r.push + ">"
}

// Pushes reports whether the binding that stands asked to be pushed to, and
// whether the server has said that it will, by that service (RFC 8599 §8.2:
// +sip.pns).
func (a *Agent) Pushes(service string) (asked, will bool) {
	will = slices.ContainsFunc(a.reg.services, func(s string) bool { return strings.EqualFold(s, service) })
	return a.reg.granted != "", will
}

// pushServices reads the values of +sip.pns in Feature-Caps (RFC 6809 §4.2):
// `*;+sip.pns="apns";+sip.pnsreg="130"`.
func pushServices(res *sip.Response) []string {
	var services []string
	for _, value := range Values(res, "feature-caps") {
		for tag := range strings.SplitSeq(value, ";") {
			name, quoted, _ := strings.Cut(strings.TrimSpace(tag), "=")
			if strings.EqualFold(name, "+sip.pns") {
				services = append(services, strings.Trim(quoted, `"`))
			}
		}
	}
	return services
}

// CallID is the Call-ID of a call, "" if there is no such call: what a push
// names it by.
func (a *Agent) CallID(id int) string {
	for _, c := range a.calls {
		if c.id == id {
			return c.dialog.callID
		}
	}
	return ""
}
