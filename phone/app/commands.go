package app

import (
	"errors"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// What a user can ask of the app. Each command returns the calls to carry out
// and, if it cannot be done, why.

// Errors of commands.
var (
	ErrNoCall    = errors.New("there is no call")
	ErrNoRinging = errors.New("no call is ringing")
	ErrNoTalk    = errors.New("no call is up")
	ErrNotOnline = errors.New("not connected to the server")
	ErrNoAudio   = errors.New("this call has no audio: its control protocol carries none; SIP does")
	ErrNoCaller  = errors.New("this control protocol takes calls and places none; SIP does")
)

// Call calls a SIP URI, or a user of the app's own domain.
func (a *App) Call(now time.Time, to string) ([]system.Call, error) {
	if !a.control.IsValid() {
		return nil, ErrNotOnline
	}
	agent, ok := a.agent.(control.Caller)
	if !ok {
		return nil, ErrNoCaller
	}
	peer, err := agent.Address(to)
	if err != nil {
		return nil, err
	}
	c := a.newCall(peer)
	c.out, c.to = true, to
	a.bind(c)
	return a.take(), nil
}

// Answer answers the call that has rung longest. Other calls are put on hold.
func (a *App) Answer(now time.Time) ([]system.Call, error) {
	c := a.ringing()
	if c == nil {
		return nil, ErrNoRinging
	}
	a.pickUp(now, c)
	return a.take(), nil
}

// pickUp answers a call by the user's hand: only one call is talked to at a
// time.
func (a *App) pickUp(now time.Time, c *call) {
	a.withdraw(c, false)
	for _, other := range a.calls {
		if other != c && other.session != nil && !other.held {
			a.setHold(now, other, true)
		}
	}
	a.answer(now, c)
	a.tuneSound(now)
}

// Decline refuses the call that has rung longest, with 603 Decline.
func (a *App) Decline(now time.Time) ([]system.Call, error) {
	c := a.ringing()
	if c == nil {
		return nil, ErrNoRinging
	}
	a.withdraw(c, false)
	a.handle(now, a.agent.Reject(now, c.id, statusDecline))
	return a.take(), nil
}

// Hangup ends the call that is up, else the newest.
func (a *App) Hangup(now time.Time) ([]system.Call, error) {
	c := a.talking()
	if c == nil && len(a.calls) > 0 {
		c = a.calls[len(a.calls)-1]
	}
	if c == nil {
		return nil, ErrNoCall
	}
	a.withdraw(c, false)
	if c.id == 0 {
		a.release(now, c)
	} else {
		a.handle(now, a.agent.Hangup(now, c.id))
	}
	return a.take(), nil
}

// DTMF sends digits in the call that is up.
func (a *App) DTMF(now time.Time, digits string) ([]system.Call, error) {
	c := a.talking()
	if c == nil {
		return nil, a.noTalk()
	}
	if err := c.session.SendDTMF(now, digits); err != nil {
		return nil, err
	}
	return a.take(), nil
}

// Mute stops or resumes sending the microphone in the call that is up.
func (a *App) Mute(on bool) ([]system.Call, error) {
	c := a.talking()
	if c == nil {
		return nil, a.noTalk()
	}
	if c.muted == on {
		return nil, nil
	}
	c.muted = on
	if on {
		a.step(c, "muted")
	} else {
		a.step(c, "unmuted")
	}
	return a.take(), nil
}

// step logs what became of a call by the user's hand.
func (a *App) step(c *call, phase string) {
	a.note(event.Call{ID: c.id, Phase: phase, Out: c.out, Peer: c.peer, Name: c.name})
}

// Hold puts the call that is up on hold, or takes the held one back.
func (a *App) Hold(now time.Time, on bool) ([]system.Call, error) {
	for _, c := range slices.Backward(a.calls) {
		if c.session != nil && c.held != on {
			a.setHold(now, c, on)
			return a.take(), nil
		}
	}
	return nil, a.noTalk()
}

// noTalk says why nothing can be done about a call's audio.
func (a *App) noTalk() error {
	for _, c := range a.calls {
		if c.noAudio && !c.rings {
			return ErrNoAudio
		}
	}
	return ErrNoTalk
}

func (a *App) setHold(now time.Time, c *call, on bool) {
	c.held = on
	a.reinvite(now, c)
	a.tuneSound(now)
}

// Speak sends another sound than the microphone's, in the calls that are up
// and in those to come. open makes a source that starts at its beginning.
func (a *App) Speak(open func() pcm.Source) {
	a.cfg.Sound.Mic = open
	a.cfg.Sound.MicCard = false
	for _, c := range a.calls {
		if c.session != nil {
			c.mic = open()
		}
	}
}

// ringing is the incoming call that has rung longest.
func (a *App) ringing() *call {
	for _, c := range a.calls {
		if c.rings {
			return c
		}
	}
	return nil
}

// talking is the newest call with audio that is not on hold.
func (a *App) talking() *call {
	for _, c := range slices.Backward(a.calls) {
		if a.talks(c) {
			return c
		}
	}
	return nil
}

// talks reports whether a call's audio runs.
func (a *App) talks(c *call) bool { return c.session != nil && !c.held && a.mayTalk(c) }
