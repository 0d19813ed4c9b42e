package ui

import (
	"sort"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxTape bounds each track of the tape; the oldest marks go first. At 48
// keepalives in eight hours it holds weeks; of a busy phone, hours.
const maxTape = 8000

// A tape is the history behind the timeline's lanes: another fold of the log.
// Wakes are not in it: [event.Fold] has them.
type tape struct {
	life   track[event.Lifecycle]
	socket track[string] // phases
	bound  track[bool]   // registered
	call   track[string] // "", ring, up
	notify track[string] // phases
	hand   track[string] // letters of what the user did
	faults track[string] // words
	idle   track[string] // how idle the device is
	pushes track[string] // phases
	audio  track[float64]
	link   linkTape
}

// A track is what held from when on, or what happened when.
type track[T any] struct {
	at  []time.Duration
	val []T
}

func (t *track[T]) add(at time.Duration, v T) {
	if len(t.at) >= maxTape {
		half := len(t.at) / 2 // seldom, so that adding stays cheap
		t.at = t.at[:copy(t.at, t.at[half:])]
		t.val = t.val[:copy(t.val, t.val[half:])]
	}
	t.at, t.val = append(t.at, at), append(t.val, v)
}

// within is the range of entries from a up to, not including, b.
func (t *track[T]) within(a, b time.Duration) (from, to int) {
	from = sort.Search(len(t.at), func(i int) bool { return t.at[i] >= a })
	to = sort.Search(len(t.at), func(i int) bool { return t.at[i] >= b })
	return from, to
}

// before is the entry that holds at a.
func (t *track[T]) before(a time.Duration) (v T, ok bool) {
	i := sort.Search(len(t.at), func(i int) bool { return t.at[i] > a })
	if i == 0 {
		return v, false
	}
	return t.val[i-1], true
}

func (t *tape) apply(at time.Duration, e event.Event) {
	switch e := e.(type) {
	case event.State:
		t.life.add(at, e.To)
		t.state(at, e)
	case event.Lock:
		t.hand.add(at, "l")
	case event.Killed:
		t.faults.add(at, "killed "+e.Code)
		t.call.add(at, "")
		t.bound.add(at, false)
	case event.Socket:
		t.control(at, e)
	case event.Registration:
		t.registration(at, e.Phase)
	case event.Notification:
		if e.Shown || e.Phase != "posted" {
			t.notify.add(at, e.Phase)
		}
	case event.DeviceIdle:
		t.idleness(at, e.To)
	case event.Push:
		t.pushed(at, e.Phase)
	case event.Call:
		t.calls(at, e)
	case event.Network, event.Fault:
		t.link.apply(at, e)
	case event.Levels:
		t.levels(at, max(e.Mic, e.Ear))
	}
}

func (t *tape) state(at time.Duration, e event.State) {
	switch e.To {
	case event.Entering:
		t.hand.add(at, "b")
	case event.Foreground:
		if e.From != "" && e.From != event.Dead {
			t.hand.add(at, "f")
		}
	}
}

// closedByUs is the phase of a socket that the app has closed itself.
const closedByUs = "closed by us"

func (t *tape) control(at time.Duration, e event.Socket) {
	switch {
	case e.Name != "control":
	case e.ByUs():
		t.socket.add(at, closedByUs)
	default:
		t.socket.add(at, e.Phase)
	}
}

func (t *tape) registration(at time.Duration, phase string) {
	switch phase {
	case "active":
		t.bound.add(at, true)
	case "failed", "lost", "removed":
		t.bound.add(at, false)
	}
}

func (t *tape) calls(at time.Duration, e event.Call) {
	switch e.Phase {
	case "incoming", "calling", "ringing", "early":
		t.call.add(at, "ring")
	case "up", "answered", "resumed", "held":
		t.call.add(at, "up")
	case "ended":
		t.call.add(at, "")
	}
}

// levels keeps the loudest of each second: no column is shorter.
func (t *tape) levels(at time.Duration, db float64) {
	second := at.Truncate(time.Second)
	if n := len(t.audio.at); n > 0 && t.audio.at[n-1] == second {
		t.audio.val[n-1] = max(t.audio.val[n-1], db)
		return
	}
	t.audio.add(second, db)
}
