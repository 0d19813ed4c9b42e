package live

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// heartbeat is how often the loop looks at the clocks although nothing is
	// due: a host without a timer would not notice that it stood still.
	heartbeat = noticeable / 4
	// noticeable is how long a loop that has not looked has stood still, and the
	// smallest jump of the computer's clock that is told of. A standstill this long
	// is always told of, one of less than three quarters of it only where audio is
	// moved: see starved. Timers of SIP are longer (RFC 3261 §17.1.1.2: T1 is 500 ms,
	// and seven of them may be missed), and a busy machine is late by less.
	noticeable = time.Second
	// starved is how late a loop that moves audio has stood still: what the clock of its
	// frames does not make up for (phone/app). brisk is the longest wait of such a loop:
	// three frames of 20 ms.
	starved = 200 * time.Millisecond
	brisk   = 60 * time.Millisecond
	// settling is how long after a standstill what has come meanwhile is taken
	// in before any timer fires: who has answered in time is not silent.
	settling = 100 * time.Millisecond
)

// A reading is what the computer's clocks show, since the host was started: the
// monotonic one, and that of the time of day, which can be set.
type reading struct{ ran, day time.Duration }

// A pulse watches the computer's clocks for times in which the loop did not run.
type pulse struct {
	started time.Time            // with the monotonic reading
	asleep  func() time.Duration // for how long the computer has slept, in all
	last    reading              // when the loop last looked
	slept   time.Duration        // by then
	due     time.Time            // when a loop that moves audio looks again at the latest; zero: it does not
	settled time.Time            // until then, timers wait after a standstill; zero: they do not
}

// newPulse returns the pulse of a loop that starts now.
func newPulse(now time.Time, asleep func() time.Duration) pulse {
	return pulse{started: now, asleep: asleep, slept: asleep()}
}

// expect notes that the loop looks again after d at the latest.
func (p *pulse) expect(wall time.Time, d time.Duration) {
	if p.due = (time.Time{}); d <= brisk {
		p.due = wall.Add(d)
	}
}

// look looks at the clocks.
func (p *pulse) look(wall time.Time) lapse {
	before := p.last
	l := p.beat(reading{wall.Sub(p.started), wall.Round(0).Sub(p.started.Round(0))})
	if l.stood+l.slept > 0 {
		p.settled = wall.Add(settling)
	} else if !p.due.IsZero() && wall.Sub(p.due) > starved {
		l.stood = p.last.ran - before.ran
	}
	if !wall.Before(p.due) {
		p.due = time.Time{}
	}
	return l
}

// beat compares the clocks with what they showed at the last look. The standstill
// may be shorter than it says, by as much as a heartbeat.
//
// On Linux and macOS the monotonic clock stands while the computer sleeps, and
// the time of day jumps when it wakes; another clock tells that from one that was
// set. Elsewhere the monotonic clock runs on, and sleep is a standstill.
func (p *pulse) beat(now reading) (l lapse) {
	was := p.last
	p.last = now
	ran := now.ran - was.ran
	if ran >= noticeable {
		l.stood = ran
	}
	jump := now.day - was.day - ran
	if jump.Abs() < noticeable {
		return l
	}
	slept := p.asleep()
	if d := slept - p.slept; d >= noticeable {
		l.slept = d
	}
	p.slept = slept
	if set := jump - l.slept; set.Abs() >= noticeable {
		l.set = set
	}
	return l
}

// settles is how long timers still wait, after a standstill, for what has come
// meanwhile.
func (p *pulse) settles(wall time.Time) time.Duration {
	if p.settled.IsZero() {
		return 0
	}
	left := p.settled.Sub(wall)
	if left <= 0 {
		p.settled = time.Time{}
	}
	return max(0, left)
}

// A lapse is what the clocks say has gone wrong since the last look; the zero
// value: nothing.
type lapse struct {
	stood time.Duration // the process did not run, though the computer did
	slept time.Duration // the computer slept
	set   time.Duration // the computer's clock was set so far forward
}

// events tell of a lapse.
func (l lapse) events() (list []event.Event) {
	if d := l.stood + l.slept; d > 0 {
		list = append(list, event.Standstill{For: event.Seconds(d), Asleep: l.slept > 0})
	}
	if l.set != 0 {
		way := "forward"
		if l.set < 0 {
			way = "back"
		}
		list = append(list, event.Warning{
			Rule: event.RuleClockSet, Note: fmt.Sprintf("the clock of this computer was set %s by %s", way, event.Round(l.set.Abs())),
			Hint: "device time has not changed; go by it",
		})
	}
	return list
}

// notice finds out whether the process, or the computer, stood still since the
// loop last looked, and says so. Device time has run on.
func (h *Host) notice() {
	wall := time.Now()
	l := h.pulse.look(wall)
	if l.slept > 0 {
		h.clock.set(wall, h.clock.at(wall).Add(l.slept), h.clock.rate)
	}
	for _, e := range l.events() {
		h.note(h.now(), e)
	}
}
