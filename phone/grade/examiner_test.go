package grade

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

func TestNobodyRegisters(t *testing.T) {
	report := newRig(t, Config{}).run()
	if report.Count(Untold) != len(checks) || len(report.Marks) != len(checks) {
		t.Errorf("%s\n%s", Totals(report), lines(report))
	}
}

func TestWrongPassword(t *testing.T) {
	r := newRig(t, Config{Only: []string{"register"}})
	if err := r.do("password alice other"); err != nil {
		t.Fatal(err)
	}
	r.clumsy(false)
	if m := r.run().Marks[0]; m.Verdict != Fail || !strings.Contains(m.Why, "403") {
		t.Errorf("%+v, want a refusal", m)
	}
}

// TestUnknownService registers for an unknown push service: the lab refuses it,
// and the report says why.
func TestUnknownService(t *testing.T) {
	r := newRig(t, Config{Skip: []string{"digest"}})
	r.clumsy(false, "android")
	if got := verdicts(r.run(), Fail); !slices.Equal(got, []string{"register", "push-params"}) {
		t.Errorf("it fails %q", got)
	}
}

// TestSilentAudio loses the phone's audio.
func TestSilentAudio(t *testing.T) {
	r := newRig(t, Config{Only: []string{"media"}})
	r.handset("desktop", nil)
	if err := r.do("misbehave deaf"); err != nil {
		t.Fatal(err)
	}
	if m := r.run().Marks[1]; m.Verdict != Fail {
		t.Errorf("%+v, want a failure", m)
	}
}

func TestChosenChecks(t *testing.T) {
	for _, c := range []struct {
		only, skip []string
		want       string
	}{
		{only: []string{"options", "cut"}, want: "register options cut"},
		{only: []string{"options", "cut"}, skip: []string{"cut"}, want: "register options"},
		{only: []string{"option"}, want: `no check "option"; did you mean options?`},
		{skip: []string{"everything"}, want: `no check "everything"; there are register, expires`},
	} {
		e, err := New(Config{Only: c.only, Skip: c.skip})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			var ids []string
			for _, check := range e.todo {
				ids = append(ids, check.ID)
			}
			got = strings.Join(ids, " ")
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("only %q, skip %q: %q, want %q", c.only, c.skip, got, c.want)
		}
	}
}

// TestStopped stops an examination early: the report has every check.
func TestStopped(t *testing.T) {
	r := newRig(t, Config{})
	r.handset("desktop", nil)
	r.carryOut(r.exam.Start(0))
	r.w.RunUntil(time.Second)
	r.feed()
	r.carryOut(r.exam.Stop(r.w.Elapsed(), "somebody left"))
	report := r.exam.Report()
	if !r.exam.Done() || len(report.Marks) != len(checks) || report.Count(Pass) == 0 {
		t.Errorf("%s", lines(report))
	}
	if last := report.Marks[len(report.Marks)-1]; last.Verdict != Untold || last.Why != "not reached: somebody left" {
		t.Errorf("%+v", last)
	}
}

func TestRefused(t *testing.T) {
	e, err := New(Config{User: "alice", Patience: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	e.Start(0)
	e.Refused(0, Ask{"behave", true, "register"}, errors.New("no"))
	if len(e.report.Marks) > 0 {
		t.Error("an optional request that was refused has decided something")
	}
	e.Refused(0, Ask{Line: "ping alice", check: "stall"}, errors.New("no"))
	if len(e.report.Marks) > 0 {
		t.Error("a request of another check that was refused has decided this one")
	}
	e.Refused(0, Ask{Line: "ping alice", check: "register"}, errors.New("not registered"))
	if m := e.report.Marks[0]; m.Verdict != Untold || !strings.Contains(m.Why, `"ping alice": not registered`) {
		t.Errorf("%+v", m)
	}
}

// TestResult converts a report into a result.
func TestResult(t *testing.T) {
	r := newRig(t, Config{Only: []string{"instance", "options", "push"}})
	r.clumsy(false, "no instance")
	report := r.run()
	res := report.Result(time.Unix(0, 0))
	var got []play.Verdict
	for _, c := range res.Cases {
		got = append(got, c.Verdict)
	}
	if want := []play.Verdict{play.Passed, play.Failed, play.Passed, play.Skipped}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	f := res.Cases[1].Failure
	if f.Again != "sleeptalk grade --only instance" || f.Facts[1].Text != "RFC 5626 §4.1" {
		t.Errorf("%+v", f)
	}
	if c := res.Cases[3]; !strings.Contains(c.Why, "no push service") {
		t.Errorf("%+v", c)
	}
	if c := res.Cases[2]; c.FirstSeq == 0 || c.LastSeq < c.FirstSeq {
		t.Errorf("records %d to %d", c.FirstSeq, c.LastSeq)
	}
}

func TestCardJSON(t *testing.T) {
	r := newRig(t, Config{Only: []string{"options"}})
	r.clumsy(false)
	report := r.run()
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var again Report
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if lines(again) != lines(report) {
		t.Errorf("%s\nwant %s", lines(again), lines(report))
	}
}

// TestTable checks that each row of the table is complete.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range checks {
		if c.ID == "" || c.Title == "" || c.Rule == "" || c.Source == "" || c.script == nil || c.judge == nil || seen[c.ID] {
			t.Errorf("%q is incomplete, or there twice", c.ID)
		}
		seen[c.ID] = true
	}
}
