package event

import (
	"testing"
	"time"
)

// TestWakeRecords: a wake knows its records in the log, be its end logged or not.
func TestWakeRecords(t *testing.T) {
	s := newStory(t)
	s.wake(20, 1, "INVITE", 800)
	s.over(21, 1, time.Second)
	s.wake(30, 2, "FIN", 0)
	s.wake(40, 3, "INVITE", 800)
	w := s.fold.Wakes
	if w[0].First >= w[0].Last || w[1].First != w[0].Last+1 || w[1].Last != w[2].First-1 || w[2].Last != 0 {
		t.Errorf("records %d-%d, %d-%d, %d-%d", w[0].First, w[0].Last, w[1].First, w[1].Last, w[2].First, w[2].Last)
	}
}
