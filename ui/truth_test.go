package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// told is a log in which things happen at device times, and as long after the start by the
// wall.
type told struct {
	log  *event.Log
	wall time.Time
}

func (l *told) at(device, wall time.Duration, events ...event.Event) {
	for _, e := range events {
		l.log.Append(event.Record{Phone: "alice", Device: device, Wall: l.wall.Add(wall), Event: e})
	}
}

func newTold() *told {
	l := &told{new(event.Log), time.Date(2026, 8, 23, 14, 0, 0, 0, time.UTC)}
	l.at(0, 0, event.Start{AOR: "sip:alice@lab.test", Profile: "ios-voip-socket", Window: event.Seconds(10 * time.Second)})
	return l
}

func (l *told) screen(w, h int, wall time.Duration) string {
	return ansi.Strip(RenderFrame(l.log, Frame{Width: w, Height: h, Theme: "mono", Wall: l.wall.Add(wall), Verbs: verbs}))
}

// TestTheClocksDistanceIsShown: a device clock that is not that on the wall says by how much,
// whether it runs faster now or did so once.
func TestTheClocksDistanceIsShown(t *testing.T) {
	l := newTold()
	has := func(want string, yes bool, wall time.Duration) {
		t.Helper()
		for _, w := range []int{200, 120, 80, 60, 40} {
			first, _, _ := strings.Cut(l.screen(w, 24, wall), "\n")
			if strings.Contains(first, want) != yes {
				t.Errorf("%q is to be there: %t, in %q", want, yes, first)
			}
		}
	}
	l.at(time.Second, time.Second, event.Lock{On: true})
	has("+", false, 2*time.Second)
	l.at(2*time.Second, 2*time.Second, event.ClockRate{Rate: 60})
	has("+00:59", true, 3*time.Second) // by the next second
	l.at(602*time.Second, 12*time.Second, event.ClockRate{Rate: 1})
	has("+09:50", true, 12*time.Second)
	has("+09:50", true, time.Hour)
}

// TestAStandstillIsShown: for a minute the first line says since when this program or its
// computer stood still, and for how long, at every size; a short one does not hide it.
func TestAStandstillIsShown(t *testing.T) {
	l := newTold()
	first := func(w, h int, wall time.Duration) string {
		line, _, _ := strings.Cut(l.screen(w, h, wall), "\n")
		return line
	}
	has := func(want string, wall time.Duration) {
		t.Helper()
		for w, h := range map[int]int{200: 60, 120: 40, 80: 24, 60: 20, 40: 10} {
			short, _, _ := strings.Cut(want, " from ")
			if w >= 80 {
				short = want
			}
			if got := first(w, h, wall); !strings.Contains(got, short) {
				t.Errorf("%dx%d at %s: no %q in %q", w, h, wall, short, got)
			}
		}
	}
	for _, want := range []string{"stood", "slept"} {
		if got := first(120, 40, time.Second); strings.Contains(got, want) {
			t.Errorf("%q before anything stood still: %q", want, got)
		}
	}
	stood := func(at, d time.Duration, asleep bool) {
		l.at(at, at, event.Standstill{For: event.Seconds(d), Asleep: asleep})
	}
	stood(32*time.Second, 12*time.Second, false)
	has("stood still 12.0 s from 14:00:20", 32*time.Second)
	stood(40*time.Second, 300*time.Millisecond, false)
	has("stood still 12.0 s from 14:00:20", 91*time.Second)
	if got := first(120, 40, 93*time.Second); strings.Contains(got, "stood") {
		t.Errorf("a minute later: %q", got)
	}
	stood(200*time.Second, 300*time.Millisecond, false)
	has("stood still 300 ms from 14:03:19", 200*time.Second)
	stood(400*time.Second, 180*time.Second, true)
	has("slept 03:00 from 14:03:40", 400*time.Second)
	stood(405*time.Second, 200*time.Second, true)
	has("slept 03:20 from 14:03:25", 405*time.Second)
}

// TestWhoCanCall: an address is only said to be one that others may call while it is
// registered; until the next try, it says how long that is.
func TestWhoCanCall(t *testing.T) {
	l := newTold()
	reg := event.Registration{Phase: event.RegistrationActive, Expires: event.Seconds(time.Hour)}
	l.at(time.Second, time.Second, event.State{To: event.Foreground}, reg)
	if got := l.screen(120, 40, time.Second); !strings.Contains(got, "d dials; another phone may call alice@lab.test") {
		t.Errorf("registered:\n%s", got)
	}
	l.at(2*time.Second, 2*time.Second, event.Registration{Phase: event.RegistrationLost, Reason: "the flow failed"}, event.Recovery{Wait: event.Seconds(30 * time.Second)})
	for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}} {
		got := l.screen(size.w, size.h, 10*time.Second)
		for _, want := range []string{"not registered: nobody can call it", "● not reg", "retry 00:22"} {
			if !strings.Contains(got, want) {
				t.Errorf("%dx%d: no %q in\n%s", size.w, size.h, want, got)
			}
		}
		if strings.Contains(got, "may call") {
			t.Errorf("somebody may call:\n%s", got)
		}
	}
	if got := l.screen(120, 40, time.Minute); strings.Contains(got, "retry") {
		t.Errorf("the time of the next try has passed:\n%s", got)
	}
}

// TestAWakeBeyondItsWindow: what runs on by a task is not set against the window, and is in the
// sum.
func TestAWakeBeyondItsWindow(t *testing.T) {
	l := newTold()
	window := event.Seconds(10 * time.Second)
	l.at(time.Minute, time.Minute, event.State{To: event.Suspended})
	l.at(2*time.Minute, 2*time.Minute, event.Wake{N: 1, Cause: event.ByKeepalive, Window: window}, event.State{From: event.Suspended, To: event.Awake, Left: window})
	l.at(2*time.Minute+94*time.Microsecond, 2*time.Minute, event.State{From: event.Awake, To: event.Task})
	l.at(2*time.Minute+39*time.Second, 2*time.Minute+39*time.Second, event.WakeEnd{N: 1, Ran: event.Seconds(39 * time.Second)}, event.State{From: event.Task, To: event.Suspended})
	got := l.screen(120, 40, 3*time.Minute)
	if !strings.Contains(got, "39 s  task") || !strings.Contains(got, "woken for 39 s of 03:00") {
		t.Errorf("of a wake that ran 39 s by a task:\n%s", got)
	}
}
