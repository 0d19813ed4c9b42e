package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// found stands in for whoever diagnoses.
func found(log *event.Log, seq uint64, stamp func(time.Duration) string) (f Finding, ok bool) {
	for r := range log.From(seq - 1) {
		if s, is := r.Event.(event.Step); is && s.Phase.Bad() {
			return Finding{
				Rule: s.Rule, Head: "lost", Moment: seq, Lost: "Bob, 00:00:08: INVITE, 981 B, swallowed at the NAT; what Bob is told is not known yet",
				Why: s.Likely, Mend: "Let the server ping within the NAT's timeout, or keep the interval of the phone below it; next chance 00:10:00",
			}, true
		}
		e, is := r.Event.(event.Loss)
		if !is {
			return f, false
		}
		return Finding{
			Rule: event.RuleHalfOpen, Head: "lost", Moment: e.Moment, Cause: e.Cause, At: r.Device - e.Ago.D(), CauseAt: r.Device - e.Since.D(),
			Lost: fmt.Sprintf("%s, %s: swallowed at the NAT; %s was told %d", e.From, stamp(r.Device-e.Ago.D()), e.From, e.Status),
			Why:  "the NAT forgot us at " + stamp(r.Device-e.Since.D()) + ", 240 s after the last bytes; we ping every 600 s",
			Mend: "something must pass every 240 s at the latest; next chance " + stamp(r.Device+e.Next.D()),
		}, true
	}
	return f, false
}

// lostModel is the screen of a phone that has lost a call.
func lostModel(t *testing.T, w, h int) *model {
	t.Helper()
	m := newModel(t.Context(), still{load(t, "lost"), verbs}, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Explain: explained, Find: found})
	m.resize(w, h)
	m.take()
	m.clock.wall = moment(t, "lost")
	m.clock.set(&m.history.fold, m.run)
	return m
}

// TestLossIsShown: the words that tell of a lost call stand on the screen at every size, and
// nothing that is claimed in vain is called true.
func TestLossIsShown(t *testing.T) {
	for _, size := range []struct{ w, h int }{{200, 60}, {160, 50}, {120, 40}, {100, 30}, {80, 24}, {60, 20}, {40, 10}} {
		m := lostModel(t, size.w, size.h)
		header := strings.SplitN(ansi.Strip(screen(m)), "\n", 2)[0]
		want := []string{"lost", "unreach"}
		if size.w >= middleWidth {
			want = append(want, "○ reg", "alice@lab.test")
		}
		for _, words := range want {
			if !strings.Contains(header, words) {
				t.Errorf("%dx%d: no %q in %q", size.w, size.h, words, header)
			}
		}
		if strings.Contains(header, "●") {
			t.Errorf("%dx%d: %q calls good what is not", size.w, size.h, header)
		}
		if got := ansi.Strip(screen(m)); size.h >= 20 && !strings.Contains(got, "LOST HERE 14:") {
			t.Errorf("%dx%d: no pin\n%s", size.w, size.h, got)
		}
		if press(m, "x"); !strings.Contains(strings.Join(strings.Fields(ansi.Strip(screen(m))), " "), "the NAT forgot us at 14:20:14") {
			t.Errorf("%dx%d: x does not find it\n%s", size.w, size.h, ansi.Strip(screen(m)))
		}
	}
}

// TestCopyFinding: a finding is copied as text, or as Markdown in which nobody's words are
// markup.
func TestCopyFinding(t *testing.T) {
	of := "2026-08-23 14:21:54.227 +0000, sip:alice@lab.test on ios-voip-socket, voip-socket, sleeptalk 1.2.3"
	for k, want := range map[string]string{"y": "lost: Bob, 14:", "Y": "- **lost** Bob, 14:"} {
		m := lostModel(t, 120, 40)
		m.history.fold.Start.Version = "1.2.3"
		press(m, "x")
		cmd := m.press(keyPress(k))
		if cmd == nil {
			t.Fatalf("%s copies nothing", k)
		}
		if got := fmt.Sprint(cmd()); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", k, got)
		}
		if got := fmt.Sprint(cmd()); !strings.Contains(got, of) {
			t.Errorf("%s does not say of what: %q", k, got)
		}
	}
	f := Finding{Head: "lost", Lost: "*Bob* <b> [x](y)"}
	if got := f.text(true, ""); !strings.Contains(got, `\*Bob\* &lt;b> \[x](y)`) {
		t.Errorf("%q", got)
	}
}

// TestLostBeforeNewer: x shows a lost call that nobody has looked at before anything that is
// newer, and then the newest.
func TestLostBeforeNewer(t *testing.T) {
	m := lostModel(t, 120, 40)
	m.phone.Log().Append(event.Record{Phone: "alice", Wall: moment(t, "lost"), Device: m.clock.now, Event: event.Warning{Rule: "wake-race", Note: "newer"}})
	m.take()
	press(m, "x")
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "swallowed at the NAT") {
		t.Errorf("the lost call is not first:\n%s", got)
	}
	press(m, "x", "x")
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "newer") {
		t.Errorf("the newest is not second:\n%s", got)
	}
}

// TestLongLogIsSearchedElsewhere: the screen does not wait for the search of a long log.
func TestLongLogIsSearchedElsewhere(t *testing.T) {
	m := lostModel(t, 120, 40)
	for range maxAtOnce {
		m.phone.Log().Append(event.Record{Phone: "bob", Event: event.Lock{}})
	}
	cmd := m.press(keyPress("x"))
	if strings.Contains(ansi.Strip(screen(m)), "swallowed at the NAT") || cmd == nil {
		t.Fatal("it was searched at once")
	}
	m.Update(cmd())
	if !strings.Contains(ansi.Strip(screen(m)), "swallowed at the NAT") {
		t.Error("what was found is not shown")
	}
}

// TestLossTakenBack: a call that came by another way after all is lost no more.
func TestLossTakenBack(t *testing.T) {
	m := lostModel(t, 120, 40)
	l := m.history.fold.Losses[0].Loss
	l.Phase = event.LossOver
	m.phone.Log().Append(event.Record{Phone: "alice", Wall: moment(t, "lost"), Device: m.clock.now, Event: l})
	m.take()
	if got := ansi.Strip(screen(m)); strings.Contains(got, "LOST") || strings.Contains(got, "1 call lost") {
		t.Errorf("it is still there:\n%s", got)
	}
	if why := noneLost(m.situation("")); why == "" {
		t.Error("n leads somewhere")
	}
	for _, a := range m.layers.explain.list {
		if _, lost := a.event.(event.Loss); lost {
			t.Error("x finds it still")
		}
	}
}
