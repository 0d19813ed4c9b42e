package world

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A change of pace in a log: when, and to what.
type change struct {
	at time.Duration
	x  float64
}

func changes(log *event.Log) (list []change) {
	for _, r := range log.After(0) {
		if e, ok := r.Event.(event.ClockRate); ok && r.Phone == "alice" {
			list = append(list, change{r.Device, e.Rate})
		}
	}
	return list
}

// TestPace: a pace is written down when it is set, at each freeze and at each
// thaw, and virtual time goes on as it did.
func TestPace(t *testing.T) {
	log := new(event.Log)
	p := newPair(t, Config{Log: log}, oneWay)
	if err := p.aliceNode.SetRate(60); !errors.Is(err, system.ErrNotFrozen) {
		t.Errorf("while it runs: %v", err)
	}
	if err := p.aliceNode.Pace(60); err != nil {
		t.Errorf("for the next freeze: %v", err)
	}
	p.RunUntil(time.Second)
	p.do(p.aliceNode, system.Freeze{})
	p.RunUntil(2 * time.Second)
	if err := p.aliceNode.SetRate(10); err != nil {
		t.Errorf("in the freeze: %v", err)
	}
	p.RunUntil(3 * time.Second)
	p.do(p.aliceNode, system.Thaw{})
	p.RunUntil(4 * time.Second)
	p.do(p.aliceNode, system.Freeze{})
	want := []change{{time.Second, 60}, {2 * time.Second, 10}, {3 * time.Second, 1}, {4 * time.Second, 60}}
	if got, all := changes(log), log.After(0); !slices.Equal(got, want) || len(all) != len(want) {
		t.Errorf("got %v, want %v, of %d records", got, want, len(all))
	}
}

// TestTimesOfTheLog: device time is since the epoch, and wall time is that of
// day, for each machine and for whom it speaks.
func TestTimesOfTheLog(t *testing.T) {
	for _, epoch := range []time.Time{{}, time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)} {
		log := new(event.Log)
		p := newPair(t, Config{Log: log, Epoch: epoch}, oneWay)
		p.RunUntil(90 * time.Second)
		p.do(p.labNode, system.Log{Event: event.Server{What: "own"}}, system.Log{Phone: "bob", Event: event.Server{What: "a robot's"}})
		start := epoch
		if start.IsZero() {
			start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		for i, phone := range []string{"lab", "bob"} {
			r := log.After(0)[i]
			if r.Phone != phone || r.Device != 90*time.Second || !r.Wall.Equal(start.Add(90*time.Second)) {
				t.Errorf("%s at %s, %s, want %s at 90 s", r.Phone, r.Device, r.Wall, phone)
			}
		}
	}
}
