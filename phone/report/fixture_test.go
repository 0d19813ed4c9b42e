package report

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := (keep.File{Name: path, Force: true}).Write(writes(got)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Errorf("%s is different from what is written now; look at the difference after go test ./phone/report -update", path)
	}
}

// recording reads a log that was recorded of the demo.
func recording(t testing.TB, name string) *event.Log {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := event.ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func sec(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func ok(line int, text string, waited, at float64) play.StepResult {
	return play.StepResult{Line: line, Text: text, Verdict: play.Passed, Waited: sec(waited), At: sec(at)}
}

// asleep returns the cases that both runs have in common: they end with the app
// suspended.
func asleep() []play.CaseResult {
	return []play.CaseResult{
		{
			Name: "setup", Line: 1, Verdict: play.Passed, Tries: 1, To: sec(0.000654),
			Wall: sec(0.0007), Device: sec(0.000654), FirstSeq: 1, LastSeq: 28,
			Steps: []play.StepResult{ok(7, "register", 0, 0), ok(8, "expect registered within 3s", 0.00065, 0.000654)},
		},
		{
			Name: "suspend", Line: 9, Verdict: play.Passed, Tries: 1, From: sec(0.000654), To: sec(10.002148),
			Wall: sec(10.0015), Device: sec(10.0015), FirstSeq: 29, LastSeq: 35,
			Steps: []play.StepResult{
				ok(10, "background", 0, 0.0007), ok(11, "expect state suspended within 15s", 10.0014, 10.002148),
				ok(12, "expect socket open", 0, 10.002148),
			},
		},
		{
			Name: "keepalive", Line: 14, Verdict: play.Passed, Tries: 2, From: sec(10.002148), To: sec(559.373776),
			Wall: sec(9.36), Device: sec(549.371628), FirstSeq: 36, LastSeq: 49,
			Steps: []play.StepResult{
				ok(15, "expect wake by keepalive within 600s", 549.164313, 559.173273),
				ok(16, "expect pong within 1s", 0.00009, 559.173375), ok(17, "expect suspended again within 10s", 0.2, 559.373776),
			},
		},
	}
}

// passing returns a run that passed.
func passing(t testing.TB) (*play.Result, *event.Log) {
	r := &play.Result{
		File: "wake.talk", Phone: "sip:alice@lab.test", Started: time.Date(2026, 11, 23, 8, 26, 15, 694914000, time.UTC),
		Wall: sec(28.25), Device: sec(568.26), Warped: true,
		Cases: append(asleep(),
			play.CaseResult{
				Name: "a call wakes it", Line: 19, Verdict: play.Passed, Tries: 1, From: sec(559.373776), To: sec(563.383),
				Wall: sec(4.009), Device: sec(4.009), FirstSeq: 50, LastSeq: 80,
				Steps: []play.StepResult{
					ok(20, "bob: call alice", 0, 561.375), ok(21, "expect wake by INVITE within 2s", 0.000333, 561.375925),
					ok(22, `expect notification from "Bob" within 500ms`, 0, 561.375932), ok(24, "answer from notification", 2, 563.377),
					ok(25, "expect call up within 2s and state foreground", 0.005838, 563.382995),
				},
			},
			play.CaseResult{
				Name: "audio both ways", Line: 27, Verdict: play.Passed, Tries: 1, From: sec(563.383), To: sec(568.26),
				Wall: sec(4.88), Device: sec(4.88), FirstSeq: 81, LastSeq: 159,
				Steps: []play.StepResult{
					ok(28, "expect heard sample en-hello within 6s", 4.875, 568.258272), ok(33, "hang up", 0, 568.2583),
					ok(34, "expect call ended by us within 1s", 0, 568.258431),
				},
			}),
		Invariants: invariants("longest 0.20 s"),
	}
	return r, recording(t, "passing.jsonl")
}

func invariants(longest string) []play.InvariantResult {
	return []play.InvariantResult{
		{Line: 5, Text: "never wake without cause", Verdict: play.Passed},
		{Line: 6, Text: "never stay awake > 10s", Verdict: play.Passed, Detail: longest},
	}
}

// broken returns the same run with a server that does not route the call.
func broken(t testing.TB) (*play.Result, *event.Log) {
	skipped := func(name string, line int) play.CaseResult {
		return play.CaseResult{Name: name, Line: line, Verdict: play.Skipped, Steps: []play.StepResult{
			{Line: line + 1, Text: "background", Verdict: play.Skipped},
		}}
	}
	r := &play.Result{
		File: "wake.talk", Phone: "sip:alice@lab.test", Started: time.Date(2026, 11, 23, 8, 26, 15, 694914000, time.UTC),
		Wall: sec(23.37), Device: sec(563.376), Warped: true,
		Cases: append(asleep(), play.CaseResult{
			Name: "a call wakes it", Line: 19, Verdict: play.Failed, Tries: 1, From: sec(559.373776), To: sec(563.376),
			Wall: sec(4.003), Device: sec(4.002224), FirstSeq: 50, LastSeq: 54,
			Steps: []play.StepResult{
				ok(20, "bob: call alice", 0, 561.376),
				{Line: 21, Text: "expect wake by INVITE within 2s", Verdict: play.Failed, Waited: 2 * time.Second, At: sec(563.376)},
				{Line: 22, Text: `expect notification from "Bob" within 500ms`, Verdict: play.Skipped},
			},
			Failure: &play.Failure{
				File: "wake.talk", Line: 21, Col: 13, Width: 9, Kind: "expect.wake", Passed: 2 * time.Second, Message: "no wake by INVITE within 2 s",
				Source: []play.SourceLine{{Line: 20, Text: "bob: call alice"}, {Line: 21, Text: "expect wake by INVITE within 2s"}},
				Facts: []diagnose.Fact{
					{Subject: "bob", Text: "INVITE sent at 09:21.37, 100 Trying from the proxy at +0.00 s"},
					{Subject: "socket", Text: "open since 00:00.00, last bytes 09:19.17 (pong)"},
					{Subject: "wake", Text: "none; the next is keepalive, in 593 s"},
				},
				Rule: "not-routed", Likely: "the proxy did not route the call to our contact 127.0.0.1:39902",
			},
		}, skipped("audio both ways", 27), skipped("NAT mapping dropped", 36), skipped("wi-fi to cellular", 42), skipped("server closes the socket", 47)),
		Invariants: invariants("longest 0.20 s"),
	}
	return r, recording(t, "failing.jsonl")
}

// scratch returns a folder for a test's files; with REPORT_DIR set, one that is
// kept.
func scratch(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("REPORT_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	return filepath.Join(dir, name)
}

// written returns what a function writes.
func written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "written")
	if err := (keep.File{Name: name, Force: true}).Write(write); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
