package app

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The SIP status codes that the app chooses itself (RFC 3261 §21).
const (
	statusUnavailable = 480
	statusBusyHere    = 486
	statusServerError = 500
	statusDecline     = 603
)

// switchboard is all calls of the app: it takes what the agent and the system
// say to the call that it is about, and lets the user talk in one at a time.
type switchboard struct {
	auto       Behaviour
	answerWait time.Duration // for an INVITE whose call was answered on the call screen
	out        *outbox
	line       *line
	voicing    voicing
	sound      *sound
	screen     *callScreen
	nextCard   func() int
	status     func() status
	// freed is called when a call is over, or was refused.
	freed func(now time.Time)

	here  netip.AddrPort // our end of the signalling; the zero value until it is open
	calls callList
	heard []*voice // reused by voices
}

// deadline is when advance wants to be called next.
func (b *switchboard) deadline() (at time.Time) {
	for _, c := range b.calls {
		if c.voice.session != nil {
			at = system.Earliest(at, c.voice.session.Deadline())
		}
	}
	return at
}

func (b *switchboard) advance(now time.Time) {
	for _, c := range b.calls {
		if c.voice.session != nil {
			b.out.ask(c.voice.session.Advance(now)...)
		}
	}
}

// receive takes in a signal about an audio socket, and reports whether it was
// one.
func (b *switchboard) receive(now time.Time, s system.Signal) bool {
	id, ok := system.SocketOf(s)
	if !ok {
		return false
	}
	c := b.calls.bySocket(id)
	if c == nil {
		return false
	}
	switch s := s.(type) {
	case system.Received:
		if c.voice.session != nil {
			b.out.ask(c.voice.session.Receive(now, s)...)
		}
	case system.Bound:
		b.bound(now, c, s)
	case system.Failed:
		b.out.problem(event.RuleHostFailed, "open audio sockets for the call", s.Err.Error(), "")
		b.drop(now, c, statusServerError)
	case system.Closed: // the system took it while the app was suspended
		b.voicing.rebind(&c.voice, closedBy(s.Err))
	}
	return true
}

func closedBy(err error) string {
	if err != nil {
		return err.Error()
	}
	return "closed"
}

// bound goes on with what waited for a call's sockets. A call that has audio
// already tells its peer where the audio is to go now.
func (b *switchboard) bound(now time.Time, c *call, s system.Bound) {
	v := &c.voice
	v.local = netip.AddrPortFrom(b.here.Addr(), s.Local.Port())
	v.sdp.Addr = v.local
	switch {
	case v.session != nil:
		v.session.Move(v.rtp, v.rtcp, v.local)
		b.reinvite(now, c)
	case c.state == dialling:
		b.invite(now, c)
	case c.state == answering:
		b.answer(now, c)
	}
}

// add makes a call.
func (b *switchboard) add(c call) *call {
	c.voice = b.voicing.make(c.voice.none)
	b.calls = append(b.calls, &c)
	return &c
}

// release frees all that a call holds.
func (b *switchboard) release(now time.Time, c *call) {
	b.voicing.stop(now, c.id, &c.voice)
	b.calls = slices.DeleteFunc(b.calls, func(other *call) bool { return other == c })
	b.tune(now)
	b.freed(now)
}

// drop ends a call that cannot go on.
func (b *switchboard) drop(now time.Time, c *call, status int) {
	switch {
	case c.state == dialling:
		b.release(now, c)
	case c.rings():
		b.line.reject(now, c.id, status)
	default:
		b.line.hangup(now, c.id)
	}
}

// offered takes in a new call. It reports whether it was taken.
func (b *switchboard) offered(now time.Time, n control.Offered) bool {
	r := b.screen.claim(b.line.callID(n.ID), n.From)
	if status := b.refusal(r); status != 0 {
		b.refuse(now, r, n.ID, status)
		return false
	}
	c := b.add(call{id: n.ID, state: ringing, peer: n.From, name: n.Name, offer: n.Body, voice: voice{none: n.NoAudio}})
	if r != nil {
		c.join(r)
	}
	if b.auto == Accept || b.auto == Echo {
		c.state = answering
	} else {
		b.ring(now, c)
	}
	switch {
	case !c.voice.none:
		b.voicing.bind(&c.voice) // after the 180, which it would hold up
	case c.state == answering:
		b.answer(now, c)
	}
	return true
}

// refusal is the status with which a new call is refused, because it is not
// wanted or, being reported already, because the user or the system did not
// want it; 0 if it is not.
func (b *switchboard) refusal(r *report) int {
	switch {
	case b.auto == Busy || b.status().leaving:
		return statusBusyHere
	case r == nil:
		return 0
	case r.refused:
		return statusUnavailable
	case r.declined:
		return statusDecline
	}
	return 0
}

func (b *switchboard) refuse(now time.Time, r *report, id, status int) {
	if r != nil {
		b.screen.end(r, system.Declined)
	}
	b.line.reject(now, id, status)
	b.freed(now)
}

// ring tells the user of a call, unless the app itself is on the screen and
// does, and the caller that the user is told. Who has answered on the call
// screen before the INVITE came is connected.
func (b *switchboard) ring(now time.Time, c *call) {
	if c.report != nil || !b.status().foreground && b.auto == Manual {
		b.announce(c)
	}
	b.line.ring(now, c.id)
	if c.report != nil && c.report.answered {
		b.pickUp(now, c)
	}
}

// announce has the system show a ringing call: on its call screen, or as a
// notification.
func (b *switchboard) announce(c *call) {
	if c.report == nil && b.screen.used {
		c.join(b.screen.add(b.line.callID(c.id), c.peer, c.name))
	}
	if c.report == nil || b.screen.hidden {
		c.banner.post(b.out, b.nextCard, c.who())
		return
	}
	b.screen.ring(c.report)
}

// joinReport connects a report to its call, if its INVITE was faster than the
// push.
func (b *switchboard) joinReport(r *report) {
	for _, c := range b.calls {
		if c.report == nil && r.callID != "" && b.line.callID(c.id) == r.callID {
			c.join(r)
		}
	}
}

// left posts notifications for the calls that ring while the app leaves the
// screen.
func (b *switchboard) left() {
	for _, c := range b.calls {
		if c.rings() && b.auto == Manual {
			b.announce(c)
		}
	}
}

// returned takes the notifications back: the app itself is on the screen and
// rings.
func (b *switchboard) returned(now time.Time) {
	for _, c := range b.calls {
		c.banner.withdraw(b.out, false)
	}
	b.tune(now)
}

// tune starts and stops the sound as the calls need it. The user hears the ring
// tone of the app while it is on the screen; off it, or on the system's call
// screen, the system makes the noise.
func (b *switchboard) tune(now time.Time) {
	c := b.calls.ringing()
	b.sound.tune(now, audible{
		talk:     b.calls.talking() != nil,
		ringback: b.calls.alerting(),
		ringtone: c != nil && c.report == nil && b.status().foreground && b.auto == Manual,
	})
}

// voices are those of all calls.
func (b *switchboard) voices() []*voice {
	b.heard = b.heard[:0]
	for _, c := range b.calls {
		b.heard = append(b.heard, &c.voice)
	}
	return b.heard
}
