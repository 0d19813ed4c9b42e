package diagnose

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestFindingOfAStep: of a line that failed the finding is the call that its test case has lost,
// and no other's; else what the run knew.
func TestFindingOfAStep(t *testing.T) {
	log := new(event.Log)
	at := time.Duration(0)
	add := func(e event.Event) uint64 {
		at += time.Second
		return log.Append(event.Record{Phone: "alice", Wall: time.Unix(0, 0).Add(at), Device: at, Event: e}).Seq
	}
	step := func(c string, p event.StepPhase) event.Step {
		return event.Step{Phase: p, Line: 9, Name: "expect wake", Case: c, Detail: "no wake within 2 s", Likely: "the server was silent"}
	}
	lost := event.Loss{Phase: event.LossCertain, From: "Bob", CallID: "a", Where: event.AtServer, Status: 408}
	add(event.Start{})
	add(step("one", event.StepBegun))
	add(lost)
	first := add(step("one", event.StepFailed))
	add(step("two", event.StepBegun))
	second := add(step("two", event.StepFailed))
	add(step("three", event.StepBegun))
	lost.CallID, lost.Phase = "b", event.LossLikely
	add(lost)
	lost.Phase = event.LossOver
	add(lost)
	third := add(step("three", event.StepErrored))
	passed := add(step("three", event.StepPassed))
	for seq, want := range map[uint64]string{
		first: "Bob, ", second: "line 9, expect wake: no wake within 2 s", third: "line 9, expect wake: no wake within 2 s",
	} {
		f, ok := FindingOf(log, seq, event.Stamp)
		if !ok || f.Seq != seq || !strings.HasPrefix(f.Lost, want) || f.Loss != (want == "Bob, ") || f.Why == "" || f.Mend == "" {
			t.Errorf("record %d: %v %+v, want %q", seq, ok, f, want)
		}
	}
	if f, ok := FindingOf(log, passed, event.Stamp); ok {
		t.Errorf("a line that passed has the finding %+v", f)
	}
}
