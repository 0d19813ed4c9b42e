package grade

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The checks of a phone that sleeps without a connection and is woken by
// pushes. The tester must put it to sleep: the lab cannot.

const (
	// pushPatience is how long to wait for a REGISTER, in order to say by
	// how much it was late: our own number, about as long as an unanswered
	// call rings.
	pushPatience = 20 * time.Second
	// quiet is how long nothing must happen after it (our own number).
	quiet = 3 * time.Second
	// calm is how long a phone is left alone after it has lost a connection
	// (our own number).
	calm = 12 * time.Second
)

// asleep reports whether the phone has no connection.
func (v view) asleep() bool {
	r, ok := v.whole().last(v.socket(event.SocketOpen, event.SocketClosed, event.SocketReset))
	return ok && r.Event.(event.Socket).Phase != event.SocketOpen
}

// awake returns the script that waits until the phone is connected and has not
// lost a connection for a while: a phone that loses two in a row may rightly
// wait before it comes back again.
func awake(v view) []step {
	first, _ := v.whole().first(v.granted())
	lost, _ := v.whole().after(first).last(v.socket(event.SocketClosed, event.SocketReset))
	return []step{
		{within: lost.Device + calm - v.now, unless: func(view) bool { return lost.Event == nil }},
		{
			tell: fmt.Sprintf("open the app again, within %s", v.cfg.Patience), within: v.cfg.Patience,
			unless: func(v view) bool { return !v.asleep() },
			until:  func(v view) bool { return !v.asleep() && v.has(v.granted()) },
			orElse: "it has no connection",
		},
	}
}

// pushSent matches the lab's pushes to the phone.
func pushSent(r event.Record) bool {
	e, ok := r.Event.(event.Push)
	return ok && e.Phase == event.PushSent
}

// unsent returns the finding that no push was sent, and why.
func (v view) unsent() finding {
	r, ok := v.last(func(r event.Record) bool { _, is := r.Event.(event.Push); return is })
	if !ok {
		return untold("no push was sent")
	}
	return untold("no push was sent: the service has refused it").showing(shows(r))
}

func pushing(view) []step {
	return []step{{do: "push USER", until: func(v view) bool { return v.has(v.granted()) }, within: pushPatience}}
}

func judgePush(v view) finding {
	sent, ok := v.first(pushSent)
	if !ok {
		return v.unsent()
	}
	register, ok := v.after(sent).first(v.sent("REGISTER"))
	if !ok {
		return failed("no REGISTER within %s", pushPatience).showing(shows(sent))
	}
	f := passed
	if register.Device-sent.Device > pushWithin {
		f = failed
	}
	return f("REGISTER %s after the push", event.Round(register.Device-sent.Device)).showing(shows(sent), shows(register))
}

func cancellingAsleep(v view) []step {
	wait := v.cfg.Patience
	return append([]step{
		{
			tell:  fmt.Sprintf("put the app to sleep, so that it closes its connection, within %s", wait),
			until: view.asleep, within: wait, orElse: fmt.Sprintf("it has kept its connection for %s", wait),
		},
		{opens: true, do: caller + " calls USER", until: func(v view) bool { return v.has(pushSent) }, within: answerWithin},
		{do: caller + " hangs up", safe: true, unless: hungUp, until: over, within: answerWithin},
		{until: func(v view) bool { return v.has(v.granted()) }, within: pushPatience},
		{within: quiet},
	}, asking("OPTIONS")(v)...)
}

func judgeCancelAsleep(v view) finding {
	sent, pushed := v.first(pushSent)
	granted, back := v.first(v.granted())
	invite, called := v.first(v.got("INVITE"))
	answer, well := v.first(v.answers("OPTIONS", 200, 699))
	switch {
	case !pushed:
		return v.unsent()
	case !back:
		return failed("no REGISTER within %s of the push", pushPatience).showing(shows(sent))
	case called:
		return untold("it woke before the caller gave up").showing(shows(sent), shows(invite))
	case !well:
		return failed("it registered, and answers nothing").showing(shows(sent), shows(granted))
	}
	return passed("it registered %s after the push, and is well", event.Round(granted.Device-sent.Device)).
		showing(shows(sent), shows(granted), shows(answer))
}
