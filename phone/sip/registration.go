package sip

import (
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/locate"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A registration is our binding at the registrar (RFC 3261 §10, RFC 5626
// §4.2). It is refreshed when half of its life has passed: a phone that
// sleeps through the first try has the other half left. Where the server pushes,
// see refreshAfter.
type registration struct {
	*client
	keepalive *keepalive
	// broken closes a flow that leads nowhere.
	broken func(s *step, err error)
	// depart closes the flow, for another one.
	depart func(s *step, why errDeparted)
	// locator finds the servers of the domain; nil: there is the one. seek has the
	// next flow lead to what it finds.
	locator *locate.Locator
	seek    func()
	// busy reports whether there are calls on it.
	busy func() bool

	wanted  bool // the program wants to be reachable
	callID  string
	tag     string
	cseq    uint32
	expires time.Duration // to ask for
	longer  int           // how often in a row the registrar wanted that to be longer

	pending  *exchange // the REGISTER that is on its way
	removing bool      // the pending one removes the binding
	lifetime
	onFlow   bool // a registration was granted over this flow
	bound    bool // a binding may be left at the registrar
	promised bool // the registrar did outbound (RFC 5626 §6)

	push      push.Params // of the Contact (RFC 8599)
	asked     push.Params // of the REGISTER that was sent last
	granted   push.Params // of the one that was granted last
	known     string      // the Contact that was granted last, "<sip:…>"
	promises  promises    // of the server, about pushes
	residence residence
	told      string // what was last said of a grant
}

// held reports whether a binding that nobody wants is left to remove.
func (r *registration) held() bool { return !r.wanted && r.bound }

// deadline is that of the refresh, or the end of a binding that is not refreshed before: a
// REGISTER that is on its way may have saved it.
func (r *registration) deadline() time.Time {
	if r.pending != nil {
		return r.refreshAt
	}
	return system.Earliest(r.refreshAt, r.expiresAt)
}

func (r *registration) delay(time.Time) {} // a late refresh is sent all the same

// advance refreshes the binding, or says that it is over.
func (r *registration) advance(s *step) {
	if r.due(s.Now) {
		r.expired(s)
	}
	if system.Due(r.refreshAt, s.Now) {
		r.refreshAt = time.Time{}
		r.sendRegister(s)
	}
}

// expired is the end of a binding that was not refreshed in time.
func (r *registration) expired(s *step) {
	reason, hint := r.why(s.Now)
	r.expiresAt = time.Time{}
	s.Log(event.Registration{Phase: event.RegistrationLost, Reason: reason, Hint: hint, Rule: event.RuleShortExpires})
}

// flowFailed forgets what a flow carried. The binding itself is left at the
// registrar until it expires or the next flow replaces it.
func (r *registration) flowFailed() {
	r.onFlow = false
	r.pending, r.removing = nil, false
	r.lifetime.clear()
	r.goHome()
}

// unregister removes our binding from the registrar.
func (r *registration) unregister(s *step) {
	r.wanted = false
	r.refreshAt = time.Time{}
	r.conn.StopRecovering()
	switch {
	case r.conn.Up() && (r.bound || r.pending != nil):
		r.sendRegister(s)
	case r.conn.Gone() && r.bound:
		r.conn.Dial(&s.Step)
	}
}

// sendRegister sends a REGISTER for what is wanted now, unless one is on its
// way already: its answer comes back here.
func (r *registration) sendRegister(s *step) {
	if r.pending != nil || r.wanted && !r.conn.Afford(&s.Step) {
		return
	}
	r.conn.Trying()
	r.removing = !r.wanted
	r.refreshAt = time.Time{}
	x := &exchange{purpose: toRegister, user: r, cseq: &r.cseq}
	r.pending, r.asked = x, r.push
	if !r.removing {
		r.bound = true // from now on the registrar may hold it
		s.Log(event.Registration{Phase: event.RegistrationSending, Contact: r.contact(), Expires: event.Seconds(r.expires)})
	}
	req := r.registerRequest()
	r.authorize(req)
	r.send(s, x, req)
}

func (r *registration) registerRequest() *sip.Request {
	if r.callID == "" {
		r.callID, r.tag = r.token(2), r.token(1)
	}
	r.cseq++
	registrar := sip.Uri{Scheme: r.aor.Scheme, Host: r.aor.Host, Port: r.aor.Port}
	if r.residence.at != nil {
		registrar = *r.residence.at
	}
	req := r.newRequest(sip.REGISTER, &registrar, r.outboundProxy())
	identify(req, r.self(r.tag), &sip.ToHeader{DisplayName: quoted.Escape(r.cfg.Display), Address: *r.aor.Clone()}, r.callID, r.cseq)
	expires := r.expires
	if r.removing {
		expires = 0
	}
	req.AppendHeader(sip.NewHeader("Contact", r.binding(expires)))
	if old := r.leftover(r.pushContact(r.push)); old != "" {
		req.AppendHeader(sip.NewHeader("Contact", old))
	}
	req.AppendHeader(sip.NewHeader("Expires", wholeSeconds(expires)))
	supported := "path"
	if r.outbound {
		supported = "path, outbound"
	}
	req.AppendHeader(sip.NewHeader("Supported", supported))
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	r.finish(req, nil)
	return req
}

// binding is the Contact of a REGISTER: with the instance and the number of
// the flow, so that a new flow replaces the old one (RFC 5626 §4.2). One that
// is removed names no token: nothing is to be pushed to it (RFC 8599 §4.1.2).
func (r *registration) binding(expires time.Duration) string {
	c := r.pushContact(r.push)
	if expires == 0 {
		c = r.contact()
	}
	if r.cfg.Instance != "" {
		c += fmt.Sprintf(`;+sip.instance="<%s>"`, r.cfg.Instance)
	}
	if r.outbound {
		c += ";reg-id=" + ourBinding{r.author}.regID()
	}
	switch {
	case expires == 0:
		c += ";expires=0"
	case r.push.Timer:
		c += ";" + push.TimerTag
	}
	return c
}

// answered takes the final response to a REGISTER.
func (r *registration) answered(s *step, x *exchange, res *sip.Response) {
	if res.IsProvisional() {
		return
	}
	removed := r.removing
	r.pending, r.removing = nil, false
	switch {
	case removed:
		r.unregistered(s, x, res)
	case res.IsSuccess():
		r.accepted(s, x, res)
	default:
		r.refused(s, x, res)
	}
}

// unregistered is the answer to the removal of the binding.
func (r *registration) unregistered(s *step, x *exchange, res *sip.Response) {
	r.bound, r.expiresAt, r.routes, r.peers.proxies = false, time.Time{}, nil, nil
	r.granted, r.known, r.promises, r.purr = push.Params{}, "", promises{}, ""
	r.onFlow = false
	r.keepalive.timer = 0
	r.keepalive.schedule(s.Now)
	if err := (ourBinding{r.author}).left(x.tx.Request, res); err != nil {
		r.keptBinding(s, err)
	} else {
		s.Log(event.Registration{Phase: event.RegistrationRemoved, Status: res.StatusCode, Reason: res.Reason, RTT: event.Millis(s.Now.Sub(x.sent)), Cause: causeOf(res).Cause})
		s.Notice(control.Unregistered{})
	}
	if r.wanted { // somebody registered meanwhile
		r.sendRegister(s)
	}
}

// accepted is a 2xx: the binding stands.
func (r *registration) accepted(s *step, x *exchange, res *sip.Response) {
	g, err := ourBinding{r.author}.grantedBy(x.tx.Request, res)
	r.told = g.tell(s, r.told)
	if err != nil {
		r.notBound(s, res, err)
		return
	}
	expires := g.life
	r.conn.Granted(s.Now)
	r.longer, r.residence.ways = 0, redirection{}
	r.onFlow = true
	r.bypass.binds = r.bypass.carries(x.tx.Request)
	r.promised = requires(res, "outbound")
	r.granted, r.known, r.promises = r.asked, r.pushContact(r.asked), promisesOf(res, r.asked.Provider)
	r.purr = r.promises.purr
	r.lifetime.begin(s.Now, x.sent, expires, r.refreshAfter(expires))
	var bad string
	r.routes, bad = routesOf(res, "service-route")
	r.leavesOut(s, res, "Service-Route", bad)
	r.peers.registered(s, res)
	r.keepalive.timer = 0
	if timer, ok := Seconds(res, "flow-timer"); ok && r.outbound {
		r.keepalive.timer = timer
	}
	r.keepalive.sooner(s.Now)
	s.Log(event.Registration{
		Phase: event.RegistrationActive, Status: res.StatusCode, Reason: res.Reason, Contact: r.contact(),
		Expires: event.Seconds(expires), Refresh: event.Seconds(r.refreshAt.Sub(s.Now).Round(time.Microsecond)),
		FlowTimer: event.Seconds(r.keepalive.timer), RTT: event.Millis(s.Now.Sub(x.sent)), Cause: causeOf(res).Cause,
	})
	if r.promises.vapid != "" {
		s.Notice(control.ServerKey{VAPID: r.promises.vapid})
	}
	s.Notice(control.Registered{Expires: expires})
	if !r.wanted || r.asked != r.push { // somebody unregistered meanwhile, or there is a new token
		r.sendRegister(s)
	}
}

// maxExpires bounds how long a registrar can have us wait: a day is long enough.
const maxExpires = 24 * time.Hour

// notBound is a 2xx that leaves us without a binding: as it says, or because it is
// not for us. It is tried again.
func (r *registration) notBound(s *step, res *sip.Response, why error) {
	hint := "a registrar lists all bindings in its 200, ours among them, with the time that each has left"
	if foreign := new(errForeign); errors.As(why, &foreign) {
		hint = "a response repeats the Call-ID, the CSeq and the To of its request"
	}
	r.fail(s, event.RuleNotBound, res, why.Error(), hint)
	r.conn.BackOff(&s.Step, 0, why)
}

// unbound is a binding that may have gone with a connection beside the flow: it is made
// anew, at once or later.
func (r *registration) unbound(s *step, err error) {
	if r.active() {
		s.Log(event.Registration{Phase: event.RegistrationLost, Reason: "its connection failed: " + err.Error(), Rule: event.RuleFlowBroken})
	}
	r.lifetime.clear()
	if r.wanted && r.pending == nil && r.conn.Up() && r.conn.Renew(&s.Step, err) {
		r.sendRegister(s)
	}
}
