package stage

import (
	"slices"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// mutations are the ways to break the lab, each with a scenario that fails then:
// in which case, and what it says is the likely cause.
var mutations = map[string]struct{ scenario, failed, rule string }{
	"forget-binding":    {"reachable-asleep", "a call wakes it", "binding-lost"},
	"no-invite":         {"reachable-asleep", "a call wakes it", "not-routed"},
	"double-invite":     {"reachable-asleep", "a call wakes it", "duplicate-invite"},
	"no-bye":            {"reachable-asleep", "the other one hangs up", "lost-bye"},
	"close-at-register": {"reachable-asleep", "setup", "closed-at-step"},
	"close-at-invite":   {"reachable-asleep", "a call wakes it", "closed-at-step"},
	"close-at-ringing":  {"reachable-asleep", "a call wakes it", "closed-at-step"},
	"close-at-answer":   {"reachable-asleep", "it is answered from the banner", "closed-at-step"},
	"no-report":         {"transfer-asleep", "it is handed over", "transfer-unreported"},
	"no-audio":          {"reachable-asleep", "it is answered from the banner", "no-audio"},
	"one-way-audio":     {"audio-across-background", "a call", "one-way-audio"},
	"deaf":              {"audio-across-background", "a call", "one-way-audio"},
	"wrong-tone":        {"audio-across-background", "a call", "wrong-tone"},
	"stale-connection":  {"server-restart", "a call finds the new connection", "stale-connection"},
	"late-cancel":       {"cancel-while-asleep", "the caller gives up", "late-cancel"},
	"no-text":           {"raw-app", "a text wakes it", "text-lost"},
	"no-pong":           {"keepalive", "the first keepalive", "no-pong"},
	"late-pong":         {"keepalive", "and the next", "no-pong"},
	"close-at-ping":     {"keepalive", "the first keepalive", "closed-at-step"},
	"refuse-register":   {"wrong-password", "setup", "not-registered"},

	"push-no-wait":        {"held-invite", "a call wakes it", "push-no-wait"},
	"push-unavailable":    {"held-invite", "a call wakes it", "push-no-wait"},
	"push-too-early":      {"held-invite", "a call wakes it", "ghost-call"},
	"push-short-wait":     {"held-invite", "a call wakes it", "push-too-short"},
	"push-trusts-flow":    {"held-invite", "a call wakes it", "trusted-flow"},
	"push-stale-flow":     {"held-invite", "a call wakes it", "ghost-call"},
	"push-late":           {"held-invite", "a call wakes it", "trusted-flow"}, // it has not pushed yet
	"push-lost":           {"held-invite", "a call wakes it", "push-refused"},
	"push-old-token":      {"token-rotated", "a call finds it", "push-refused"},
	"push-no-refresh":     {"binding-refresh", "two minutes before the end", "no-refresh"},
	"push-not-in-calls":   {"bye-while-asleep", "it hears of it", "lost-bye"},
	"push-other-key":      {"web-push", "a call wakes it, and the push says who calls", "push-refused"},
	"push-garbled":        {"web-push", "a call wakes it, and the push says who calls", "push-unreadable"},
	"push-ghost":          {"held-invite", "a call wakes it", "ghost-call"},
	"push-cancel-at-once": {"held-invite", "it rings on", "server-cancelled"},
}

// TestMutations breaks the lab in every way it knows, and wants the right
// scenario to fail each time, in the right line, and to name the cause: a test
// that passes whatever the server does proves nothing.
func TestMutations(t *testing.T) {
	for _, m := range lab.Misbehaviours() {
		if _, ok := mutations[m.Name]; !ok && !m.Borne {
			t.Errorf("no scenario is known to notice %s", m.Name)
		}
	}
	for name, c := range mutations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !slices.Contains(notices(t, c.scenario), name) {
				t.Errorf("%s does not say that it notices it: # notices: %s", c.scenario, name)
			}
			r, log := playFile(t, builtin(t, c.scenario), 1, name)
			if r.Verdict() != play.Failed {
				t.Fatalf("%s: %s", c.scenario, r.Verdict())
			}
			for _, got := range r.Cases {
				if got.Failure == nil {
					continue
				}
				if got.Name != c.failed || string(got.Failure.Rule) != c.rule {
					t.Errorf("%q failed with rule %q, want %q with %q", got.Name, got.Failure.Rule, c.failed, c.rule)
					explain(t, r, log)
				}
				return
			}
			t.Errorf("no case failed")
			explain(t, r, log)
		})
	}
}
