package device

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func load(t testing.TB, name string) Profile {
	t.Helper()
	p, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBuiltInProfiles(t *testing.T) {
	if got := strings.Join(Names(), " "); got != "android-doze desktop ios-pushkit ios-voip-socket" {
		t.Errorf("names are %q", got)
	}
	for _, name := range Names() {
		if p := load(t, name); p.Name != name || p.About == "" || len(p.Unfaithful) > 0 {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

// A setting that a file forgets would silently be zero: a profile has all that
// its family alone has.
func TestEveryProfileHasTheSettingsOfItsFamily(t *testing.T) {
	for _, name := range Names() {
		p := load(t, name)
		for _, key := range keysOf(reflect.TypeOf(p.own).Elem()) {
			if !slices.Contains(p.keys, key) {
				t.Errorf("%s: no %s", name, key)
			}
		}
	}
}

// Of what several families have, a file leaves out what its system does not
// have at all.
func TestEverySharedSettingIsThere(t *testing.T) {
	without := map[string][]string{
		"ios-voip-socket": {"push-"},
		"android-doze":    {"entry-", "task-", "relaunch-", "reclaim-", "audio-runs", "audio-by-call"},
		"ios-pushkit":     {"launch-limit", "boot-", "relaunch-", "wake-", "rearm", "idle-suspend", "keepalive-"},
	}
	for name, missing := range without {
		p := load(t, name)
		for _, key := range keysOf(reflect.TypeFor[Profile]()) {
			left := slices.ContainsFunc(missing, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
			if slices.Contains(p.keys, key) == left {
				t.Errorf("%s: %s is left out: %t", name, key, !left)
			}
		}
	}
}

// Every number says where it comes from, and how sure that is.
func TestEveryNumberHasASource(t *testing.T) {
	for _, name := range Names() {
		p := load(t, name)
		for _, n := range p.Numbers() {
			if !strings.Contains("ABCD", n.Confidence) || n.Confidence == "" || n.Source == "" {
				t.Errorf("%s: %s: %+v", name, n.Key, n.Note)
			}
		}
		for _, era := range p.Eras() {
			for _, f := range p.eras[era] {
				if f.note.Confidence == "" || f.note.Source == "" {
					t.Errorf("%s@%s: %s: %+v", name, era, f.key, f.note)
				}
			}
		}
	}
}

func TestPublishedNumbers(t *testing.T) {
	p := load(t, "ios-voip-socket")
	wakes, per := p.Budget()
	for _, c := range []struct {
		name      string
		got, want time.Duration
	}{
		{"didEnterBackground", p.EntryLimit, 5 * time.Second},
		{"background task, iOS 7", p.TaskBudget, 180 * time.Second},
		{"keepalive minimum", p.KeepAliveMin, 600 * time.Second},
		{"keepalive handler", p.KeepAliveWindow, 10 * time.Second},
		{"socket wake", p.WakeWindow, 10 * time.Second},
		{"wake budget", per, 300 * time.Second},
		{"notification sound", p.SoundMax, 30 * time.Second},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, c.got, c.want)
		}
	}
	if wakes != 15 || p.NotificationsKept != 64 {
		t.Errorf("got wake budget %d, %d notifications", wakes, p.NotificationsKept)
	}
}

func TestLoadUnknown(t *testing.T) {
	_, err := Load("ios-voip-soket")
	want := `no device profile "ios-voip-soket"; did you mean ios-voip-socket? (there are: android-doze, desktop, ios-pushkit, ios-voip-socket)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestWith(t *testing.T) {
	base := load(t, "ios-voip-socket")
	p, err := base.With(map[string]string{"wake-window": "5s", "rearm": "off", "keepalive-early": "0.02", "wake-budget": "9", "marked": "ignored"}, true)
	if err != nil {
		t.Fatal(err)
	}
	if p.WakeWindow != 5*time.Second || p.Rearm || p.KeepAliveEarly != 0.02 || p.value("wake-budget") != 9 || p.Marked != Ignored || len(p.Unfaithful) > 0 {
		t.Errorf("got %+v", p)
	}
	if got, want := strings.Join(p.Changed, " "), "keepalive-early=0.02 marked=ignored rearm=off wake-budget=9 wake-window=5s"; got != want {
		t.Errorf("it says that it changed %s, want %s", got, want)
	}
	if base.WakeWindow != 10*time.Second || !base.Rearm || len(base.Changed) > 0 {
		t.Error("With changed the profile that it was called on")
	}
}

func TestEras(t *testing.T) {
	base := load(t, "ios-voip-socket")
	want := map[string]time.Duration{
		"ios4": 600 * time.Second, "ios4-guide": 600 * time.Second, "ios5": 600 * time.Second, "ios7": 180 * time.Second, "ios12": 180 * time.Second,
		"ios13": 30 * time.Second, "sdk10": 180 * time.Second, "ios16": 30 * time.Second,
	}
	if got := strings.Join(base.Eras(), " "); got != "ios4 ios4-guide ios5 ios7 ios12 ios13 sdk10 ios16" {
		t.Errorf("eras are %v", got)
	}
	for era, budget := range want {
		p, err := base.With(map[string]string{"era": era}, true)
		if err != nil || p.TaskBudget != budget || p.Name != "ios-voip-socket@"+era {
			t.Errorf("%s: got %s, %s, %v; want %s", era, p.Name, p.TaskBudget, err, budget)
		}
		if named := load(t, p.Name); named.TaskBudget != p.TaskBudget || named.Marked != p.Marked {
			t.Errorf("by its name, %s is another", p.Name)
		}
	}
	// A change is what differs, once; the era is in the name.
	p, err := base.With(map[string]string{"wake-window": "10s", "era": "ios4", "grace": "3s"}, true)
	if err != nil || !slices.Equal(p.Changed, []string{"grace=3s"}) {
		t.Errorf("changed %v, %v", p.Changed, err)
	}
	if p, err = p.With(map[string]string{"grace": "4s"}, true); err != nil || !slices.Equal(p.Changed, []string{"grace=4s"}) {
		t.Errorf("changed again %v, %v", p.Changed, err)
	}
	// What is set by itself stands over the era.
	if p, err := base.With(map[string]string{"era": "ios4", "task-budget": "60s"}, true); err != nil || p.TaskBudget != time.Minute {
		t.Errorf("got %s, %v", p.TaskBudget, err)
	}
}

func TestBeyondTheRealSystem(t *testing.T) {
	base := load(t, "ios-voip-socket")
	for _, c := range []struct{ key, value, allowed string }{
		{"keepalive-min", "30s", "no less than 600s"},
		{"keepalive-min", "599.5s", "no less than 600s"},
		{"wake-window", "31s", "no more than 30s"},
		{"wake-budget", "16", "no more than 15"},
		{"wake-budget", "0", "no less than 1"},
		{"wake-budget-per", "299s", "no less than 300s"},
		{"keepalive-window", "11s", "no more than 10s"},
		{"entry-limit", "6s", "no more than 5s"},
		{"launch-limit", "11s", "no more than 10s"},
		{"task-budget", "601s", "no more than 600s"},
		{"sound-max", "31s", "no more than 30s"},
		{"notifications-kept", "65", "no more than 64"},
	} {
		set := map[string]string{c.key: c.value}
		want := "device ios-voip-socket: " + c.key + " " + c.value + ": the real system allowed " + c.allowed + " (strict = off to go beyond it); source: "
		if _, err := base.With(set, true); err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), "]") {
			t.Errorf("strict %s: got %v", c.key, err)
		}
		p, err := base.With(set, false)
		if want := c.key + " " + c.value + " (the real system allowed " + c.allowed + ")"; err != nil || !slices.Equal(p.Unfaithful, []string{want}) {
			t.Errorf("%s: got %v, %v", c.key, p.Unfaithful, err)
		}
	}
}

// TestLimits: the most that a real system allowed is allowed, and nothing
// beyond it.
func TestLimits(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range []struct{ device, key, edge, beyond string }{
		{"ios-voip-socket", "grace", "10s", "10.001s"},
		{"ios-voip-socket", "settle", "10s", "10.001s"},
		{"ios-voip-socket", "audio-grace", "10s", "10.001s"},
		{"ios-voip-socket", "entry-limit", "5s", "5.001s"},
		{"ios-voip-socket", "task-budget", "600s", "600.001s"},
		{"ios-voip-socket", "launch-limit", "10s", "10.001s"},
		{"ios-voip-socket", "wake-window", "30s", "30.001s"},
		{"ios-voip-socket", "wake-budget", "15", "16"},
		{"ios-voip-socket", "wake-budget", "1", "0"},
		{"ios-voip-socket", "wake-budget-per", "300s", "299.999s"},
		{"ios-voip-socket", "keepalive-min", "600s", "599.999s"},
		{"ios-voip-socket", "keepalive-window", "10s", "10.001s"},
		{"ios-voip-socket", "notifications-kept", "64", "65"},
		{"ios-voip-socket", "sound-max", "30s", "30.001s"},
		{"ios-pushkit", "grace", "10s", "10.001s"},
		{"ios-pushkit", "settle", "10s", "10.001s"},
		{"ios-pushkit", "audio-grace", "10s", "10.001s"},
		{"ios-pushkit", "push-window", "30s", "30.001s"},
		{"ios-pushkit", "entry-limit", "5s", "5.001s"},
		{"ios-pushkit", "task-budget", "180s", "180.001s"},
		{"ios-pushkit", "push-report-limit", "7s", "7.001s"},
		{"ios-pushkit", "notifications-kept", "64", "65"},
		{"ios-pushkit", "sound-max", "30s", "30.001s"},
		{"android-doze", "grace", "1m", "1m0.001s"},
		{"android-doze", "settle", "1m", "1m0.001s"},
		{"android-doze", "audio-grace", "1m", "1m0.001s"},
		{"android-doze", "light-period", "5m", "4m59.999s"},
		{"android-doze", "light-period-max", "15m", "14m59.999s"},
		{"android-doze", "light-window-max", "5m", "5m0.001s"},
		{"android-doze", "deep-period", "1h", "59m59.999s"},
		{"android-doze", "deep-period-max", "6h", "5h59m59.999s"},
		{"android-doze", "deep-window", "5m", "5m0.001s"},
		{"android-doze", "deep-window-max", "10m", "10m0.001s"},
		{"android-doze", "push-window", "20s", "20.001s"},
		{"android-doze", "alarm-gap", "50s", "49.999s"},
		{"android-doze", "keepalive-min", "5s", "4.999s"},
		{"android-doze", "keepalive-window", "10s", "10.001s"},
		{"android-doze", "distributor-window", "5s", "5.001s"},
		{"android-doze", "service-limit", "30s", "30.001s"},
	} {
		p := load(t, c.device)
		if _, err := p.With(map[string]string{c.key: c.edge}, true); err != nil {
			t.Errorf("%s: %v", c.device, err)
		}
		if _, err := p.With(map[string]string{c.key: c.beyond}, true); !errors.Is(err, ErrBeyond) {
			t.Errorf("%s: %s=%s: got %v", c.device, c.key, c.beyond, err)
		}
		for _, n := range p.Numbers() {
			if n.Key == c.key && n.Limit != "" {
				tested[c.device+" "+c.key] = true
			}
		}
	}
	for _, name := range Names() {
		for key := range load(t, name).allowed {
			if !tested[name+" "+key] {
				t.Errorf("%s: the limit of %s is not tested", name, key)
			}
		}
	}
}

// TestReleases: what differs from release to release, to the last digit.
func TestReleases(t *testing.T) {
	const (
		twelve   = "wait-for-unlock=true motion-ends-light=false service-from-background=false"
		thirteen = "light-pre-idle=0s push-cap-frequent=0 push-cap-rare=0 push-cap-restricted=0 light-inactive=4m " + twelve
		fourteen = "freeze-after=10s service-short=3m " + thirteen
		fifteen  = "light-inactive=60s light-step=5m light-period-max=30m freeze-destroys=true freeze-after=10s service-short=3m light-pre-idle=0s push-cap-frequent=0 push-cap-rare=0 push-cap-restricted=0 " + twelve
	)
	want := map[string]string{
		"ios-voip-socket@ios4":       "task-budget=600s wake-budget=0",
		"ios-voip-socket@ios4-guide": "task-budget=600s wake-budget=0 keepalive-window=30s keepalive-overrun=kill",
		"ios-voip-socket@ios5":       "task-budget=600s",
		"ios-voip-socket@ios7":       "task-budget=180s",
		"ios-voip-socket@ios12":      "marked=ignored",
		"ios-voip-socket@ios13":      "task-budget=30s marked=ignored",
		"ios-voip-socket@sdk10":      "marked=ignored",
		"ios-voip-socket@ios16":      "marked=killed task-budget=30s",
		"ios-pushkit@ios8":           "task-budget=180s push-report=false call-screen=false audio-by-call=false local-push=false",
		"ios-pushkit@ios10":          "task-budget=180s push-report=false local-push=false",
		"ios-pushkit@ios13":          "push-report=true local-push=false",
		"ios-pushkit@ios14":          "local-push=true",
		"ios-pushkit@ios16":          "marked=killed",
		"ios-pushkit@ios26":          "push-dialog=true marked=killed",
		"ios-pushkit@ios26.4":        "push-must-report=true push-dialog=true marked=killed",
		"android-doze@android8":      "light-inactive=5m light-pre-idle=10m push-cap-frequent=0 push-cap-rare=0 push-cap-restricted=0",
		"android-doze@android9":      "light-inactive=3m",
		"android-doze@android10":     "wait-for-unlock=true",
		"android-doze@android12":     "light-inactive=4m " + twelve,
		"android-doze@android13":     thirteen,
		"android-doze@android14":     fourteen,
		"android-doze@android15":     fifteen,
		"android-doze@android16":     fifteen,
		"android-doze@android17":     "audio-in-use=true " + fifteen,
	}
	for _, name := range Names() {
		p := load(t, name)
		for _, era := range p.Eras() {
			var got []string
			for _, f := range p.eras[era] {
				got = append(got, f.key+"="+f.value)
			}
			if full := name + "@" + era; strings.Join(got, " ") != want[full] {
				t.Errorf("%s: %s, want %s", full, strings.Join(got, " "), want[full])
			}
		}
	}
}

// TestOrderOfReleases: they are listed as the file has them.
func TestOrderOfReleases(t *testing.T) {
	const want = "android8 android9 android10 android12 android13 android14 android15 android16 android17"
	if got := strings.Join(load(t, "android-doze").Eras(), " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBadSettings(t *testing.T) {
	for _, c := range []struct{ device, key, value, want string }{
		{"ios-voip-socket", "wake-windw", "5s", `no setting "wake-windw"; did you mean wake-window?`},
		{"ios-voip-socket", "keepalive-minimum", "600s", `did you mean keepalive-min`},
		{"desktop", "wake-window", "5s", `device desktop: no setting "wake-window"`},
		{"ios-voip-socket", "era", "ios6", `no era "ios6"; did you mean ios`},
		{"ios-voip-socket", "grace", "soon", `grace: "soon" is not a duration`},
		{"ios-voip-socket", "grace", "-1s", `grace: "-1s" is not a duration`},
		{"ios-voip-socket", "grace", "8", `grace: "8" is not a duration`},
		{"ios-voip-socket", "wake-budget", "-1", `"-1" is not a whole number`},
		{"ios-voip-socket", "wake-budget", "1.5", `"1.5" is not a whole number`},
		{"ios-voip-socket", "keepalive-early", "NaN", `"NaN" is not a number`},
		{"ios-voip-socket", "keepalive-early", "1", "must be less than 1"},
		{"ios-voip-socket", "rearm", "maybe", "neither on nor off"},
		{"ios-voip-socket", "marked", "blessed", "none of watched, ignored, killed"},
		{"ios-voip-socket", "wake-window", "0s", "wake-window must be more than 0"},
		{"ios-voip-socket", "task-budget", "5s", "task-warning must be less than task-budget"},
		{"ios-voip-socket", "suspends", "off", "only a system that suspends launches apps"},
		{"desktop", "notifications-kept", "0", "notifications-kept must be more than 0"},
	} {
		_, err := load(t, c.device).With(map[string]string{c.key: c.value}, false)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s=%s: got %v, want %q", c.device, c.key, c.value, err, c.want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	const good = "about: x\nfamily: desktop\nsettings:\n  suspends: false\n  notification-time: 1s\n  notifications-kept: 1\n"
	if _, err := parse("x", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"settings: [", "x.yaml:1:11 "},
		{good + "setings: {}\n", `x.yaml:7:1 unknown key "setings"; did you mean settings?`},
		{good + "  notification-tme: 1s\n", `x.yaml:7:3 no setting "notification-tme"; did you mean notification-time?`},
		{good + "  suspends: true\n", "already defined"},
		{good + "  grace: x\n", `x.yaml:7:10 grace: "x" is not a duration`},
		{good + "  grace: [1s]\n", "x.yaml:7:3 grace: expected one value"},
		{"family: desktop\nsettings: 7\n", "x.yaml:2:11 expected settings"},
		{"about: x\n", "a profile needs a family (there are: android, desktop, pushkit, voip-socket)"},
		{"family: pushkt\n", `x.yaml:1:9 no family "pushkt"; did you mean pushkit?`},
		{good + "  doze: true\n", `x.yaml:7:3 no setting "doze"`}, // another family's
		{good + "allowed: {grace: {min: 1s}}\n", `allowed: no setting "grace"`},
		{good + "allowed: {notification-time: {min: 1}}\n", `allowed: notification-time: "1" is not a duration`},
		{good + "allowed: {suspends: {min: on}}\n", "suspends is not a number"},
		{good + "allowed: {notification-time: {least: 1s}}\n", `x.yaml:7:31 unknown key "least"`},
		{good + "eras: {old: {notification-tim: 1s}}\n", `x.yaml:7:14 no setting "notification-tim"`},
		{good + "eras: {old: {}}\n", "era old changes nothing"},
		{good + "eras: {old: {after: new}, new: {notification-time: 9s}}\n", `x.yaml:7:21 no era "new" above this one`},
		{good + "eras: {old: {notification-time: 0s}}\n", "era old: notification-time must be more than 0"},
		{"about: x\nfamily: desktop\nsettings: {suspends: false}\n", "notification-time must be more than 0"},
	} {
		if _, err := parse("x", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.text, err, c.want)
		}
	}
}

func TestOwnProfile(t *testing.T) {
	p, err := Parse("door", []byte("base: ios-voip-socket@ios4\nabout: our door phones\nsettings:\n  wake-window: 5s # [B] measured\n  rearm: on\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "door" || p.About != "our door phones" || p.WakeWindow != 5*time.Second || p.TaskBudget != 600*time.Second || p.value("wake-budget") != 0 {
		t.Errorf("got %+v", p)
	}
	if !slices.Equal(p.Changed, []string{"wake-window=5s"}) || p.notes["wake-window"] != (Note{"B", "measured"}) {
		t.Errorf("changed %q, notes %v", p.Changed, p.notes["wake-window"])
	}
	if load(t, "ios-voip-socket").notes["wake-window"].Source == "measured" {
		t.Error("the base has changed")
	}
}

func TestBadOwnProfiles(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "door:1:1 a profile of your own needs a base, such as base: ios-voip-socket@ios7",
		"base: ios-voip-soket\n":  `door:1:7 no device profile "ios-voip-soket"; did you mean ios-voip-socket?`,
		"base: desktop@ios4\n":    `door:1:7 device desktop: no era "ios4"`,
		"base: desktop\neras: {}": `door:2:1 unknown key "eras"`,
		"base: ios-voip-socket\nsettings:\n  wake-windw: 5s\n":     "door:3:3 no setting \"wake-windw\"; did you mean wake-window?",
		"base: ios-voip-socket\nsettings:\n  wake-window: soon\n":  "door:3:16 wake-window: \"soon\" is not a duration such as 10s or 500ms\n3 |   wake-window: soon\n  |                ^^^^",
		"base: ios-voip-socket\nsettings:\n  keepalive-min: 30s\n": "door:3:18 keepalive-min 30s: the real system allowed no less than 600s (strict = off to go beyond it); source: Apple, setKeepAliveTimeout:handler: [A]",
		"base: ios-voip-socket\nsettings: {wake-window: 0s}\n":     "door:2:25 wake-window must be more than 0",
	} {
		if _, err := Parse("door", []byte(text), true); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	p, err := Parse("door", []byte("base: ios-voip-socket\nsettings: {keepalive-min: 30s}\n"), false)
	if err != nil || len(p.Unfaithful) != 1 {
		t.Errorf("not strict: got %v, %v", p.Unfaithful, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("about: x\nfamily: desktop\nsettings:\n  suspends: false\n  notification-time: 1s\n  notifications-kept: 1\n")
	f.Add("family: voip-socket\nsettings: {grace: 1s}\nallowed: {grace: {min: 1s}}\neras: {a: {grace: 2s}}\n")
	f.Add("base: ios-voip-socket@ios4\nsettings: {wake-window: 5s} # [B] x\n")
	f.Add("base: ios-pushkit\nsettings: &a\n  push-window: !!str 5s #[\n  <<: *a\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func() (Profile, error){
			func() (Profile, error) { return parse("x", []byte(text)) },
			func() (Profile, error) { return Parse("x", []byte(text), true) },
		} {
			if p, err := read(); err == nil {
				if err := p.check(); err != nil {
					t.Errorf("accepted what cannot be: %v", err)
				}
				p.Numbers()
			}
		}
	})
}

// TestChoices: what no source settles is listed with its value, and a tester's
// own value as such; what a release settles is not.
func TestChoices(t *testing.T) {
	find := func(p Profile, key string) string {
		for _, c := range p.Choices {
			if c.Key == key {
				return fmt.Sprintf("%s %v %v", c.Value, c.Yours, c.About != "")
			}
		}
		return ""
	}
	for _, c := range []struct {
		profile, key, set, want string
	}{
		{"ios-voip-socket", "rearm", "", "on false true"},
		{"ios-voip-socket", "rearm", "off", "off true true"},
		{"ios-voip-socket", "rearm", "on", "on false true"}, // which it is anyway
		{"ios-voip-socket", "keepalive-early", "", "0.1 false true"},
		{"ios-voip-socket@ios4", "fin-counts", "", "on false true"},
		{"ios-voip-socket", "wake-window", "5s", ""}, // which has a source
		{"ios-voip-socket", "push-violations", "", ""},
		{"ios-pushkit", "push-violations", "", "3 false true"},
		{"ios-pushkit", "ring-window", "", "30s false true"},
		{"ios-pushkit", "call-screen-time", "", "60s false true"},
		{"android-doze", "alarm-network", "", ""},
		{"android-doze", "push-penalty-limit", "", "5 false true"},
	} {
		p, err := Load(c.profile)
		if err == nil && c.set != "" {
			p, err = p.With(map[string]string{c.key: c.set}, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := find(p, c.key); got != c.want {
			t.Errorf("%s, %s=%s: %q, want %q", c.profile, c.key, c.set, got, c.want)
		}
	}
	for _, key := range openQuestions {
		if !slices.Contains(Settings(), key) {
			t.Errorf("no setting %q", key)
		}
	}
	own, err := Parse("own.yaml", []byte("base: ios-voip-socket\nsettings:\n  fin-counts: false # [B] measured here\n"), true)
	if err != nil || find(own, "fin-counts") != "off true true" {
		t.Errorf("a profile of a user's own: %v, %v", own.Choices, err)
	}
}

// TestProfilesAreValues: no change of a copy is seen in another, nor in what
// Load returns next, nor what a caller does to the lists of one.
func TestProfilesAreValues(t *testing.T) {
	for _, name := range Names() {
		before := printed(load(t, name))
		p := load(t, name)
		for i := range p.Choices {
			p.Choices[i].Value = "changed"
		}
		own := "base: " + name + "\nsettings: {notification-time: 31s, sound-max: 3m} # [B] measured\n"
		if _, err := Parse("own", []byte(own), false); err != nil {
			t.Fatal(err)
		}
		a, err := load(t, name).With(map[string]string{"notification-time": "31s", "sound-max": "2m"}, false)
		if err != nil {
			t.Fatal(err)
		}
		a.Changed, a.Unfaithful = slices.Grow(a.Changed, 8), slices.Grow(a.Unfaithful, 8) // with room that copies could share
		kept := printed(a)
		b, err := a.With(map[string]string{"sound-max": "4m"}, false)
		if err != nil {
			t.Fatal(err)
		}
		keptB := printed(b)
		for _, value := range []string{"32s", "33s"} { // each from the same copy
			if _, err := a.With(map[string]string{"notification-time": value, "sound-max": "3m", "default-sound": "1s"}, false); err != nil {
				t.Fatal(err)
			}
		}
		if now := printed(a); now != kept {
			t.Errorf("%s: a copy was changed from\n%s\nto\n%s", name, kept, now)
		}
		if now := printed(b); now != keptB {
			t.Errorf("%s: a copy of a copy was changed from\n%s\nto\n%s", name, keptB, now)
		}
		for _, key := range p.keys {
			q := p
			switch v := q.value(key).(type) {
			case bool:
				err = q.set(key, fmt.Sprint(!v))
			case Marked, Overrun:
				err = q.set(key, q.show(key))
			default:
				nudge(t, &q, key, 1)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if now := printed(load(t, name)); now != before {
			t.Errorf("%s was changed from\n%s\nto\n%s", name, before, now)
		}
	}
}

// printed is all that can be seen of a profile.
func printed(p Profile) string {
	text := fmt.Sprintf("%s %q %q %+v", p.Name, p.Changed, p.Unfaithful, p.Choices)
	for _, n := range p.Numbers() {
		text += fmt.Sprintf("\n%s %s %s %s %s", n.Key, n.Value, n.Note, n.Limit, n.LimitNote)
	}
	return text
}
