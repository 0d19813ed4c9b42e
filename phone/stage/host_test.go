package stage

import (
	"context"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// TestHostFailedVerdicts has this computer refuse somebody a socket: of what failed
// after it nobody can tell, until somebody acts again; what came holds.
func TestHostFailedVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		rule event.Rule
		want play.Verdict
	}{
		"nothing came":          {"call ring\nexpect call up within 3s", event.RuleHostFailed, play.Errored},
		"it came all the same":  {"call echo\nexpect call up within 3s", event.RuleHostFailed, play.Passed},
		"before the last verb":  {"expect registered for 2s within 9s\ncall ring\nexpect call up within 3s", event.RuleHostFailed, play.Failed},
		"nothing was to come":   {"expect no call up for 5s", event.RuleHostFailed, play.Errored},
		"a state":               {"expect registered for 2s within 9s", event.RuleHostFailed, play.Passed},
		"a recording failed":    {"expect no call up for 5s", event.RuleSoundFailed, play.Passed},
		"somebody else's error": {"call ring\nexpect call up within 3s", event.RuleServerSilent, play.Failed},
	} {
		f := parse(t, "register\nexpect registered\n"+c.text+"\n")
		w, err := New(Config{Casting: Casting{File: f}, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		refused := false
		r := play.Run(context.Background(), f, w, play.Options{Pending: func(p play.Pending) {
			if p.Step.Line < 3 || refused {
				return
			}
			refused = true
			now := w.Clock("bob")
			w.Log().Append(event.Record{Wall: now.Wall, Device: now.Device, Phone: "bob", Event: event.Error{Op: "accept", Err: "too many open files", Rule: c.rule}})
		}})
		if got := r.Verdict(); got != c.want || !refused {
			t.Errorf("%s: %s, want %s (it was refused: %v)", name, got, c.want, refused)
		}
		for _, one := range r.Cases {
			if one.Failure != nil && c.want == play.Errored && !strings.Contains(one.Failure.Likely, "this computer refused bob what it asked for") {
				t.Errorf("%s: %s: %s", name, one.Failure.Rule, one.Failure.Likely)
			}
		}
	}
}
