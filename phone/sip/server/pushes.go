package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// defaultPushRefresh is how long before its end a binding is refreshed by a
	// push: "at least 120 seconds" (RFC 8599 §5.5; OpenSIPS:
	// pn_trigger_interval 120).
	defaultPushRefresh = 120 * time.Second
	// timerAhead is how much earlier a phone refreshes that has a timer of its
	// own: told to it as +sip.pnsreg, which must be more than 120 (RFC 8599
	// §5.6.1.1; OpenSIPS: pn_pnsreg_interval 130).
	timerAhead = 10 * time.Second
)

const (
	// defaultPushWait is how long an INVITE is held: our own number, longer
	// than a slow REGISTER takes, and shorter than 64*T1, after which callers
	// give up who have only heard 100. OpenSIPS waits 6 s (registrar,
	// pn_refresh_timeout), an Asterisk dial plan in the wild 8 s
	// (linphone-iphone issue 308), Flexisip 90 s (call-fork-timeout).
	defaultPushWait = 30 * time.Second
	// defaultPushExpires is the longest registration of a phone that can be
	// pushed to: one that sleeps without a connection cannot refresh, and a
	// push to have it do so would ring. Flexisip's max-expires is a day.
	defaultPushExpires = 24 * time.Hour
	// maxRequestWait bounds how long a request is held that is no INVITE: its
	// sender gives it up after 64*T1, and must have our answer before (RFC 8599
	// §5.6.2).
	maxRequestWait = 64*sip.T1 - 2*time.Second
	// shortWait is how long an INVITE is held by an edge that is in a hurry:
	// less than most pushes take.
	shortWait = 500 * time.Millisecond
)

// pushes are what the server does with phones that can be pushed to (RFC 8599):
// it reads where to, tells what it can, and sends.
type pushes struct {
	loop    *loop.Loop
	off     bool
	cancels bool          // pushes again when the caller has given up
	aside   bool          // with background pushes, which may overtake those for calls
	wait    time.Duration // for the phone, for an INVITE
	ttl     time.Duration // 0: a push is tried once
	refresh time.Duration // before the end of a registration; 0: never
	faults  misbehave.Push
	signer  *webpush.Signer // see sign

	waker   Waker // which has the providers of local push; nil: there are none
	refused func(system.PushRefused)
	count   int // of local pushes
}

// contact is whom push services may write to about our pushes (RFC 8292 §2.1).
const contact = "mailto:lab@sleeptalk.invalid"

// sign is the lab as an application server of Web Push. Its key is drawn when
// somebody asks for it.
func (p *pushes) sign() *webpush.Signer {
	if p.signer == nil {
		p.signer = webpush.DrawSigner(p.loop.Rand, contact)
	}
	return p.signer
}

// read reads where a contact wants to be pushed to; what does not wake it is
// empty. A status refuses a push service that nobody knows.
func (p *pushes) read(contact *grammar.ContactHeader) (to push.Params, status int) {
	to, ok := push.ReadParams(sip.URIParams(&contact.Address))
	switch {
	case !ok || p.off:
		return push.Params{}, 0
	case to.Provider == "" && to.PRID == "": // it asks for all that there are
		return push.Params{}, 0
	case push.CheckProvider(to.Provider) != nil, to.Provider == push.Local && (p.waker == nil || !p.waker.Takes()):
		return to, 555
	case !to.Wakes():
		return push.Params{}, 0
	}
	to.Timer = contact.Params.Has(push.TimerTag)
	return to, 0
}

// caps is what the server can do with pushes, as it is told to a phone that
// speaks of them: a Feature-Caps for each push service (RFC 8599 §5.4). To one
// that names no token it is the answer to a question (§4.1.5).
func (p *pushes) caps(c *conn, req *grammar.Request) (caps []string) {
	for _, contact := range contactsOf(req) {
		to, ok := push.ReadParams(sip.URIParams(&contact.Address))
		switch b := c.bindingOf(to.PRID); {
		case !ok || p.off:
		case to.Provider == "":
			for _, service := range push.Providers {
				caps = append(caps, p.pns(service))
			}
		case to.PRID == "":
			caps = append(caps, p.pns(to.Provider))
		case b != nil:
			caps = append(caps, p.pns(to.Provider)+p.promises(b))
		}
	}
	return caps
}

// pns names a push service, and with Web Push the key that its subscription is to
// be for (RFC 8599 §8.3).
func (p *pushes) pns(service string) string {
	s := fmt.Sprintf(`*;+sip.pns=%q`, service)
	if service == push.WebPush {
		s += fmt.Sprintf(`;+sip.vapid=%q`, p.sign().Public())
	}
	return s
}

