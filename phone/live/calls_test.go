package live

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestRecordsHaveTheTimeOfTheirEffects: a record has the time of what was carried out before
// it in its step, or else that of the step, by both clocks; a hurried clock stands in a step.
// What an event counts since the wake ends with its record.
func TestRecordsHaveTheTimeOfTheirEffects(t *testing.T) {
	for rate, later := range map[float64]bool{1: true, 60: false} {
		h := New(Config{Name: "alice", Log: new(event.Log), Machine: newScript()})
		wall := time.Now()
		h.clock = startClock(wall)
		h.born, h.clock.rate = h.clock.device, rate
		now := h.now()
		for began := time.Now(); time.Since(began) < 2*time.Microsecond; { // as long as the step takes
		}
		h.carry(now, []system.Effect{
			system.Log{Event: event.Frame{Latency: event.Millis(time.Millisecond)}},
			system.CloseSound{},
			system.Log{Event: event.Notification{AfterWake: event.Millis(time.Millisecond)}},
			system.Log{Event: event.Notification{}},
		})
		list := h.log.After(0)
		began := now.Sub(h.born).Truncate(time.Microsecond) // as the log has it
		if at := list[0].Device; at != began {
			t.Errorf("at x%g a step of %s has a record of %s before anything is carried out", rate, began, at)
		}
		if at := list[1].Device; at > began != later || at < began {
			t.Errorf("at x%g a step of %s has a record of %s after something is carried out", rate, began, at)
		}
		if frame := list[0].Event.(event.Frame); frame.Latency.D() != time.Millisecond {
			t.Errorf("at x%g the wake frame is read %s after the wake, want 1 ms", rate, frame.Latency)
		}
		delay := list[1].Event.(event.Notification).AfterWake.D() - time.Millisecond
		if took := list[1].Device - list[0].Device; (delay - took).Abs() > time.Microsecond {
			t.Errorf("at x%g the banner is %s later than its step, and its record %s", rate, delay, took)
		}
		if other := list[2].Event.(event.Notification); other.AfterWake != 0 {
			t.Errorf("at x%g a banner of no wake is %s after it", rate, other.AfterWake)
		}
		if rate != 1 {
			continue
		}
		for _, r := range list {
			if off := r.Wall.Sub(wall) - r.Device; off.Abs() > time.Microsecond {
				t.Errorf("the clocks of a record differ by %s", off)
			}
		}
	}
}
