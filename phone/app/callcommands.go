package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// What the user does to calls.

// dial begins a call. One that is up is put on hold: only one is talked to at a
// time.
func (b *switchboard) dial(now time.Time, to string) error {
	if !b.here.IsValid() {
		return ErrNotOnline
	}
	agent, ok := b.line.agent.(control.Caller)
	if !ok {
		return ErrNoCaller
	}
	peer, err := agent.Address(to)
	if err != nil {
		return err
	}
	b.holdOthers(now, nil)
	c := b.add(call{state: dialling, out: true, to: to, peer: peer})
	b.voicing.bind(&c.voice, b.here.Addr())
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
		b.out.note(c.step(event.CallWaiting))
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
	b.line.reject(now, c.id, statusDecline)
}

func (b *switchboard) hangup(now time.Time, c *call) {
	c.banner.withdraw(b.out)
	if c.state == dialling {
		b.forgo(now, c, statusDecline)
		return
	}
	b.line.hangup(now, c.id)
}

func (b *switchboard) mute(c *call, on bool) {
	switch {
	case c.voice.muted == on:
		return
	case on:
		b.out.note(c.step(event.CallMuted))
	default:
		b.out.note(c.step(event.CallUnmuted))
	}
	c.voice.muted = on
}

// speak sends another sound in all calls.
func (b *switchboard) speak(open func() pcm.Source) { b.sound.speak(open, b.voices()) }
