package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// What the user does to calls: in the app, on a notification, or on the
// system's call screen.

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
	b.voicing.bind(&c.voice)
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
		b.out.note(c.step("muted"))
	default:
		b.out.note(c.step("unmuted"))
	}
	c.voice.muted = on
}

// speak sends another sound in all calls.
func (b *switchboard) speak(open func() pcm.Source) { b.sound.speak(open, b.voices()) }

// tapped does what the user chose on a notification or on the call screen.
func (b *switchboard) tapped(now time.Time, s system.Tapped) {
	if r := b.screen.byID(s.ID); r != nil {
		b.chosen(now, r, s.Action)
		return
	}
	c := b.calls.find(func(c *call) bool { return c.banner.id == s.ID && c.rings() })
	switch {
	case c == nil && s.Action == system.Answer:
		b.out.problem(event.RuleNotPossible, "answer from notification", "the call is over", "")
	case c == nil:
	case s.Action == system.Answer:
		b.pickUp(now, c)
	case s.Action == system.Decline:
		b.decline(now, c)
	}
}

// chosen does what the user chose on the call screen, perhaps before the
// INVITE is there.
func (b *switchboard) chosen(now time.Time, r *report, action system.Action) {
	c := b.calls.byReport(r)
	switch {
	case action == system.Answer && !r.answered:
		r.answered = true
		if c == nil {
			r.by = now.Add(b.answerWait)
		} else if c.rings() {
			b.pickUp(now, c)
		}
	case action != system.Decline:
	case c == nil:
		r.declined = true
	case c.rings():
		b.line.reject(now, c.id, statusDecline)
	default:
		b.line.hangup(now, c.id)
	}
}

// reported takes in whether the system shows the call. One that it does not
// show cannot be answered: the caller hears so.
func (b *switchboard) reported(now time.Time, s system.CallReported) {
	r := b.screen.byID(s.ID)
	if r == nil || s.Err == nil {
		return
	}
	r.refused = true
	if c := b.calls.byReport(r); c != nil && c.rings() {
		b.line.reject(now, c.id, statusUnavailable)
	}
}

// audioActivated lets the audio of an answered call begin.
func (b *switchboard) audioActivated(now time.Time, s system.AudioActivated) {
	if r := b.screen.byID(s.ID); r != nil {
		r.audio = true
		b.tune(now)
	}
}
