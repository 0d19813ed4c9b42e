package grade

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// TestOwnPhone grades our own phone. It must pass every check that can be
// decided.
func TestOwnPhone(t *testing.T) {
	for name, c := range map[string]struct {
		device string
		pushes bool
		change func(*sip.Config, *app.Config)
		untold []string
	}{
		"tcp": {device: "desktop", untold: []string{"push-params", "repeated-invite", "push", "cancel-asleep"}},
		"udp": {
			device: "desktop", change: func(a *sip.Config, _ *app.Config) { a.Transport = sip.UDP },
			untold: []string{"push-params", "keepalive", "server-ping", "push", "cancel-asleep", "cut", "reset", "no-pong", "stall"},
		},
		"long-sessions": {
			device: "desktop", change: func(a *sip.Config, _ *app.Config) { a.MinSE = time.Hour },
			untold: []string{"push-params", "repeated-invite", "update", "push", "cancel-asleep"},
		},
		"push": {device: "ios-pushkit", pushes: true, change: func(_ *sip.Config, c *app.Config) {
			c.Strategy, c.Push.Param = app.Push, "DEF123GHIJ.org.example.sleeptalk.voip"
		}, untold: []string{"repeated-invite"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{Pushes: c.pushes})
			r.handset(c.device, c.change)
			report := r.run()
			golden.File(t, "testdata/"+name+".report", strings.Join(append(r.told, "", lines(report)), "\n"))
			if bad := verdicts(report, Fail); len(bad) > 0 {
				t.Errorf("it fails %q", bad)
			}
			if got := verdicts(report, Untold); !slices.Equal(got, c.untold) {
				t.Errorf("could not tell of %q, want %q", got, c.untold)
			}
		})
	}
}

// TestOnlyInACall: a check of what is said in a call has one made, also alone.
func TestOnlyInACall(t *testing.T) {
	for _, id := range []string{"session", "timer", "update"} {
		r := newRig(t, Config{Only: []string{id}})
		r.handset("desktop", nil)
		if m := r.run().Marks[1]; m.Verdict != Pass {
			t.Errorf("%s: %s", id, lines(r.exam.Report()))
		}
	}
}
