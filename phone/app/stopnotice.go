package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// lookEvery is how often the app looks at the clock while it waits for an
// answer in the background; a look that comes later than stoppedFor after its
// time says that the program was stopped (our own numbers).
const (
	lookEvery  = time.Second
	stoppedFor = time.Second
)

// stopNotice is how an app notices that it was stopped, without seeing that it
// sleeps: by looks at the clock that come late. An answer that comes after that
// has cost a wake.
type stopNotice struct {
	lookAt  time.Time // the next look at the clock; zero: it waits for nothing
	stopped bool      // while an answer was outstanding
}

func (s *stopNotice) deadline() time.Time { return s.lookAt }

// advance looks at the clock. It reports whether it did.
func (s *stopNotice) advance(now time.Time) bool {
	if !system.Due(s.lookAt, now) {
		return false
	}
	s.stopped = now.Sub(s.lookAt) > stoppedFor
	s.lookAt = time.Time{}
	return true
}

// watch has the clock looked at as long as there is something to wait for.
func (s *stopNotice) watch(now time.Time, waits bool) {
	switch {
	case !waits:
		s.lookAt = time.Time{}
	case s.lookAt.IsZero():
		s.lookAt = now.Add(lookEvery)
	}
}

// forget is called when no answer is outstanding any more: what comes now
// answers something else.
func (s *stopNotice) forget() { s.stopped = false }

// answered takes in the answer that was outstanding, and warns if the app was
// stopped before it.
func (s *stopNotice) answered(out *outbox) {
	if !s.stopped {
		return
	}
	s.stopped = false
	out.note(event.Warning{
		Rule: event.RuleReplyCostAWake, Note: "an answer came after the app had been suspended: it has cost a wake",
		Hint: "a background task until the answer is there",
	})
}
