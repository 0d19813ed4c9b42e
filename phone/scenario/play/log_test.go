package play

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestTheLogHasTheSteps: what is played, how long each line may take, and what came of it can be
// read from the log alone.
func TestTheLogHasTheSteps(t *testing.T) {
	b := &busy{log: new(event.Log), n: 2}
	b.played(t, `never wake without cause
background
== it is called
wait 3s
expect received OPTIONS within 5s
expect wake by INVITE within 2s
lock
== it needs the case before
lock
`)
	var got []string
	for r := range b.log.From(0) {
		switch e := r.Event.(type) {
		case event.Scenario:
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Phase, e.File, e.Verdict)))
		case event.Step:
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s [%s] %v", e.Line, e.Phase, e.Detail, e.Case, e.Limit)))
		}
		if r.Phone != "alice" {
			t.Errorf("%+v is written down as somebody else's", r)
		}
	}
	want := `begun x.talk
3 begun  [] 0 µs
3 passed  [] 0 µs
5 begun  [it is called] 3.0 s
5 passed  [it is called] 3.0 s
6 begun  [it is called] 5.0 s
6 passed  [it is called] 5.0 s
7 begun  [it is called] 2.0 s
7 failed no wake by INVITE within 2 s [it is called] 2.0 s
8 skipped  [it is called] 0 µs
10 skipped  [it needs the case before] 0 µs
2 passed  [] 0 µs
ended x.talk failed`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("the log has\n%s\nwant\n%s", text, want)
	}
}
