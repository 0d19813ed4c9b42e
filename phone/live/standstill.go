package live

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// heartbeat is how often the loop looks at the clocks although nothing is
	// due: a host without a timer would not notice that it stood still.
	heartbeat = time.Second
	// noticeable is the shortest standstill that is told of, and the smallest
	// jump of the computer's clock. Timers of SIP are longer (RFC 3261 §17.1.1.2:
	// T1 is 500 ms, and seven of them may be missed), and a busy machine is late
	// by less.
	noticeable = time.Second
	// settling is how long after a standstill what has come meanwhile is taken
	// in before any timer fires: who has answered in time is not silent.
	settling = 100 * time.Millisecond
)

// A reading is what the computer's clocks show, since the host was started: the
// monotonic one, and that of the time of day, which can be set.
type reading struct{ ran, day time.Duration }

// A pulse is what the clocks showed when the loop last looked at them.
type pulse struct {
	last  reading
	slept time.Duration // the computer, in all
}

// A lapse is what the clocks say has gone wrong since the last look; the zero
// value: nothing.
type lapse struct {
	stood time.Duration // the process did not run, though the computer did
	slept time.Duration // the computer slept
	set   time.Duration // the computer's clock was set so far forward
}

// beat looks at the clocks. The loop was to look again when it had run for due, at
// the latest. asleep says how long the computer has slept in all.
//
// On Linux and macOS the monotonic clock stands while the computer sleeps, and
// the time of day jumps when it wakes; another clock tells that from one that was
// set. Elsewhere the monotonic clock runs on, and sleep is a standstill.
func (p *pulse) beat(now reading, due time.Duration, asleep func() time.Duration) (l lapse) {
	was := p.last
	p.last = now
	if late := now.ran - max(due, was.ran); late >= noticeable {
		l.stood = late
	}
	jump := now.day - was.day - (now.ran - was.ran)
	if jump.Abs() < noticeable {
		return l
	}
	slept := asleep()
	if d := slept - p.slept; d >= noticeable {
		l.slept = d
	}
	p.slept = slept
	if set := jump - l.slept; set.Abs() >= noticeable {
		l.set = set
	}
	return l
}

// read is what the clocks show at a time that has a monotonic reading.
func (h *Host) read(wall time.Time) reading {
	return reading{wall.Sub(h.started), wall.Round(0).Sub(h.started.Round(0))}
}

// notice finds out whether the process, or the computer, stood still since the
// loop last looked, and says so. It was to look again at due at the latest.
func (h *Host) notice(due time.Time) {
	wall := time.Now()
	h.noticed(wall, h.pulse.beat(h.read(wall), due.Sub(h.started), asleep))
}

// noticed says what was noticed. Device time has run on.
func (h *Host) noticed(wall time.Time, l lapse) {
	if l.slept > 0 {
		h.clock.set(wall, h.clock.at(wall).Add(l.slept), h.clock.rate)
	}
	if d := l.stood + l.slept; d > 0 {
		h.settled = wall.Add(settling)
		h.record(h.now(), "", event.Standstill{For: event.Seconds(d), Asleep: l.slept > 0})
	}
	if l.set != 0 {
		way := "forward"
		if l.set < 0 {
			way = "back"
		}
		h.record(h.now(), "", event.Warning{
			Rule: event.RuleClockSet, Note: fmt.Sprintf("the clock of this computer was set %s by %s", way, event.Round(l.set.Abs())),
			Hint: "device time has not changed; go by it",
		})
	}
}

// settles is how long timers still wait, after a standstill, for what has come
// meanwhile.
func (h *Host) settles() time.Duration {
	if h.settled.IsZero() {
		return 0
	}
	left := time.Until(h.settled)
	if left <= 0 {
		h.settled = time.Time{}
	}
	return max(0, left)
}
