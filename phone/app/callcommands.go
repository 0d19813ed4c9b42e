package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// What the user does to calls.

// dial begins a call.
func (b *switchboard) dial(to string) error {
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
	c := b.add(call{state: dialling, out: true, to: to, peer: peer})
	b.voicing.bind(&c.voice, b.here.Addr())
	return nil
}

// pickUp answers a call by the user's hand: only one call is talked to at a
// time.
func (b *switchboard) pickUp(now time.Time, c *call) {
	c.banner.withdraw(b.out, false)
	for _, other := range b.calls {
		if other != c && other.voice.session != nil && !other.voice.held {
			b.hold(now, other, true)
		}
	}
	b.answer(now, c)
	b.tune(now)
}

func (b *switchboard) hold(now time.Time, c *call, on bool) {
	c.voice.held = on
	b.reinvite(now, c)
	b.tune(now)
}

func (b *switchboard) decline(now time.Time, c *call) {
	c.banner.withdraw(b.out, false)
	b.line.reject(now, c.id, statusDecline)
}

func (b *switchboard) hangup(now time.Time, c *call) {
	c.banner.withdraw(b.out, false)
	if c.state == dialling {
		b.release(now, c)
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