// promises is what goes with the push service in the answer to a phone: the name
// of its binding, and, if it has a timer of its own, when it is to refresh.
func (p *pushes) promises(b *binding) string {
	var s strings.Builder
	fmt.Fprintf(&s, ";+sip.pnspurr=%q", b.purr)
	if b.push.Timer {
		fmt.Fprintf(&s, ";+sip.pnsreg=%q", roundedUp(p.timerRefresh()))
	}
	return s.String()
}

// timerRefresh is how long before its end a phone with a timer refreshes.
func (p *pushes) timerRefresh() time.Duration {
	return max(p.refresh, defaultPushRefresh) + timerAhead
}

// bindingOf is the binding over a connection that is pushed to by that token.
func (c *conn) bindingOf(prid string) *binding {
	for _, b := range c.bindings {
		if prid != "" && b.push.PRID == prid {
			return b
		}
	}
	return nil
}

// refreshLater pushes to a phone before its registration ends.
func (p *pushes) refreshLater(b *binding, expires time.Duration) {
	if p.refresh == 0 {
		return // never
	}
	p.loop.Set(&b.refresh, expires-p.refresh, func() {
		if p.faults.NoRefresh {
			return
		}
		p.loop.Note("refresh", b.user.name, fmt.Sprintf("its registration ends in %s", p.refresh))
		p.send(b, true, push.Payload{Purpose: push.Refresh}, p.refresh)
	})
}

// call pushes to a phone for a call.
func (p *pushes) call(b *binding, what push.Payload) {
	if p.faults.Late {
		p.loop.Set(&loop.Alarm{}, lateness, func() { p.send(b, true, what, time.Hour) })
		return
	}
	p.send(b, true, what, p.ttl)
}

// cancel pushes to a phone that a call is over. A background push has normal
// priority, as APNs wants it.
func (p *pushes) cancel(b *binding, what push.Payload) {
	if !p.aside {
		p.call(b, what)
		return
	}
	out := p.push(b, what, p.ttl)
	out.Background = true
	p.submit(out)
}

// send hands a push to the service; with a ttl of zero it is tried once.
func (p *pushes) send(b *binding, high bool, what push.Payload, ttl time.Duration) {
	out := p.push(b, what, ttl)
	out.High = high
	p.submit(out)
}

// submit hands a push to the push service, or to the provider of local push itself: then
// the answer is there at once.
func (p *pushes) submit(out system.Push) {
	if out.Provider != push.Local {
		p.loop.Ask(system.SendPush{Push: out})
		return
	}
	p.count++
	out.ID, out.Sent = fmt.Sprintf("lab-%d", p.count), p.loop.Now()
	if why := p.waker.Push(out); why != "" {
		p.loop.Log(push.Told(out, event.PushRefused, why))
		p.loop.Then(func() { p.refused(system.PushRefused{Token: out.Token, Why: why}) })
		return
	}
	p.loop.Log(push.Told(out, event.PushSent, "by local push"))
}

// push is a push to a phone, of normal priority.
func (p *pushes) push(b *binding, what push.Payload, ttl time.Duration) system.Push {
	out := system.Push{Token: b.push.PRID, Provider: b.push.Provider, Param: b.push.Param, Payload: what.Map()}
	switch {
	case p.faults.Lost:
		out.Token = astray(out)
	case p.faults.OldToken:
		out.Token = b.user.firstToken
	}
	if out.Provider == push.WebPush {
		p.seal(&out, b.push)
	}
	if ttl > 0 {
		out.Expires = p.loop.Now().Add(ttl)
	}
	return out
}

// astray is a token that nobody has.
func astray(p system.Push) string {
	if p.Provider == push.WebPush {
		return p.Token + "-not"
	}
	return "not-" + p.Token
}

// seal makes a push one of Web Push: signed, and its payload encrypted. A phone
// that has named no keys gets none, as RFC 8599 has it.
func (p *pushes) seal(out *system.Push, to push.Params) {
	payload := out.Payload
	out.Payload, out.Param = nil, ""
	out.Signer = p.sign()
	switch {
	case p.faults.OtherKey:
		out.Signer = webpush.DrawSigner(p.loop.Rand, contact)
	case p.faults.Garbled:
		to.Auth = strings.Repeat("A", len(to.Auth))
	}
	if to.P256DH == "" {
		return
	}
	text, err := json.Marshal(payload)
	if err == nil {
		out.Body, err = webpush.Encrypt(p.loop.Rand, to.P256DH, to.Auth, text)
	}
	if err != nil {
		p.loop.Note("not encrypted", to.PRID, err.Error()+": pushed without a payload")
	}
}

// waitFor is how long a request is held for a phone that was pushed to.
func (p *pushes) waitFor(req *grammar.Request) time.Duration {
	wait := p.wait
	switch {
	case p.faults.NoWait || p.faults.Unavailable:
		wait = 0
	case p.faults.ShortWait:
		wait = shortWait
	}
	if !req.IsInvite() {
		wait = min(wait, maxRequestWait)
	}
	return wait
}
