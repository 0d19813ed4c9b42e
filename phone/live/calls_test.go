package live

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestRecordsHaveTheTimeOfTheirEffects: what a step has sent has gone after the step began;
// a hurried clock stands in a step.
func TestRecordsHaveTheTimeOfTheirEffects(t *testing.T) {
	for rate, later := range map[float64]bool{1: true, 60: false} {
		h := New(Config{Name: "alice", Log: new(event.Log), Machine: newScript()})
		h.clock = startClock(time.Now())
		h.born, h.clock.rate = h.clock.device, rate
		now := h.now()
		for began := time.Now(); time.Since(began) < 2*time.Microsecond; { // as long as the step takes
		}
		h.carry(now, []system.Effect{system.Log{Event: event.Warning{}}})
		began := now.Sub(h.born).Truncate(time.Microsecond) // as the log has it
		if at := h.log.After(0)[0].Device; at > began != later || at < began {
			t.Errorf("at x%g a step of %s has a record of %s", rate, began, at)
		}
	}
}
