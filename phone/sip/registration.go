package sip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// A registration is our binding at the registrar (RFC 3261 §10, RFC 5626
// §4.2). It is refreshed when half of its life has passed: a phone that
// sleeps through the first try has the other half left. Where the server pushes,
// see refreshAfter.
type registration struct {
	wanted   bool // the program wants to be reachable
	outbound bool // RFC 5626; off once the server says that it cannot (439)
	callID   string
	tag      string
	cseq     uint32
	expires  time.Duration // to ask for

	pending   *exchange // the REGISTER that is on its way
	removing  bool      // the pending one removes the binding
	expiresAt time.Time // zero if no binding of this flow is known
	refreshAt time.Time
	bound     bool     // a binding may be left at the registrar
	promised  bool     // the registrar did outbound (RFC 5626 §6)
	routes    []string // Service-Route (RFC 3608)

	push     push.Params // of the Contact (RFC 8599)
	asked    push.Params // of the REGISTER that was sent last
	granted  push.Params // of the one that was granted last
	contact  string      // the Contact that was granted last, "<sip:…>"
	promises promises    // of the server, about pushes
}

// active reports whether the registrar holds our binding for this flow.
func (r *registration) active() bool { return !r.expiresAt.IsZero() }

// held reports whether a binding that nobody wants is left to remove.
func (r *registration) held() bool { return !r.wanted && r.bound }

func (r *registration) deadline() time.Time { return r.refreshAt }
func (r *registration) delay(time.Time)     {} // a late refresh is sent all the same

// advance refreshes the binding.
func (r *registration) advance(a *Agent, s *step) {
	r.refreshAt = time.Time{}
	if late := s.Now.Sub(r.expiresAt); late >= 0 {
		r.expiresAt = time.Time{}
		s.Log(event.Registration{
			Phase: "lost", Reason: fmt.Sprintf("it expired %s ago, before the refresh was sent", event.Round(late)),
			Hint: "the app did not run in time to refresh it; a longer expiry survives a longer sleep",
			Rule: event.RuleShortExpires,
		})
	}
	a.sendRegister(s)
}

// flowFailed forgets what a flow carried. The binding itself is left at the
// registrar until it expires or the next flow replaces it.
func (r *registration) flowFailed() {
	r.pending, r.removing = nil, false
	r.expiresAt, r.refreshAt = time.Time{}, time.Time{}
}

// Outbound reports whether outbound was asked for, and whether the registrar
// that holds our binding has said that it does it.
func (a *Agent) Outbound() (asked, promised bool) { return a.cfg.Outbound, a.reg.promised }

// Register registers, or refreshes the registration now. It opens the flow if
// need be.
func (a *Agent) Register(now time.Time) control.Output {
	s := newStep(now)
	a.reg.wanted = true
	a.reg.expires = a.cfg.Expires
	if a.conn.Up() {
		a.sendRegister(s)
	} else {
		a.connect(s)
	}
	return s.Out
}

// Unregister removes our binding from the registrar. The flow stays.
func (a *Agent) Unregister(now time.Time) control.Output {
	s := newStep(now)
	a.unregister(s)
	return s.Out
}

func (a *Agent) unregister(s *step) {
	a.reg.wanted = false
	a.reg.refreshAt = time.Time{}
	a.conn.StopRecovering()
	switch {
	case a.conn.Up() && (a.reg.bound || a.reg.pending != nil):
		a.sendRegister(s)
	case a.conn.Gone() && a.reg.bound:
		a.connect(s)
	}
}

// sendRegister sends a REGISTER for what is wanted now, unless one is on its
// way already: its answer comes back here.
func (a *Agent) sendRegister(s *step) {
	r := &a.reg
	if r.pending != nil {
		return
	}
	a.conn.Trying()
	r.removing = !r.wanted
	r.refreshAt = time.Time{}
	x := &exchange{purpose: toRegister, cseq: &r.cseq}
	r.pending, r.asked = x, r.push
	if !r.removing {
		r.bound = true // from now on the registrar may hold it
		s.Log(event.Registration{Phase: "sending", Contact: a.contact(), Expires: event.Seconds(r.expires)})
	}
	req := a.registerRequest()
	a.authorize(req)
	a.send(s, x, req)
}

func (a *Agent) registerRequest() *sip.Request {
	r := &a.reg
	if r.callID == "" {
		r.callID, r.tag = a.token(2), a.token(1)
	}
	r.cseq++
	registrar := sip.Uri{Scheme: a.aor.Scheme, Host: a.aor.Host, Port: a.aor.Port}
	req := a.newRequest(sip.REGISTER, &registrar, nil)
	identify(req, a.self(r.tag), &sip.ToHeader{DisplayName: a.cfg.Display, Address: *a.aor.Clone()}, r.callID, r.cseq)
	expires := r.expires
	if r.removing {
		expires = 0
	}
	req.AppendHeader(sip.NewHeader("Contact", a.binding(expires)))
	if old := r.leftover(a.pushContact(r.push)); old != "" {
		req.AppendHeader(sip.NewHeader("Contact", old))
	}
	req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(expires.Seconds()))))
	supported := "path"
	if r.outbound {
		supported = "path, outbound"
	}
	req.AppendHeader(sip.NewHeader("Supported", supported))
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	a.finish(req, nil)
	return req
}

