package control

import (
	"testing"
	"time"
)

func TestThawed(t *testing.T) {
	for late, want := range map[time.Duration]bool{-time.Second: false, 0: false, time.Second: false, time.Second + 1: true} {
		if got := Thawed(epoch, epoch.Add(late)); got != want {
			t.Errorf("%s late: %v", late, got)
		}
	}
	if Thawed(time.Time{}, epoch) {
		t.Error("stopped past a deadline that there is not")
	}
	never, early, late := time.Time{}, epoch, epoch.Add(2*ThawGrace)
	Delay(epoch.Add(ThawGrace), &never, &early, &late)
	if !never.IsZero() || !early.Equal(epoch.Add(ThawGrace)) || !late.Equal(epoch.Add(2*ThawGrace)) {
		t.Errorf("delayed to %s, %s, %s", never, early, late)
	}
}
