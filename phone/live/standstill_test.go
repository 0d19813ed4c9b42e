package live

import (
	"context"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestPulse gives the loop what a computer's clocks show: of the monotonic clock,
// of the time of day, and for how long the computer has slept.
func TestPulse(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		ran, due   time.Duration // since the last look
		day, slept time.Duration // by which the time of day is off, and asleep
		want       lapse
	}{
		"in time":                          {ran: s, due: s},
		"a little late":                    {ran: s + s/2, due: s},
		"stopped":                          {ran: 13 * s, due: s, want: lapse{stood: 12 * s}},
		"stopped in a call":                {ran: 15 * s, due: s / 50, want: lapse{stood: 15*s - s/50}},
		"stopped at work":                  {ran: 2 * s, want: lapse{stood: 2 * s}},
		"woken early by an item":           {ran: s / 10, due: s},
		"the computer slept":               {ran: s, due: s, day: 300 * s, slept: 300 * s, want: lapse{slept: 300 * s}},
		"the clock was set forward":        {ran: s, due: s, day: 3600 * s, want: lapse{set: 3600 * s}},
		"the clock was set back":           {ran: s, due: s, day: -3600 * s, want: lapse{set: -3600 * s}},
		"slept, and set after that":        {ran: s, due: s, day: 310 * s, slept: 300 * s, want: lapse{slept: 300 * s, set: 10 * s}},
		"stopped, and the clock was set":   {ran: 5 * s, due: s, day: 60 * s, want: lapse{stood: 4 * s, set: 60 * s}},
		"the clock is trimmed, bit by bit": {ran: s, due: s, day: s / 2},
	} {
		p := pulse{last: reading{10 * s, 10 * s}, slept: 7 * s} // before the program began
		asleep := func() time.Duration { return 7*s + c.slept }
		now := reading{10*s + c.ran, 10*s + c.ran + c.day}
		if got := p.beat(now, 10*s+c.due, asleep); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if got := p.beat(now, 0, asleep); got != (lapse{}) {
			t.Errorf("%s: told twice: %+v", name, got)
		}
	}
}

// TestSleepIsDeviceTime: the clock of the device runs on while the computer
// sleeps, what it says is in the log, and timers wait for what came meanwhile.
func TestSleepIsDeviceTime(t *testing.T) {
	h := New(Config{Name: "alice", Log: new(event.Log)})
	wall := time.Now()
	h.clock = startClock(wall)
	h.born = h.clock.device
	h.machine = newScript()
	h.noticed(wall, lapse{slept: time.Hour})
	records := h.log.After(0)
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	if e := records[0].Event.(event.Standstill); e.For.D() != time.Hour || !e.Asleep || records[0].Device < time.Hour {
		t.Errorf("%+v at %s", e, records[0].Device)
	}
	if h.settles() <= 0 {
		t.Error("timers do not wait")
	}
	h.noticed(wall, lapse{set: -time.Minute})
	if w, ok := h.log.After(1)[0].Event.(event.Warning); !ok || w.Rule != event.RuleClockSet {
		t.Errorf("%+v", w)
	}
}

// TestHeartbeat: a host without a timer looks at the clocks all the same.
func TestHeartbeat(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	h := New(Config{Name: "alice", Log: new(event.Log), Machine: newScript()})
	off := make(chan error, 1)
	go func() { off <- h.Run(ctx) }()
	var ahead time.Duration
	err := h.ask(ctx, func(time.Time) error {
		h.ringsFor = alarmTime{}
		now := time.Now()
		ahead = h.setAlarm().Sub(now)
		return nil
	})
	if err != nil || ahead < heartbeat || ahead > heartbeat+patience {
		t.Errorf("the loop looks in %s: %v", ahead, err)
	}
	cancel()
	if err := <-off; err != nil {
		t.Error(err)
	}
}

// TestTimersWait: after a standstill, what has come is taken in before an overdue
// timer fires, which it does once.
func TestTimersWait(t *testing.T) {
	r := newRig(t, Config{})
	err := r.host.ask(t.Context(), func(now time.Time) error {
		r.host.noticed(time.Now().Add(time.Hour), lapse{stood: 5 * time.Second})
		r.script.due = now
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.host.Settle(t.Context())
	if len(r.fired) > 0 {
		t.Error("the timer has fired before what came meanwhile could be read")
	}
	err = r.host.ask(t.Context(), func(time.Time) error { r.host.settled = time.Now(); return nil })
	if err != nil {
		t.Fatal(err)
	}
	<-r.fired
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if n := len(r.fired); n > 0 {
		t.Errorf("the timer has fired %d times more", n)
	}
}
