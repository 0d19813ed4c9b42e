package app

import (
	"errors"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// StayAwake is [VoIPSocket], and before each wake window ends the app asks the
// server for something whose arrival opens another, for ever.
const StayAwake Strategy = "stay-awake"

func stayAwakePlan() plan {
	traits := voipSocketPlan().Traits
	traits.Name, traits.Help, traits.Asks = StayAwake, "asks the server for another signal before each wake window ends", true
	return plan{traits, func(e env) strategy { return newStayAwake(e) }}
}

// stayAwake is the strategy of that name: never to be suspended again after the
// first wake.
//
//	wake ─▶ ping, pong: a new window ─▶ 9 s ─▶ ping, pong: a new window ─▶ …
//
// What it asks for is a pong or, by [AwakeBy], the answer to OPTIONS.
//
// Whatever the server sends on the marked socket gives the app ten seconds; 9 s
// into each of them it asks for more. The system counts one wake, and the
// battery pays for all of the time. The grace after leaving the screen is no
// window, so that the app is suspended once, and its own keepalive, a ping of
// the server or a call begins it. One answer that comes after the window has
// ended finds the app suspended and wakes it again; if all do, the wakes add up
// until the system kills the app.
type stayAwake struct {
	*voipSocket
	askAt time.Time // zero: nothing is to be asked for
}

// AwakeBy is what an app with the strategy stay-awake asks the server for.
type AwakeBy string

// What to ask for.
const (
	// ByPing is a pong, which costs the least, and which many servers never
	// send.
	ByPing AwakeBy = "ping"
	// ByOptions is the answer to OPTIONS, which every SIP server has (RFC 3261
	// §11).
	ByOptions AwakeBy = "options"
)

// AwakeByNames are all of them.
func AwakeByNames() []string { return []string{string(ByPing), string(ByOptions)} }

var errNoOptions = errors.New("stay-awake-by=options: only a SIP server knows OPTIONS")

// askAfter is how far into a window of 10 s the app asks for the next one: late
// enough to ask rarely, early enough for a slow answer.
const askAfter = 9 * time.Second

func newStayAwake(e env) *stayAwake {
	s := &stayAwake{voipSocket: newVoIPSocket(e)}
	s.stays = true
	if e.cfg.StayAwakeBy == ByOptions {
		s.probe = (*line).askOptions
	}
	return s
}

func (a *stayAwake) deadline() time.Time {
	return system.Earliest(a.voipSocket.deadline(), a.askAt)
}

// advance asks the server for another window.
func (a *stayAwake) advance(now time.Time) {
	a.voipSocket.advance(now)
	if !system.Due(a.askAt, now) {
		return
	}
	a.askAt = time.Time{}
	if st := a.status(); !st.foreground && !st.leaving {
		a.lines.each(func(l *line) { a.probe(l, now) })
	}
}

func (a *stayAwake) receive(now time.Time, s system.Signal) bool {
	switch s.(type) {
	case system.DidEnterBackground:
		a.askAt = now.Add(askAfter)
	case system.Received: // it has opened a window
		if !a.status().foreground {
			a.askAt = now.Add(askAfter)
		}
	}
	return a.voipSocket.receive(now, s)
}
