package live

import (
	"testing"
	"time"
)

// newTestAlarm returns an alarm that is closed at the end of the test, together
// with the goroutine that waits for it.
func newTestAlarm(t *testing.T) *alarm {
	t.Helper()
	c := newCrew()
	a, err := c.newAlarm()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.hands.Wait)
	t.Cleanup(a.close)
	return a
}

func TestAlarmRings(t *testing.T) {
	a := newTestAlarm(t)
	a.set(time.Hour)
	for _, d := range []time.Duration{0, time.Nanosecond, 2 * time.Millisecond} {
		began := time.Now()
		a.set(d)
		<-a.rang
		if took := time.Since(began); took < d {
			t.Errorf("set for %v, it rang after %v", d, took)
		}
	}
}

// TestAlarmRingsOnce puts one alarm off and sets it again; a second alarm, set for
// later, marks the time at which the first would have rung.
func TestAlarmRingsOnce(t *testing.T) {
	a, later := newTestAlarm(t), newTestAlarm(t)
	a.set(time.Millisecond)
	a.set(time.Hour)
	later.set(20 * time.Millisecond)
	<-later.rang
	select {
	case <-a.rang:
		t.Error("put off, it rang")
	default:
	}
	a.set(time.Millisecond)
	<-a.rang
	later.set(20 * time.Millisecond)
	<-later.rang
	select {
	case <-a.rang:
		t.Error("set once, it rang twice")
	default:
	}
}
