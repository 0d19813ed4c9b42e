package stage

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// rulesOfToday are the failures of the phones of today: the scenario that shows each,
// the rule that explains it, and the setting of the device, or of the push service of the
// lab, without which it does not happen.
var rulesOfToday = []struct{ scenario, rule, key, without string }{
	{"push-after-flight-mode", "stale-push", "push-stale", "0s"},
	{"cancel-overtakes", "cancel-overtook", "push-delay-background", "6s"},
	{"cancel-overtakes", "cancel-overtook", "push-cancel-background", "off"},
	{"push-never-comes", "push-lost", "push-drop", "0"},
	{"push-idle", "push-idle", "push-idle-after", "0s"},
	{"must-report", "must-report", "push-must-report", "off"},
	{"must-report", "must-report", "push-viable", "30s"},
	{"local-push-gap", "local-push-stopped", "wifi-sleep-time", "0s"},
	{"local-push-gap", "local-push-stopped", "local-push", "off"},
	{"frozen-app", "frozen-sockets", "freeze-destroys", "off"},
	{"frozen-app", "frozen-sockets", "freeze-after", "0s"},
	{"full-screen-revoked", "full-screen-refused", "full-screen-intent", "on"},
	{"service-without-type", "service-type", "service-phone-call", "on"},
	{"service-without-type", "service-type", "service-short", "0s"},
	{"answered-without-audio", "background-audio", "audio-in-use", "off"},
}

// TestRulesOfTodayCanBeTakenOut plays each with its rule taken out of the device: it
// fails then, so that it would notice if the device no longer kept the rule.
func TestRulesOfTodayCanBeTakenOut(t *testing.T) {
	for _, c := range rulesOfToday {
		t.Run(c.scenario+"/"+c.key, func(t *testing.T) {
			t.Parallel()
			if r, log := playFile(t, builtin(t, c.scenario), 1); r.Verdict() != play.Passed || !said(log, c.rule) {
				t.Fatalf("with the rule: %s, and the log says %s: %t", r.Verdict(), c.rule, said(log, c.rule))
			}
			f := builtin(t, c.scenario)
			setRule(f, c.key, c.without)
			r, log := playFile(t, f, 1)
			if r.Verdict() != play.Failed || said(log, c.rule) {
				t.Errorf("%s=%s: %s, and the log says %s: %t", c.key, c.without, r.Verdict(), c.rule, said(log, c.rule))
			}
		})
	}
}

// TestEveryFailureHasAScenario: the catalogue has no gap. Its numbers are tags.
func TestEveryFailureHasAScenario(t *testing.T) {
	shown := map[string]bool{}
	for _, name := range builtins(t) {
		for _, tag := range builtin(t, name).Tags {
			shown[tag] = true
		}
	}
	for n := range 33 {
		if tag := fmt.Sprintf("F%d", n+1); !shown[tag] {
			t.Errorf("no scenario has the tag %s", tag)
		}
	}
}

// setRule changes a number of the device of a scenario, or of its lab where that has it.
func setRule(f *scenario.File, key, value string) {
	kind := scenario.UseDevice
	if slices.ContainsFunc(setup.LabSettings(), func(s setup.LabSetting) bool { return s.Key == key }) {
		kind = scenario.UseLab
	}
	for i, u := range f.Uses {
		if u.Kind == kind {
			others := slices.DeleteFunc(slices.Clone(u.Settings), func(s scenario.Setting) bool { return s.Key == key })
			f.Uses[i].Settings = append(others, scenario.Setting{Key: key, Value: value})
		}
	}
}

// said reports whether something in the log has the rule.
func said(log *event.Log, rule string) bool {
	for r := range log.From(0) {
		if string(diagnose.Of(r.Event)) == rule {
			return true
		}
	}
	return false
}
