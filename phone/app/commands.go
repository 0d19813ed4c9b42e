package app

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
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
	ErrNoTeller  = errors.New("this control protocol has nothing of the kind; SIP does")
)

// The commands that are about an account name it; "" is the first or, where the
// command says so, all of them.

// Call calls a SIP URI, or a user of the account's own domain.
func (a *App) Call(now time.Time, account, to string) ([]system.Effect, error) {
	l, err := a.lines.named(account)
	if err != nil {
		return nil, err
	}
	if err := a.board.dial(now, l, to); err != nil {
		return nil, err
	}
	return a.out.take(), nil
}

// The calls of the commands below are named by their number, as the log has it;
// 0 is the one that is meant where none is named.

// Answer answers a ringing call: the one that has rung longest. Other calls are
// put on hold.
func (a *App) Answer(now time.Time, n int) ([]system.Effect, error) {
	return a.ringing(now, n, a.board.pickUp)
}

// Decline refuses a ringing call, with 603 Decline: the one that has rung
// longest.
func (a *App) Decline(now time.Time, n int) ([]system.Effect, error) {
	return a.ringing(now, n, a.board.decline)
}

// ringing does something with a call that rings.
func (a *App) ringing(now time.Time, n int, do func(time.Time, *call)) ([]system.Effect, error) {
	c, err := a.board.calls.pick(n, a.board.calls.ringing(), ErrNoRinging)
	switch {
	case err != nil:
		return nil, err
	case !c.rings():
		return nil, fmt.Errorf("call %d does not ring", n)
	}
	do(now, c)
	return a.out.take(), nil
}

// Hangup ends a call: the one that is up, else the newest.
func (a *App) Hangup(now time.Time, n int) ([]system.Effect, error) {
	calls := a.board.calls
	c, err := calls.pick(n, cmp.Or(calls.talking(), calls.newest(func(*call) bool { return true })), ErrNoCall)
	if err != nil {
		return nil, err
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

// Mute stops or resumes sending the microphone: in the call that is up.
func (a *App) Mute(n int, on bool) ([]system.Effect, error) {
	c, err := a.board.calls.pick(n, a.board.calls.talking(), a.board.calls.noTalk())
	switch {
	case err != nil:
		return nil, err
	case c.voice.session == nil:
		return nil, fmt.Errorf("call %d is not up", n)
	}
	a.board.mute(c, on)
	return a.out.take(), nil
}

// Hold puts a call on hold: the one that is up; or takes one back: the one that
// is on hold. Then the others are put on hold.
func (a *App) Hold(now time.Time, n int, on bool) ([]system.Effect, error) {
	c, err := a.board.calls.pick(n, a.board.calls.newest(func(c *call) bool { return c.voice.session != nil && c.voice.held != on }), a.board.calls.noTalk())
	switch {
	case err != nil:
		return nil, err
	case c.voice.session == nil:
		return nil, fmt.Errorf("call %d is not up", n)
	case c.voice.held == on:
		return nil, fmt.Errorf("call %d is %s", n, map[bool]string{true: "on hold already", false: "not on hold"}[on])
	}
	a.board.hold(now, c, on)
	return a.out.take(), nil
}

// Swap takes a call back that is on hold, and puts the one that is up on hold.
func (a *App) Swap(now time.Time, n int) ([]system.Effect, error) {
	c, err := a.board.calls.pick(n, a.board.calls.held(), ErrNoHeld)
	switch {
	case err != nil:
		return nil, err
	case c.voice.session == nil || !c.voice.held:
		return nil, fmt.Errorf("call %d is not on hold", n)
	}
	a.board.hold(now, c, false)
	return a.out.take(), nil
}

// Register registers with the server, or refreshes the binding: of all accounts, if
// none is named.
func (a *App) Register(now time.Time, account string) ([]system.Effect, error) {
	ls, err := a.lines.meant(account)
	if err != nil {
		return nil, err
	}
	ls.refill()
	ls.register(now)
	return a.out.take(), nil
}

// Unregister removes the binding at the server: of all accounts, if none is named.
func (a *App) Unregister(now time.Time, account string) ([]system.Effect, error) {
	ls, err := a.lines.meant(account)
	if err != nil {
		return nil, err
	}
	ls.each(func(l *line) { l.do(now, l.agent.Unregister(now)) })
	return a.out.take(), nil
}

// Tell gives an agent an order that no call needs. One that holds from now on is for
// all accounts, if none is named.
func (a *App) Tell(now time.Time, account string, o control.Order) ([]system.Effect, error) {
	l, err := a.lines.named(account)
	if err != nil {
		return nil, err
	}
	told := lines{l}
	if control.Lasting(o) {
		told, _ = a.lines.meant(account)
	}
	flows := a.lines.flows(l)
	if _, ends := o.(control.Unsubscribe); ends && len(flows) > 1 && l.name != account {
		err := flows.tellOne(now, o)
		return a.out.take(), err
	}
	for _, l := range told {
		if err := l.admits(o); err != nil {
			return nil, told.refused(l, o, err)
		}
	}
	for _, l := range told {
		if err := l.tell(now, o); err != nil {
			return nil, err
		}
	}
	return a.out.take(), nil
}

// tell gives the agent an order that it admits.
func (l *line) tell(now time.Time, o control.Order) error {
	out, err := l.agent.(control.Teller).Tell(now, o)
	if err == nil {
		l.do(now, out)
	}
	return err
}

// admits says why the agent cannot be told an order; nil if it can, or Tell will say.
func (l *line) admits(o control.Order) error {
	agent, ok := l.agent.(control.Teller)
	if !ok {
		return ErrNoTeller
	}
	return agent.Check(o)
}

// Speak sends another sound than the microphone's, in the calls that are up
// and in those to come. open makes a source that starts at its beginning.
func (a *App) Speak(open pcm.Opener) { a.board.speak(open) }
