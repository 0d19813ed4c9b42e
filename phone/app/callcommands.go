package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// What the user does to calls.

// dial begins a call on a line. One that is up is put on hold: only one is talked to at a
// time.
func (b *switchboard) dial(now time.Time, l *line, to string) error {
	if !l.here.IsValid() {
		return ErrNotOnline
	}
	agent, ok := l.agent.(control.Caller)
	if !ok {
		return ErrNoCaller
	}
	peer, err := agent.Address(to)
	if err != nil {
		return err
	}
	b.holdOthers(now, nil)
	c := b.add(call{line: l, state: dialling, out: true, to: to, peer: peer})
	b.voicing.bind(&c.voice)
	b.tune(now)
	return nil
}

// pickUp answers a call by the user's hand: only one call is talked to at a
// time.
func (b *switchboard) pickUp(now time.Time, c *call) {
	c.banner.withdraw(b.out)
	b.holdOthers(now, c)
	b.answer(now, c)
	b.tune(now)
}

// holdOthers puts all calls on hold but one.
func (b *switchboard) holdOthers(now time.Time, c *call) {
	for _, other := range b.calls {
		if other != c && other.voice.session != nil && !other.voice.held {
			b.hold(now, other, true)
		}
	}
}

// waits notes that a call rings while another is up.
func (b *switchboard) waits(c *call) {
	if b.calls.find(func(other *call) bool { return other != c && other.state == up }) != nil {
		c.line.out.note(c.step(event.CallWaiting))
	}
}

func (b *switchboard) hold(now time.Time, c *call, on bool) {
	if !on {
		b.holdOthers(now, c)
	}
	c.voice.held = on
	b.reinvite(now, c)
	b.tune(now)
}

func (b *switchboard) decline(now time.Time, c *call) {
	c.banner.withdraw(b.out)
	c.line.reject(now, c.id, statusDecline)
}

func (b *switchboard) hangup(now time.Time, c *call) {
	c.banner.withdraw(b.out)
	if c.state == dialling {
		b.forgo(now, c, statusDecline)
		return
	}
	c.forgone = true
	c.line.hangup(now, c.id)
}

func (b *switchboard) mute(c *call, on bool) {
	switch {
	case c.voice.muted == on:
		return
	case on:
		c.line.out.note(c.step(event.CallMuted))
	default:
		c.line.out.note(c.step(event.CallUnmuted))
	}
	c.voice.muted = on
}

// speak sends another sound in all calls.
func (b *switchboard) speak(open pcm.Opener) { b.sound.speak(open, b.voices()) }
