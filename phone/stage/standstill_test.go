package stage

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// TestStandstillVerdicts has this process stand still while the last line of a
// scenario waits: what was seen in time holds, and of the rest nobody can tell.
func TestStandstillVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		at   time.Duration // into the last line's wait
		want play.Verdict
	}{
		"nothing came":         {"call ring\nexpect call up within 3s", time.Second, play.Errored},
		"it came all the same": {"background\nexpect suspended within 15s", time.Second, play.Passed},
		"nothing was to come":  {"expect no call up for 5s", 2 * time.Second, play.Passed},
		// The end was not seen. Who looks on for as long as it stood still knows more, or too little.
		"nothing came late":  {"expect no call up for 5s", 4900 * time.Millisecond, play.Passed},
		"it came late":       {"lab: respond 486 to INVITE after 5500ms\ncall echo\nexpect no call ended for 5s", 4900 * time.Millisecond, play.Errored},
		"it came long after": {"lab: respond 486 to INVITE after 9s\ncall echo\nexpect no call ended for 5s", 4900 * time.Millisecond, play.Passed},
		"one more came late": {"lab: respond 486 to INVITE after 5500ms\ncall echo\nexpect call ended exactly 0 within 5s", 4900 * time.Millisecond, play.Errored},
		"no more came":       {"expect call ended exactly 0 within 5s", 4900 * time.Millisecond, play.Passed},
		"a state went on":    {"expect registered for 5s within 20s", 4900 * time.Millisecond, play.Passed},
		"a state ended late": {"background\nexpect state entering for 7500ms within 20s", 7400 * time.Millisecond, play.Errored},
		"a state":            {"expect registered for 5s within 20s", 2 * time.Second, play.Passed},
	} {
		f := parse(t, "register\nexpect registered\n"+c.text+"\n")
		w, err := New(Config{Casting: Casting{File: f}, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		steps, stood := f.Cases[0].Steps, false
		r := play.Run(context.Background(), f, slow{w}, play.Options{Pending: func(p play.Pending) {
			if p.Step.Line != steps[len(steps)-1].Line || p.Gone < c.at || stood {
				return
			}
			stood = true
			now := w.Clock("alice")
			w.Log().Append(event.Record{Wall: now.Wall, Device: now.Device, Phone: "alice", Event: event.Standstill{For: event.Seconds(time.Second)}})
		}})
		if got := r.Verdict(); got != c.want || !stood {
			t.Errorf("%s: %s, want %s (it stood still: %v)\n%+v", name, got, c.want, stood, r.Cases)
		}
		for _, one := range r.Cases {
			if one.Failure != nil && (one.Failure.Rule != event.RuleStoodStill || !strings.Contains(one.Failure.Likely, "this process did not run for 1.0 s")) {
				t.Errorf("%s: %s: %s", name, one.Failure.Rule, one.Failure.Likely)
			}
		}
	}
}
