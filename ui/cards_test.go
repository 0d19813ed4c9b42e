package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// has reports what is on the screen, and what must not be.
func has(t *testing.T, m *model, what string, want, not []string) {
	t.Helper()
	got := ansi.Strip(screen(m))
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s: no %q on the screen:\n%s", what, w, got)
		}
	}
	for _, w := range not {
		if strings.Contains(got, w) {
			t.Errorf("%s: %q is on the screen:\n%s", what, w, got)
		}
	}
}

// TestCallWaitingCard: a second call is seen on the phone, with until when it may ring, if its
// caller has said so.
func TestCallWaitingCard(t *testing.T) {
	m, p := newTestModel(t, "call")
	has(t, m, "one call", []string{"wakes 4"}, []string{"CALL WAITING", "may ring"})
	e := second(event.CallIncoming)
	e.Rings = event.Seconds(time.Minute)
	happens(m, p, e)
	m.Update(tickMsg{m.clock.real.Add(4 * time.Second)})
	has(t, m, "it waits", []string{"◆ CALL WAITING", "00:04 of 01:00", "waiting 00:04 of 01:00", "Carol may ring 60 s", "00:56", "c e decline"}, []string{"wakes 4  late"})
	press(m, "c")
	has(t, m, "the bar is on it", []string{"◆ CALL WAITING"}, []string{"c e decline"})
	happens(m, p, second(event.CallAnswered), second(event.CallUp))
	has(t, m, "it is answered", []string{"wakes 4  late"}, []string{"CALL WAITING", "may ring"})

	m, p = newTestModel(t, "call")
	happens(m, p, second(event.CallIncoming))
	has(t, m, "for as long as it likes", []string{"◆ CALL WAITING", "wakes 4  late"}, []string{"may ring", "00:00 of"})
}

// TestTouchToReturn: in a call that goes on in the background, the phone says so.
func TestTouchToReturn(t *testing.T) {
	for _, w := range []int{120, 80} {
		m, p := newTestModel(t, "call")
		m.resize(w, map[int]int{120: 40, 80: 24}[w])
		has(t, m, "in the foreground", nil, []string{"touch to return"})
		sees(m, p, event.State{From: event.Foreground, To: event.InCall, Why: "a call"})
		has(t, m, "in the background", []string{"00:37 touch to return"}, nil)
		sees(m, p, event.State{From: event.InCall, To: event.Suspended, Why: "nothing keeps the app running"})
		has(t, m, "and suspended", []string{"NO AUDIO touch to return"}, []string{"00:38 touch"})
		sees(m, p, event.State{From: event.Suspended, To: event.InCall, Why: "a call"})
		happens(m, p, event.Call{ID: 2, Phase: event.CallEnded, By: "us"}, second(event.CallIncoming))
		has(t, m, "after the call, as another rings", nil, []string{"touch to return"})
	}
}

// TestNoBannerCard: of a call that was lost before it rang the user knows nothing, and the
// phone has a card for what is not there; not of one that may still come, that was lost after
// the answer, or of which a notification tells.
func TestNoBannerCard(t *testing.T) {
	loss := event.Loss{Phase: event.LossCertain, Where: event.AtLink, From: "Dave", CallID: "lost@x", Ago: event.Seconds(10 * time.Second), After: event.Seconds(8 * time.Second), Status: 480}
	for what, c := range map[string]struct {
		change func(*event.Loss)
		told   bool
		card   bool
	}{
		"lost on the way":   {func(*event.Loss) {}, false, true},
		"lost in the app":   {func(l *event.Loss) { l.Where = event.AtApp }, false, true},
		"after the answer":  {func(l *event.Loss) { l.Where = event.AtAnswer }, false, false},
		"not sure":          {func(l *event.Loss) { l.Phase = event.LossLikely }, false, false},
		"it came after all": {func(l *event.Loss) { l.Phase = event.LossOver }, false, false},
		"the user is told":  {func(*event.Loss) {}, true, false},
	} {
		m, p := newTestModel(t, "suspended")
		one := loss
		c.change(&one)
		if c.told {
			sees(m, p, event.Notification{ID: 9, Phase: event.NotificationPosted, Title: "Dave", Shown: true}, event.Notification{ID: 9, Phase: event.NotificationMissed, Title: "Dave", Shown: true})
		}
		sees(m, p, one)
		if f := &m.history.fold; len(f.Losses) > 0 && m.scene().unknown(&f.Losses[0]) != c.card {
			t.Errorf("%s: the user knows nothing of it: %t", what, !c.card)
		}
		want := []string{"┊ ◆ no banner", "Dave called for 8 s", "the user knows of nothing"}
		if c.card {
			has(t, m, what, want, nil)
		} else {
			has(t, m, what, nil, want)
		}
	}
}

