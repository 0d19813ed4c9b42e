package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// TestCount: each verdict is counted for what it is, and of invariants those
// that did not hold, or could not be told.
func TestCount(t *testing.T) {
	verdict := func(v play.Verdict, tries int) play.CaseResult { return play.CaseResult{Verdict: v, Tries: tries} }
	r := &play.Result{Wall: time.Second, Device: time.Minute, Cases: []play.CaseResult{
		verdict(play.Passed, 1), verdict(play.Passed, 2), verdict(play.Passed, 1), verdict(play.Failed, 2), verdict(play.Failed, 1),
		verdict(play.Errored, 1), verdict(play.Skipped, 1),
	}, Invariants: []play.InvariantResult{{Verdict: play.Passed}, {Verdict: play.Failed}, {Verdict: play.Errored}, {Verdict: play.Skipped}}}
	want := counts{tests: 14, passed: 6, failed: 4, errored: 2, skipped: 2, flaky: 2, violated: 4, wall: 2 * time.Second, device: 2 * time.Minute}
	if got := count([]*play.Result{r, r}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// TestAnnotatedInvariants: GitHub shows those that were violated, and those
// that could not be told.
func TestAnnotatedInvariants(t *testing.T) {
	for verdict, want := range map[play.Verdict]string{
		play.Passed: "", play.Skipped: "",
		play.Failed:  "::error file=a.talk,line=3,title=never killed::violated at 01:05.00; killed\n",
		play.Errored: "::error file=a.talk,line=3,title=never killed::violated at 01:05.00; killed\n",
	} {
		r := &play.Result{File: "a.talk", Invariants: []play.InvariantResult{{Line: 3, Text: "never killed", Verdict: verdict, At: 65 * time.Second, Detail: "killed"}}}
		got := string(written(t, func(w io.Writer) error { return Annotations(w, []*play.Result{r}) }))
		if got != want {
			t.Errorf("%s: %q, want %q", verdict, got, want)
		}
	}
	f := &play.Failure{File: "a.talk", Line: 4, Message: "no wake"}
	r := &play.Result{File: "a.talk", Cases: []play.CaseResult{{Name: "one", Failure: f}}}
	if got := string(written(t, func(w io.Writer) error { return Annotations(w, []*play.Result{r}) })); strings.Contains(got, "likely") {
		t.Errorf("no cause is likely: %q", got)
	}
}

// TestNumbers: the tiles of the page say what the fold has counted.
func TestNumbers(t *testing.T) {
	wake := func(cause event.WakeCause, latency, ran time.Duration, timed bool) event.WakeRow {
		return event.WakeRow{Cause: cause, Latency: latency, Timed: timed, Ran: ran, Over: true}
	}
	f := &event.Fold{
		Counts: event.Counts{Wakes: 5, Late: 2, Unexplained: 3, Errors: 4}, Online: event.Online{Socket: event.ControlSocket{Losses: 6}}, Messages: 7,
		Keepalive:  event.KeepaliveTimer{Ticks: 8, Ponged: true, RTT: 9 * time.Millisecond},
		CallSounds: event.CallSounds{Sounds: []event.Sound{{Counted: true, RTP: event.RTP{Sent: 10, Received: 11, Lost: 12, LossPct: 13.14, Jitter: event.Millis(1500 * time.Microsecond), JitterMax: event.Millis(16 * time.Millisecond), MOS: 4.26}}}},
		Wakes: []event.WakeRow{
			wake(event.BySocket, 30*time.Millisecond, time.Second, true), wake(event.BySocket, 10*time.Millisecond, 3*time.Second, true),
			wake(event.BySocket, 20*time.Millisecond, 2*time.Second, true), wake(event.BySocket, 0, time.Second, false),
			wake(event.ByPush, time.Minute, time.Second, true),
		},
	}
	want := map[string]string{
		"wakes": "5 (4 by socket, 1 by push)", "late or unexplained": "2 and 3", "longest wake": "3.0 s",
		"wake to first read": "median 20 ms, most 30 ms", "socket losses": "6", "SIP messages": "7", "errors": "4",
		"keepalives": "8, last pong after 9 ms", "RTP of the last call": "sent 10, received 11, lost 12 (13.1 %)",
		"jitter": "1.5 ms, most 16.0 ms", "quality (estimate)": "MOS 4.3", "awake in the background": "none of 01:01:05",
	}
	got := numbers(&play.Result{Device: time.Hour + 65*time.Second}, f)
	if len(got) != len(want) {
		t.Errorf("%d tiles, want %d", len(got), len(want))
	}
	for _, tile := range got {
		if tile.Value != want[tile.Name] {
			t.Errorf("%s: %q, want %q", tile.Name, tile.Value, want[tile.Name])
		}
		if bad := strings.Contains("late or unexplained, socket losses, errors", tile.Name); (tile.Kind != "") != bad {
			t.Errorf("%s is marked %q", tile.Name, tile.Kind)
		}
	}
	quiet := numbers(&play.Result{}, &event.Fold{Keepalive: event.KeepaliveTimer{Ticks: 1}})
	for _, tile := range quiet {
		if tile.Kind != "" || tile.Name == "keepalives" || tile.Name == "jitter" || tile.Name == "wake to first read" {
			t.Errorf("nothing happened, and %s is %q", tile.Name, tile.Value)
		}
	}
	for late, counts := range map[string]event.Counts{"late": {Late: 1}, "unexplained": {Unexplained: 1}, "both": {Late: 1, Unexplained: 1}} {
		if tile := numbers(&play.Result{}, &event.Fold{Counts: counts})[1]; tile.Kind == "" {
			t.Errorf("%s: %q is not marked", late, tile.Value)
		}
	}
}

// TestWakesOfThePage: a hundred wakes are listed, and how many more there are.
func TestWakesOfThePage(t *testing.T) {
	f := &event.Fold{}
	for i := range 101 {
		f.Wakes = append(f.Wakes, event.WakeRow{N: i + 1, Over: true})
	}
	f.Counts.Wakes = 101
	if list, left := wakesOf(f); len(list) != 100 || left != 1 || list[0].Of != "" || list[0].Latency != "" || list[0].What != "" {
		t.Errorf("%d wakes, %d more, the first %+v", len(list), left, list[0])
	}
	f = &event.Fold{Counts: event.Counts{Wakes: 1}, Wakes: []event.WakeRow{{
		N: 1, What: "INVITE", Bytes: 812, From: "bob", Timed: true, Latency: 38 * time.Millisecond, Window: 10 * time.Second, Ran: 2 * time.Second, Over: true, Suspended: time.Minute,
	}}}
	list, left := wakesOf(f)
	if w := list[0]; left != 0 || w.What != "INVITE, 812 B from bob" || w.Latency != "38 ms" || w.Of != event.Round(10*time.Second) || w.Ran != event.Round(2*time.Second) || w.Slept != event.Round(time.Minute) {
		t.Errorf("%+v, %d more", w, left)
	}
}

// TestTraceTimes: times are in microseconds, and an instant is where it was.
func TestTraceTimes(t *testing.T) {
	var written bytes.Buffer
	tr := &tracer{w: &written}
	tr.phone(&picture.Timeline{Phone: "alice", Sound: []picture.SoundCell{{At: 1500 * time.Microsecond, Mic: -10, Ear: -20}}})
	tr.instant(2*time.Second, "wake", "")
	var events []traceEvent
	if err := json.Unmarshal([]byte("["+written.String()+"]"), &events); err != nil || tr.err != nil || len(events) < 3 {
		t.Fatal(len(events), err, tr.err)
	}
	level, last := events[len(events)-2], events[len(events)-1]
	if level.Phase != "C" || level.Time != 1500 || level.Args["mic"] != -10.0 || level.Args["ear"] != -20.0 {
		t.Errorf("levels: %+v", level)
	}
	if last.Phase != "i" || last.Time != 2e6 || last.PID != 1 {
		t.Errorf("an instant: %+v", last)
	}
}
