package device

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"
)

// An order says which of two values of a setting came first in the history of
// the systems: what a later release took away, none gave back.
type order func(earlier, later any) int

func descending(earlier, later any) int {
	return cmp.Compare(later.(time.Duration), earlier.(time.Duration))
}

// to is the order of a setting that went from one value to the next, and never
// back.
func to(values ...any) order {
	return func(earlier, later any) int {
		return cmp.Compare(slices.Index(values, earlier), slices.Index(values, later))
	}
}

// monotone are the settings of which it is known that they went one way.
var monotone = map[string]order{
	"marked":                  to(Watched, Ignored, KilledForIt),
	"task-budget":             descending,
	"wake-budget":             to(0, 15),
	"push-report":             to(false, true),
	"call-screen":             to(false, true),
	"push-must-report":        to(false, true),
	"local-push":              to(false, true),
	"push-dialog":             to(false, true),
	"audio-by-call":           to(false, true),
	"wait-for-unlock":         to(false, true),
	"light-pre-idle":          descending,
	"freeze-after":            to(time.Duration(0), 10*time.Second),
	"freeze-destroys":         to(false, true),
	"service-short":           to(time.Duration(0), 3*time.Minute),
	"audio-in-use":            to(false, true),
	"light-period-max":        to(15*time.Minute, 30*time.Minute),
	"motion-ends-light":       to(true, false),
	"service-from-background": to(true, false),
}

// releases are the eras of a profile that are releases of its system, oldest
// first. Others are variants of one, such as an app linked against a later SDK.
func releases(p Profile) (names []string) {
	numbered := regexp.MustCompile(`^[a-z]+(\d+(?:\.\d+)?)$`)
	number := func(era string) float64 {
		m := numbered.FindStringSubmatch(era)
		if m == nil || era == "sdk10" {
			return 0
		}
		n, _ := strconv.ParseFloat(m[1], 64)
		return n
	}
	for _, era := range p.Eras() {
		if number(era) > 0 {
			names = append(names, era)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	return names
}

// TestErasGoOneWay: a later release does not do again what an earlier one had
// stopped doing. An era that names only some of its differences would fall back
// on the numbers of the base.
func TestErasGoOneWay(t *testing.T) {
	compared := map[string]int{}
	for _, name := range Names() {
		eras := releases(load(t, name))
		for i := range max(0, len(eras)-1) {
			earlier, later := load(t, name+eraMark+eras[i]), load(t, name+eraMark+eras[i+1])
			for _, problem := range backwards(earlier, later, compared) {
				t.Errorf("%s after %s: %s", later.Name, earlier.Name, problem)
			}
		}
	}
	for key := range monotone {
		if compared[key] == 0 {
			t.Errorf("no profile with releases has %s", key)
		}
	}
}

// backwards lists what a later release does that an earlier one no longer did.
func backwards(earlier, later Profile, compared map[string]int) (problems []string) {
	for key, order := range monotone {
		if !earlier.Has(key) {
			continue
		}
		compared[key]++
		if before, after := earlier.value(key), later.value(key); order(before, after) > 0 {
			problems = append(problems, fmt.Sprintf("%s went back from %v to %v", key, before, after))
		}
	}
	return problems
}

// TestBackwards: the test above can fail, and knows the values.
func TestBackwards(t *testing.T) {
	ios12, ios7 := load(t, "ios-voip-socket@ios12"), load(t, "ios-voip-socket@ios7")
	if got := backwards(ios12, ios7, map[string]int{}); len(got) != 1 || got[0] != "marked went back from ignored to watched" {
		t.Errorf("ios7 after ios12: %q", got)
	}
	ios13 := load(t, "ios-voip-socket@ios13")
	if got := backwards(ios13, ios12, map[string]int{}); len(got) != 1 || got[0] != "task-budget went back from 30s to 3m0s" {
		t.Errorf("ios12 after ios13: %q", got)
	}
	if got := releases(ios7); !slices.Equal(got, []string{"ios4", "ios5", "ios7", "ios12", "ios13", "ios16"}) {
		t.Errorf("releases %v", got)
	}
}

// TestTimeOffTheScreenIsBounded: what lets an app run without a task or a wake is
// no way around the limits of those.
func TestTimeOffTheScreenIsBounded(t *testing.T) {
	runsOn := []string{"launch-limit", "wake-window"} // on Android it is the device's idleness that ends these
	for _, name := range Names() {
		p := load(t, name)
		for _, key := range []string{"entry-limit", "grace", "settle", "audio-grace", "task-budget", "launch-limit", "wake-window", "keepalive-window", "push-window"} {
			if !p.Has(key) || !p.Suspends || name == "android-doze" && slices.Contains(runsOn, key) {
				continue
			}
			if _, err := p.With(map[string]string{key: "900s"}, true); err == nil {
				t.Errorf("%s allows %s=900s", name, key)
			}
		}
	}
}
