package app

import (
	"cmp"
	"errors"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
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
func (a *App) Call(_ time.Time, to string) ([]system.Effect, error) {
	if err := a.board.dial(to); err != nil {
		return nil, err
	}
	return a.out.take(), nil
}

// Answer answers the call that has rung longest. Other calls are put on hold.
func (a *App) Answer(now time.Time) ([]system.Effect, error) {
	c := a.board.calls.ringing()
	if c == nil {
		return nil, ErrNoRinging
	}
	a.board.pickUp(now, c)
	return a.out.take(), nil
}

// Decline refuses the call that has rung longest, with 603 Decline.
func (a *App) Decline(now time.Time) ([]system.Effect, error) {
	c := a.board.calls.ringing()
	if c == nil {
		return nil, ErrNoRinging
	}
	a.board.decline(now, c)
	return a.out.take(), nil
}

// Hangup ends the call that is up, else the newest.
func (a *App) Hangup(now time.Time) ([]system.Effect, error) {
	calls := a.board.calls
	c := cmp.Or(calls.talking(), calls.newest(func(*call) bool { return true }))
	if c == nil {
		return nil, ErrNoCall
	}
	a.board.hangup(now, c)
	return a.out.take(), nil
}

// DTMF sends digits in the call that is up.
func (a *App) DTMF(now time.Time, digits string) ([]system.Effect, error) {
	c := a.board.calls.talking()
	if c == nil {
		return nil, a.board.calls.noTalk()
	}
	if err := c.voice.session.SendDTMF(now, digits); err != nil {
		return nil, err
	}
	return a.out.take(), nil
}

// Mute stops or resumes sending the microphone in the call that is up.
func (a *App) Mute(on bool) ([]system.Effect, error) {
	c := a.board.calls.talking()
	if c == nil {
		return nil, a.board.calls.noTalk()
	}
	a.board.mute(c, on)
	return a.out.take(), nil
}

// Hold puts the call that is up on hold, or takes the held one back.
func (a *App) Hold(now time.Time, on bool) ([]system.Effect, error) {
	c := a.board.calls.newest(func(c *call) bool { return c.voice.session != nil && c.voice.held != on })
	if c == nil {
		return nil, a.board.calls.noTalk()
	}
	a.board.hold(now, c, on)
	return a.out.take(), nil
}

// Speak sends another sound than the microphone's, in the calls that are up
// and in those to come. open makes a source that starts at its beginning.
func (a *App) Speak(open func() pcm.Source) { a.board.speak(open) }
