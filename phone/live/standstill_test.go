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
		ran        time.Duration // since the last look
		day, slept time.Duration // by which the time of day is off, and asleep
		want       lapse
	}{
		"in time":                          {ran: heartbeat},
		"a little late":                    {ran: heartbeat + s/2},
		"stopped":                          {ran: 13 * s, want: lapse{stood: 13 * s}},
		"stopped for as long as is told":   {ran: s, want: lapse{stood: s}},
		"the computer slept":               {ran: s / 4, day: 300 * s, slept: 300 * s, want: lapse{slept: 300 * s}},
		"the clock was set forward":        {ran: s / 4, day: 3600 * s, want: lapse{set: 3600 * s}},
		"the clock was set back":           {ran: s / 4, day: -3600 * s, want: lapse{set: -3600 * s}},
		"slept, and set after that":        {ran: s / 4, day: 310 * s, slept: 300 * s, want: lapse{slept: 300 * s, set: 10 * s}},
		"stopped, and the clock was set":   {ran: 5 * s, day: 60 * s, want: lapse{stood: 5 * s, set: 60 * s}},
		"the clock is trimmed, bit by bit": {ran: s / 4, day: s / 2},
	} {
		slept := 7 * s // before the program began
		p := newPulse(time.Now(), func() time.Duration { return slept })
		p.last = reading{10 * s, 10 * s}
		slept += c.slept
		now := reading{10*s + c.ran, 10*s + c.ran + c.day}
		if got := p.beat(now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if got := p.beat(now); got != (lapse{}) {
			t.Errorf("%s: told twice: %+v", name, got)
		}
	}
}

// TestShortestStandstill: a standstill that is just long enough is told of
// whenever it begins between two looks, and one of less than three quarters of
// that never is.
func TestShortestStandstill(t *testing.T) {
	began := time.Now()
	for after := time.Duration(0); after <= heartbeat; after += heartbeat / 10 {
		for stood, told := range map[time.Duration]bool{noticeable: true, noticeable*3/4 - 1: false} {
			p := newPulse(began, func() time.Duration { return 0 })
			look := max(heartbeat, after+stood) // the alarm rang meanwhile
			if got := p.look(began.Add(look)); (got.stood > 0) != told {
				t.Errorf("%s, from %s after a look: %+v", stood, after, got)
			}
		}
	}
}

// TestStarved: a loop that moves audio looks each 20 ms, and tells of what its frames
// cannot make up for, once; another does not.
func TestStarved(t *testing.T) {
	began := time.Now()
	for _, c := range []struct {
		waits, late, told time.Duration
	}{
		{20 * time.Millisecond, 0, 0},
		{20 * time.Millisecond, starved, 0},
		{20 * time.Millisecond, starved + 1, 20*time.Millisecond + starved + 1},
		{brisk, 800 * time.Millisecond, brisk + 800*time.Millisecond},
		{brisk + 1, 800 * time.Millisecond, 0},
		{heartbeat, heartbeat, 0},
	} {
		p := newPulse(began, func() time.Duration { return 0 })
		p.expect(began, c.waits)
		wall := began.Add(c.waits + c.late)
		if got := p.look(wall); got.stood != c.told {
			t.Errorf("%s late after %s: stood still for %s, want %s", c.late, c.waits, got.stood, c.told)
		}
		if got := p.settles(wall); got > 0 {
			t.Errorf("%s late after %s: timers wait for %s", c.late, c.waits, got)
		}
		if got := p.look(wall.Add(heartbeat)); got.stood > 0 {
			t.Errorf("%s late after %s: told twice", c.late, c.waits)
		}
	}
}

// TestSettling: after a standstill, timers wait for a moment; after nothing they
// do not.
func TestSettling(t *testing.T) {
	began := time.Now()
	p := newPulse(began, func() time.Duration { return 0 })
	wall := began.Add(heartbeat)
	p.look(wall)
	if got := p.settles(wall); got != 0 {
		t.Errorf("timers wait for %s although nothing stood still", got)
	}
	wall = wall.Add(noticeable)
	p.look(wall)
	if got := p.settles(wall); got != settling {
		t.Errorf("timers wait for %s, want %s", got, settling)
	}
	if got := p.settles(wall.Add(settling)); got != 0 {
		t.Errorf("timers wait for %s more", got)
	}
}

// TestSleepIsDeviceTime: the clock of the device runs on while the computer
// sleeps, and what it says is in the log.
func TestSleepIsDeviceTime(t *testing.T) {
	h := New(Config{Name: "alice", Log: new(event.Log)})
	wall := time.Now()
	h.clock = startClock(wall)
	h.born = h.clock.device
	h.machine = newScript()
	slept := time.Duration(0)
	h.pulse = newPulse(wall, func() time.Duration { return slept })
	// The clocks were an hour closer; and however late this test is, it is not late
	// by the two that the monotonic one went back.
	h.pulse.last = reading{ran: 2 * time.Hour, day: time.Hour}
	slept = time.Hour
	h.notice()
	records := h.log.After(0)
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	if e := records[0].Event.(event.Standstill); e.For.D() != time.Hour || !e.Asleep || records[0].Device < time.Hour {
		t.Errorf("%+v at %s", e, records[0].Device)
	}
	h.pulse.last = reading{ran: 2 * time.Hour, day: time.Hour}
	h.notice()
	if w, ok := h.log.After(1)[0].Event.(event.Warning); !ok || w.Rule != event.RuleClockSet {
		t.Errorf("%+v", w)
	}
}

// TestHeartbeat: a host without a timer looks at the clocks all the same.
func TestHeartbeat(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	script := newScript()
	h := New(Config{Name: "alice", Log: new(event.Log), Machine: script})
	off := make(chan error, 1)
	go func() { off <- h.Run(ctx) }()
	var ahead time.Duration
	err := h.ask(ctx, func(time.Time) error {
		h.ringsFor = alarmTime{}
		now := time.Now()
		h.setAlarm()
		ahead = h.ringsFor.beat.Sub(now)
		return nil
	})
	if err != nil || ahead < heartbeat || ahead > heartbeat+patience {
		t.Errorf("the loop looks in %s: %v", ahead, err)
	}
	err = h.ask(ctx, func(now time.Time) error {
		for wait, moves := range map[time.Duration]bool{brisk / 2: true, time.Hour: false} {
			script.due = now.Add(wait)
			h.deadline.Forget()
			if h.setAlarm(); h.pulse.due.IsZero() == moves {
				t.Errorf("with a timer in %s, the loop looks at the latest at %s", wait, h.pulse.due)
			}
		}
		script.due = time.Time{}
		return nil
	})
	if err != nil {
		t.Error(err)
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
		r.host.pulse.settled = time.Now().Add(time.Hour)
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
	err = r.host.ask(t.Context(), func(time.Time) error { r.host.pulse.settled = time.Now(); return nil })
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