// TestHistoryOfSound: each call that is over has its own numbers, and nobody is said to have
// been heard of whom that is not known.
func TestHistoryOfSound(t *testing.T) {
	good := event.RTP{Sent: 500, Received: 500, LossPct: 0.2, Jitter: event.Millis(2100 * time.Microsecond), MOS: 4.4, FarOf: 480, FarLost: 2}
	for want, change := range map[string]func(*event.RTP){
		"heard both ways  lost 0.2 % MOS 4.4 jitter 2.1 ms": func(*event.RTP) {},
		"heard by us":                func(r *event.RTP) { r.FarOf, r.FarLost = 0, 0 },
		"ONE-WAY: we heard nothing":  func(r *event.RTP) { r.DeadIn, r.MOS = event.Seconds(time.Second), 0 },
		"ONE-WAY: we were not heard": func(r *event.RTP) { r.DeadOut = event.Seconds(time.Second) },
		"NO AUDIO at the end":        func(r *event.RTP) { r.DeadIn, r.DeadOut = event.Seconds(time.Second), event.Seconds(time.Second) },
		"nothing came":               func(r *event.RTP) { r.Received = 0 },
	} {
		m, p := newTestModel(t, "registered")
		one := good
		change(&one)
		one.Call = 3
		other := good
		other.Call, other.LossPct, other.DeadIn = 4, 77.7, event.Seconds(time.Second)
		up := second(event.CallUp)
		happens(m, p, second(event.CallIncoming), up)
		sees(m, p, one)
		happens(m, p, event.Call{ID: 3, Phase: event.CallEnded, By: "us"}, event.Call{ID: 4, Phase: event.CallIncoming, Name: "Eve"}, event.Call{ID: 4, Phase: event.CallUp})
		sees(m, p, other)
		happens(m, p, event.Call{ID: 4, Phase: event.CallEnded, By: "us"})
		for line := range strings.Lines(ansi.Strip(screen(m))) {
			if carol := strings.Contains(line, "◀ Carol"); carol && (!strings.Contains(line, want) || strings.Contains(line, "77.7")) {
				t.Errorf("want %q: %s", want, line)
			} else if strings.Contains(line, "◀ Eve") && !strings.Contains(line, "we heard nothing  lost 77.7 %") {
				t.Errorf("of the other: %s", line)
			}
		}
		has(t, m, want, []string{"◀ Carol", "◀ Eve"}, nil)
	}
}

// TestRunKeysOfCalls: in a watched run, the keys that answer and end a call say why they do
// not; none of them does something else.
func TestRunKeysOfCalls(t *testing.T) {
	m, _ := newTestRun(t, failedRun(t))
	m.layers.explain.rule = explained
	for _, k := range []string{"a", "e"} {
		press(m, k)
		if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "the scenario drives this phone") {
			t.Errorf("%s says %q", k, got)
		}
	}
	for _, keys := range [][2]string{{"o", "report"}, {"w", "nothing has gone wrong yet"}} {
		press(m, keys[0])
		if got := lastLine(ansi.Strip(screen(m))); strings.Contains(got, keys[1]) != (keys[0] == "w") {
			t.Errorf("%s says %q", keys[0], got)
		}
	}
}