// binding is the Contact of a REGISTER: with the instance and the number of
// the flow, so that a new flow replaces the old one (RFC 5626 §4.2). One that
// is removed names no token: nothing is to be pushed to it (RFC 8599 §4.1.2).
func (a *Agent) binding(expires time.Duration) string {
	c := a.pushContact(a.reg.push)
	if expires == 0 {
		c = a.contact()
	}
	if a.cfg.Instance != "" {
		c += fmt.Sprintf(`;+sip.instance="<%s>"`, a.cfg.Instance)
	}
	if a.reg.outbound {
		c += ";reg-id=1"
	}
	switch {
	case expires == 0:
		c += ";expires=0"
	case a.reg.push.Timer:
		c += ";" + push.TimerTag
	}
	return c
}

// registerAnswered takes the final response to a REGISTER.
func (a *Agent) registerAnswered(s *step, x *exchange, res *sip.Response) {
	if res.IsProvisional() {
		return
	}
	r := &a.reg
	removed := r.removing
	r.pending, r.removing = nil, false
	switch {
	case removed:
		a.unregistered(s, x, res)
	case res.IsSuccess():
		a.granted(s, x, res)
	default:
		a.refused(s, x, res)
	}
}

// unregistered is the answer to the removal of the binding.
func (a *Agent) unregistered(s *step, x *exchange, res *sip.Response) {
	r := &a.reg
	r.bound, r.expiresAt, r.routes = false, time.Time{}, nil
	r.granted, r.contact, r.promises = push.Params{}, "", promises{}
	a.flow.registered = false
	a.flow.timer = 0
	a.schedulePing(s.Now)
	if res.IsSuccess() {
		s.Log(event.Registration{Phase: "removed", Status: res.StatusCode, Reason: res.Reason, RTT: event.Millis(s.Now.Sub(x.sent))})
		s.Notice(control.Unregistered{})
	} else {
		a.keptBinding(s, fmt.Errorf("%d %s", res.StatusCode, res.Reason))
	}
	if r.wanted { // somebody registered meanwhile
		a.sendRegister(s)
	}
}

// granted is a 2xx: the binding stands.
func (a *Agent) granted(s *step, x *exchange, res *sip.Response) {
	expires := a.grantedFor(res)
	if expires <= 0 {
		a.registrationFailed(s, event.RuleNotRegistered, res.StatusCode, "the registrar granted no time", "ask the registrar's keeper for its shortest and longest expiry")
		a.conn.BackOff(&s.Step, 0, errNoTime)
		return
	}
	r := &a.reg
	a.conn.Granted()
	a.flow.registered = true
	r.promised = slices.Contains(Values(res, "require"), "outbound")
	r.granted, r.contact, r.promises = r.asked, a.pushContact(r.asked), promisesOf(res, r.asked.Provider)
	// The registrar counts from when it had the request, and the answer may
	// have lain unread for long: count from when the request was sent.
	r.expiresAt, r.refreshAt = x.sent.Add(expires), x.sent.Add(r.refreshAfter(expires))
	if r.refreshAt.Before(s.In(minRefresh)) {
		r.refreshAt = s.In(minRefresh)
	}
	r.routes = Values(res, "service-route")
	a.flow.timer = 0
	if n, ok := seconds(res, "flow-timer"); ok && r.outbound {
		a.flow.timer = time.Duration(n) * time.Second
	}
	a.pingSooner(s.Now)
	s.Log(event.Registration{
		Phase: "active", Status: res.StatusCode, Reason: res.Reason, Contact: a.contact(),
		Expires: event.Seconds(expires), Refresh: event.Seconds(r.refreshAt.Sub(s.Now).Round(time.Microsecond)),
		FlowTimer: event.Seconds(a.flow.timer), RTT: event.Millis(s.Now.Sub(x.sent)),
	})
	s.Notice(control.Registered{Expires: expires})
	if !r.wanted || r.asked != r.push { // somebody unregistered meanwhile, or there is a new token
		a.sendRegister(s)
	}
}

const (
	// maxExpires bounds what a registrar may grant: a day is long enough.
	maxExpires = 24 * time.Hour
	// minRefresh bounds how often a registrar can make us refresh.
	minRefresh = time.Second
)

// grantedFor reads how long our binding lives: the expires parameter of our
// own Contact, else the Expires header field, else what we asked for
// (RFC 3261 §10.3 step 8).
func (a *Agent) grantedFor(res *sip.Response) time.Duration {
	expires := a.reg.expires
	if n, ok := seconds(res, "expires"); ok {
		expires = time.Duration(n) * time.Second
	}
	for _, ours := range []func(*sip.ContactHeader) bool{a.isOurInstance, a.isOurAddress} { // the better last
		for _, h := range res.GetHeaders("contact") {
			c, ok := h.(*sip.ContactHeader)
			if !ok || !ours(c) {
				continue
			}
			v, _ := c.Params.Get("expires")
			if n, err := strconv.ParseUint(v, 10, 31); err == nil {
				expires = time.Duration(n) * time.Second
			}
		}
	}
	return min(expires, maxExpires)
}

// isOurAddress reports whether a Contact in the registrar's list is our own.
// What else is there belongs to other phones of the same account, or to flows
// that we had before.
func (a *Agent) isOurAddress(c *sip.ContactHeader) bool {
	local := a.conn.Local()
	return c.Address.User == a.aor.User && c.Address.Port == int(local.Port()) &&
		strings.Trim(c.Address.Host, "[]") == local.Addr().Unmap().String()
}

// isOurInstance reports whether a Contact is of this device, at an address that
// we need not know: some registrars write down the one that they saw.
func (a *Agent) isOurInstance(c *sip.ContactHeader) bool {
	instance, ok := c.Params.Get("+sip.instance")
	return ok && a.cfg.Instance != "" && strings.Trim(instance, `"<>`) == a.cfg.Instance
}
