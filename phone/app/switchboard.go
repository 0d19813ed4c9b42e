package app

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// switchboard is all calls of the app. It takes what the agent and the system
// say to the call that it is about, and lets the user talk in one at a time. How
// a new call comes to the user is up to the [reception].
type switchboard struct {
	out     *outbox
	voicing voicing
	find    findings
	sound   *sound
	screen  *callScreen
	// ringsInside reports whether the app makes the noise of a call that rings
	// and is not on the system's call screen.
	ringsInside func() bool
	// spare is another flow of the account that is registered, and none of some; nil:
	// there is none.
	spare func(*line, lines) *line
	// freed is called when a call is over, or was refused.
	freed func(now time.Time)

	calls callList
	heard []*voice // reused by voices
}

// deadline is when advance wants to be called next.
func (b *switchboard) deadline() (at time.Time) {
	for _, c := range b.calls {
		if due := c.deadline(); !due.IsZero() && (at.IsZero() || due.Before(at)) {
			at = due
		}
	}
	return at
}

// deadline is when something of the call is due.
func (c *call) deadline() (at time.Time) {
	if c.voice.session != nil {
		at = c.voice.session.Deadline()
	}
	if c.answerAt.IsZero() && c.voice.finder.agent == nil {
		return at
	}
	return system.Earliest(at, c.answerAt, c.voice.finder.deadline())
}

func (b *switchboard) advance(now time.Time) {
	b.answerDue(now)
	for _, c := range slices.Clone(b.calls) {
		c.voice.finder.advance(now)
		if c.voice.session != nil {
			c.line.out.ask(c.voice.session.Advance(now)...)
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
		if !c.voice.finder.takes(now, s) {
			c.voice.receive(now, s)
		}
	case system.Unsent:
		if c.voice.session != nil {
			c.line.out.ask(c.voice.session.Unsent(now, s)...)
		}
	case system.Bound:
		b.bound(now, c, s)
	case system.Failed:
		c.line.out.problem(event.RuleHostFailed, "open audio sockets for the call", s.Err.Error(), "")
		b.drop(now, c, statusServerError)
	case system.Closed: // the system took it while the app was suspended
		b.voicing.rebind(&c.voice, closedBy(s.Err))
	}
	return true
}

// moved notes our end of the signalling of a line. If it has another address than
// before, the audio goes there too.
func (b *switchboard) moved(l *line, here netip.AddrPort) {
	before := l.here.Addr()
	l.here = here
	if !before.IsValid() || before == here.Addr() {
		return
	}
	for _, c := range b.calls {
		if c.line == l && c.voice.rtp != 0 { // it has sockets
			b.voicing.rebind(&c.voice, fmt.Sprintf("%s: it was %s, and is %s", system.Moved, before, here.Addr()))
		}
	}
}

func closedBy(err error) string {
	if err != nil {
		return err.Error()
	}
	return "closed"
}

// bound looks for our addresses, now that a call has its sockets.
func (b *switchboard) bound(now time.Time, c *call, s system.Bound) {
	local := netip.AddrPortFrom(c.line.here.Addr(), s.Local.Port())
	c.voice.finder.begin(now, local, func(now time.Time) {
		c.voice.local = local
		b.ready(now, c)
	})
}

// resolved tells who asks for the server of STUN where it is.
func (b *switchboard) resolved(now time.Time, s system.Resolved) {
	for _, c := range slices.Clone(b.calls) {
		c.voice.finder.resolved(now, s)
	}
}

// ready goes on with what waited for a call's sockets. A call that has audio
// already tells its peer where the audio is to go now.
func (b *switchboard) ready(now time.Time, c *call) {
	v := &c.voice
	switch {
	case v.session != nil:
		v.session.Move(v.rtp, v.rtcp, v.local)
		b.reinvite(now, c)
	case c.state == dialling:
		b.invite(now, c)
	case c.state == answering:
		b.answer(now, c)
	case c.described: // the peer is told when the call is up: see [switchboard.recall]
	case c.describe:
		c.described, c.ackAnswers = true, true
		c.line.ringOffering(now, c.id, v.offer())
	}
}

// add makes a call.
func (b *switchboard) add(c call) *call {
	c.voice = b.voicing.make(c.line, c.voice)
	c.voice.finder = finder{all: &b.find, call: &c}
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
		b.forgo(now, c, status)
	case c.rings():
		c.line.reject(now, c.id, status)
	default:
		c.line.hangup(now, c.id)
	}
}

// tune starts and stops the sound as the calls need it.
func (b *switchboard) tune(now time.Time) {
	c := b.calls.ringing()
	rate, talker := 0, talking(b.voices())
	if talker != nil {
		rate = talker.rate
	}
	b.sound.tune(now, audible{
		rate:     rate,
		talk:     talker != nil,
		rests:    resting(b.voices()),
		ringback: b.calls.alerting(),
		dials:    b.calls.dials(),
		ringtone: c != nil && c.report == nil && b.ringsInside(),
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
