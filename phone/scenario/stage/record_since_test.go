package stage

import (
	"testing"

	"sleeptalk/phone/event"
	"sleeptalk/phone/scenario"
)

// TestRecordSince begins to record the program's own scenarios before each of
// their verbs, and plays what comes out: a fresh phone gets to where the old
// one was, and does the same.
func TestRecordSince(t *testing.T) {
	for _, name := range []string{"reachable-asleep", "keepalive", "cancel-while-asleep", "audio-across-background"} {
		t.Run(name, func(t *testing.T) {
			_, log := play(t, builtin(t, name), 1)
			for _, rec := range log.After(0) {
				if _, verb := rec.Event.(event.Verb); !verb {
					continue
				}
				src := scenario.RecordSince(log, rec.Seq-1)
				f, err := scenario.ParseFile("recorded.talk", src, nil)
				if err != nil {
					t.Fatalf("%v\n%s", err, src)
				}
				if r, log := play(t, f, 2); r.Verdict() != scenario.Passed {
					t.Logf("before %s\n%s", event.Line(rec), src)
					explain(t, r, log)
				}
			}
		})
	}
}
