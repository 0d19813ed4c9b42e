package stage

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestClocks reads device clocks off a log, whose pace changes.
func TestClocks(t *testing.T) {
	log := new(event.Log)
	began := time.Now().Add(-time.Hour)
	c := &clocks{log: log, began: began, last: map[string]reading{}}
	if got := c.read("alice").device; got < time.Hour || got > time.Hour+time.Minute {
		t.Errorf("of nobody: %s", got)
	}
	log.Append(event.Record{Wall: time.Now().Add(-time.Second), Device: time.Minute, Phone: "alice", Event: event.ClockRate{Rate: 60}})
	if got := c.read("alice").device; got < 2*time.Minute || got > 3*time.Minute {
		t.Errorf("a second at x60: %s", got)
	}
}
