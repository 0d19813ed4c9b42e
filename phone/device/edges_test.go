package device

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// tick is the step by which edges are approached: no setting is finer.
const tick = time.Millisecond

// An edge is where a number of a profile takes effect. The script is played
// twice, with @ replaced by at and by one tick less, or for a count by at and
// by one less. What the device then does holds want exactly once of the two
// times: at the edge, or, if before is set, just before it.
type edge struct {
	key    string // of the setting; "": the number is a constant
	device string // and settings: "ios-pushkit era=ios10"
	script string // commands, with semicolons; what counts are the last and those with an @
	at     any    // time.Duration or int
	want   string
	before bool
}

// Ways into the states in which most numbers matter.
const (
	left     = "launch;connect 1;mark 1;background;ready"
	asleep   = left + ";advance 1m"
	pushable = "launch;register-push;background;ready;advance 1m"
	local    = "launch;save-app-push office;background;ready"
	dozing   = "launch;connect 1;background;force-idle deep;advance 1m"
)

// steps takes one of the two machines so many steps further.
func steps(machine string, n int) string { return strings.Repeat(";step "+machine, n) }

// wakes are so many wakes by the socket, in so many seconds each.
func wakes(n int) string { return strings.Repeat(";readable 1;received 1 x;advance 11s", n) }

func voipEdges() []edge {
	const d = "ios-voip-socket"
	return []edge{
		{"entry-limit", d, "launch;background;advance @", 5 * time.Second, "killed", false},
		{"grace", d, left + ";advance @", 8 * time.Second, "suspended", false},
		{"task-budget", d, "launch;begin 1 t;background;ready;advance @", 180 * time.Second, "killed", false},
		{"task-budget", d + " era=ios4", "launch;begin 1 t;background;ready;advance @", 600 * time.Second, "killed", false},
		{"task-warning", d, "launch;begin 1 t;background;ready;advance @", 175 * time.Second, "expiring", false},
		{"settle", d, "launch;begin 1 t;background;ready;end 1;advance @", 200 * time.Millisecond, "suspended", false},
		{"audio-grace", d, "launch;background;ready;audio on;audio off;advance @", 5 * time.Second, "suspended", false},
		{"launch-limit", d, "launch;crash;advance 2s;advance @", 10 * time.Second, "suspended", false},
		{"boot-delay", d, "launch;reboot;advance @", 20 * time.Second, "launched", false},
		{"relaunch-delay", d, "launch;crash;advance @", 2 * time.Second, "launched", false},

		{"wake-window", d, asleep + ";readable 1;received 1 x;advance @", 10 * time.Second, "suspended", false},
		{"wake-window", d, asleep + ";readable 1;received 1 x;advance 4s;received 1 y;advance @", 10 * time.Second, "suspended", false},
		{"idle-suspend", d + " idle-suspend=300ms", asleep + ";readable 1;received 1 x;advance @", 300 * time.Millisecond, "suspended", false},
		{"wake-budget-per", d, asleep + wakes(15) + ";advance 10s;advance @;readable 1", 125 * time.Second, "woken", false},
		{"keepalive-min", d, "launch;keepalive @", 600 * time.Second, "keepalive installed", false},
		{"keepalive-window", d + " keepalive-early=0", "launch;keepalive 600s;background;ready;advance 600s;advance @", 10 * time.Second, "suspended", false},
		{"keepalive-window", d + " era=ios4-guide keepalive-early=0", "launch;keepalive 600s;background;ready;advance 600s;advance @", 30 * time.Second, "killed", false},
		{"reclaim-after", d + " reclaim-after=20s", "launch;connect 1;background;ready;advance 8s;advance @", 20 * time.Second, "reclaimed", false},
		{"notification-time", d, asleep + ";readable 1;notify 1 Bob 1s;advance @", 30 * time.Second, "expired", false},
		{"sound-max", d, asleep + ";readable 1;notify 1 Bob @", 30*time.Second + tick, "sound-too-long", false},

		{"wake-budget", d, asleep + ";wakes @", 16, "0xbad22222", false},
		{"notifications-kept", d, "launch;background;notifies @", 65, "withdrawn", false},
	}
}

func pushEdges() []edge {
	const d = "ios-pushkit"
	return []edge{
		{"entry-limit", d, "launch;background;advance @", 5 * time.Second, "killed", false},
		{"grace", d, "launch;background;ready;advance @", 8 * time.Second, "suspended", false},
		{"task-budget", d, "launch;begin 1 t;background;ready;advance @", 30 * time.Second, "killed", false},
		{"task-warning", d, "launch;begin 1 t;background;ready;advance @", 25 * time.Second, "expiring", false},
		{"settle", d, "launch;begin 1 t;background;ready;end 1;advance @", 200 * time.Millisecond, "suspended", false},
		{"audio-grace", d, pushable + ";push high a;report 1 Bob;push-done 1;report-end 1;advance @", 5 * time.Second, "suspended", false},
		{"push-window", d + " era=ios10", pushable + ";push high a;push-done 1;advance @", 30 * time.Second, "suspended", false},
		{"push-report-limit", d, pushable + ";push high a;advance @", 7 * time.Second, "0xbaadca11", false},
		{"push-block-time", d + " push-violations=1 push-block-time=1h", pushable + ";push high a;push-done 1;advance @;push high b", time.Hour, "push delivered", false},
		{"push-viable", d + " era=ios26.4", pushable + ";push high a 1h @;push-done 1", 30 * time.Second, "killed", true},
		{"push-idle-after", d + " push-idle-after=30m", "launch;register-push;background;ready;lock;advance @;push high a", 30 * time.Minute, "push-idle", false},
		{"call-screen-time", d, pushable + ";push high a;report 1 Bob;push-done 1;advance @", 60 * time.Second, "expired", false},
		{"ring-window", d, pushable + ";push high a;advance 5s;report 1 Bob;push-done 1;advance @", 30 * time.Second, "suspended", false},
		{"reclaim-after", d, "launch;connect 1;background;ready;advance 8s;advance @", tick, "reclaimed", false},
		{"audio-activation", d, pushable + ";push high a;report 1 Bob;push-done 1;tap 1 answer;advance @", 200 * time.Millisecond, "AudioActivated", false},
		{"notification-time", d, "launch;background;notify 1 Bob 1s;ready;advance @", 30 * time.Second, "expired", false},
		{"sound-max", d, "launch;background;notify 1 Bob @", 30*time.Second + tick, "sound-too-long", false},

		{"local-push-timer", d, local + ";advance 2m;advance @", time.Minute, "push timer", false},
		{"wifi-sleep-time", d + " wifi-sleep-min=90m wifi-sleep-max=90m", local + ";lock;advance 90m;advance @", 30 * time.Second, "push back", false},

		{"push-violations", d, pushable + ";violations @", 3, "push-blocked", false},
		{"notifications-kept", d, "launch;background;notifies @", 65, "withdrawn", false},
	}
}

func androidEdges() []edge {
	const d = "android-doze"
	const quick = d + " idle-suspend=1s"
	const idleLong = d + " light-period=1h light-period-max=1h"
	return []edge{
		{"grace", d, "launch;force-idle deep;background;advance @", 5 * time.Second, "suspended", false},
		{"settle", d, "launch;keepalive 5m;background;force-idle deep;advance 5m;returned;advance @", 200 * time.Millisecond, "suspended", false},
		{"audio-grace", d, "launch;audio on;background;force-idle deep;audio off;advance @", 5 * time.Second, "suspended", false},
		{"launch-limit", d, "launch;reboot;standby rare;advance 20s;advance @", 10 * time.Second, "suspended", false},
		{"boot-delay", d, "launch;reboot;advance @", 20 * time.Second, "launched", false},

		{"light-inactive", d, "launch;screen off;advance @", 3 * time.Minute, "light-pre-idle", false},
		{"light-inactive", d + " era=android8", "launch;screen off;advance @", 5 * time.Minute, "light-pre-idle", false},
		{"light-inactive", d + " era=android12", "launch;screen off;advance @", 4 * time.Minute, "light-pre-idle", false},
		{"light-pre-idle", d, "launch;screen off" + steps("light", 1) + ";advance @", 3 * time.Minute, "light-idle", false},
		{"light-pre-idle", d + " era=android8", "launch;screen off" + steps("light", 1) + ";advance @", 10 * time.Minute, "light-idle", false},
		{"light-period", d, "launch;screen off" + steps("light", 2) + ";advance @", 5 * time.Minute, "light-maintenance", false},
		{"light-factor", d, "launch;screen off" + steps("light", 4) + ";advance @", 10 * time.Minute, "light-maintenance", false},
		{"light-inactive", d + " era=android13", "launch;screen off;advance @", 4 * time.Minute, "light-idle", false},
		{"light-inactive", d + " era=android15", "launch;screen off;advance @", time.Minute, "light-idle", false},
		{"light-step", d + " era=android15", "launch;screen off" + steps("light", 5) + ";advance @", 15 * time.Minute, "light-maintenance", false},
		{"light-period-max", d + " era=android15", "launch;screen off" + steps("light", 13) + ";advance @", 30 * time.Minute, "light-maintenance", false},
		{"light-period-max", d, "launch;screen off" + steps("light", 6) + ";advance @", 15 * time.Minute, "light-maintenance", false},
		{"light-window-min", d, "launch;screen off" + steps("light", 3) + ";advance @", time.Minute, "light-idle", false},
		{"light-window-max", d, "launch;screen off" + steps("light", 15) + ";advance @", 5 * time.Minute, "light-idle", false},
		{"light-window-least", quick, "launch;screen off" + steps("light", 3) + ";advance @", 5 * time.Second, "light-idle", false},
		{"idle-suspend", d + " idle-suspend=7s", "launch;screen off" + steps("light", 3) + ";advance @", 7 * time.Second, "light-idle", false},

		{"deep-inactive", d, "launch;screen off;advance @", 30 * time.Minute, "idle-pending", false},
		{"deep-motion-inactive", d, "launch;screen off;motion;advance @", 10 * time.Minute, "idle-pending", false},
		{"deep-pending", d, "launch;screen off" + steps("deep", 1) + ";advance @", 30 * time.Minute, "sensing", false},
		{"deep-sensing", d, "launch;screen off" + steps("deep", 2) + ";advance @", 4 * time.Minute, "locating", false},
		{"deep-locating", d, "launch;screen off" + steps("deep", 3) + ";advance @", 30 * time.Second, "deep-idle", false},
		{"deep-period", d, "launch;screen off" + steps("deep", 4) + ";advance @", time.Hour, "deep-maintenance", false},
		{"deep-factor", d, "launch;screen off" + steps("deep", 6) + ";advance @", 2 * time.Hour, "deep-maintenance", false},
		{"deep-period-max", d, "launch;screen off" + steps("deep", 10) + ";advance @", 6 * time.Hour, "deep-maintenance", false},
		{"deep-window", d, "launch;screen off" + steps("deep", 5) + ";advance @", 5 * time.Minute, "deep-idle", false},
		{"deep-window-factor", d + " deep-window-max=20m", "launch;screen off" + steps("deep", 7) + ";advance @", 10 * time.Minute, "deep-idle", false},
		{"deep-window-max", d, "launch;screen off" + steps("deep", 9) + ";advance @", 10 * time.Minute, "deep-idle", false},
		{"deep-window-least", quick, "launch;screen off" + steps("deep", 5) + ";advance @", 30 * time.Second, "deep-idle", false},

		{"send-timeout", idleLong, "launch;connect 1;begin 1 t;screen off;force-idle light;write 1 x;advance @;screen on;unforce", 924 * time.Second, "timed out", false},
		{"connect-timeout", idleLong, "launch;begin 1 t;screen off;force-idle light;connect 1;advance @;screen on;unforce", 127 * time.Second, "timed out", false},

		{"keepalive-min", d, "launch;keepalive 1s;advance @", time.Minute, "keepalive tick", false},
		{"keepalive-window", d, "launch;keepalive 5m;background;force-idle deep;advance 5m;advance @", 10 * time.Second, "suspended", false},
		{"alarm-gap", d, "launch;keepalive 1m;background;force-idle deep;advance 1m;advance @", 9 * time.Minute, "keepalive tick", false},
		{"alarm-gap-working-set", d, "launch;keepalive 1m;background;standby working-set;advance 1m;advance @", 6 * time.Minute, "keepalive tick", false},
		{"alarm-gap-frequent", d, "launch;keepalive 1m;background;standby frequent;advance 1m;advance @", 30 * time.Minute, "keepalive tick", false},
		{"alarm-gap-rare", d, "launch;keepalive 1m;background;standby rare;advance 1m;advance @", time.Hour, "keepalive tick", false},
		{"alarm-gap-restricted", d, "launch;keepalive 1m;background;standby restricted;advance 1m;advance @", 24 * time.Hour, "keepalive tick", false},

		{"wake-window", d, dozing + ";allowlist on;readable 1;received 1 x;advance @", 10 * time.Second, "suspended", false},
		{"push-window", d, dozing + ";push high a;advance @", 10 * time.Second, "suspended", false},
		{"push-penalty-per", d, dozing + ";fruitless 6;advance @;push high a", 168*time.Hour - 56*time.Second, "push dropped", true},
		{"job-window", d, "launch;background;standby rare;advance 24h;advance @", 10 * time.Minute, "the job window is over", false},
		{"job-period-rare", d, "launch;background;standby rare;advance @", 24 * time.Hour, "a job window", false},
		{"job-period-restricted", d, "launch;background;standby restricted;advance @", 24 * time.Hour, "a job window", false},
		{"freeze-after", d + " era=android14", "launch;background;advance @", 10 * time.Second, "suspended", false},
		{"freeze-after", d + " era=android14", "launch;register-push;background;advance 30s;push high a;advance 10s;advance @", 10 * time.Second, "suspended", false},
		{"radio-idle", d + " era=android15 freeze-after=1m", "launch;connect 1;join cell;background;advance 50s;received 1 x;advance @;screen off;force-idle deep", 10 * time.Second, "destroyed", true},
		{"heads-up-time", d + " full-screen-intent=off", "launch;background;screen off;report 1 Bob;advance @", time.Minute, "expired", false},
		{"service-short", d + " era=android14 service-phone-call=off", "launch;audio on;advance @", 3 * time.Minute, "onTimeout", false},
		{"service-short-grace", d + " era=android14 service-phone-call=off", "launch;audio on;advance 3m;advance @", 10 * time.Second, "killed", false},
		{"distributor-window", d, "launch;register-web k;opened https://p/push/1;screen off;force-idle deep;push web a;advance @", 5 * time.Second, "suspended", false},
		{"service-limit", d, "launch;start-service;advance @", 5 * time.Second, "killed", false},
		{"notification-time", d, "launch;background;notify 1 Bob 1s;advance @", 30 * time.Second, "expired", false},
		{"sound-max", d, "launch;background;notify 1 Bob @", 30*time.Second + tick, "sound-too-long", false},

		{"push-kept", d, dozing + ";pushes @", 101, "all are gone", false},
		{"push-penalty-limit", d, dozing + ";fruitless @;push high a", 6, "push dropped", false},
		{"push-cap-frequent", d, dozing + ";standby frequent;shown @;push high a", 10, "push dropped", false},
		{"push-cap-rare", d, dozing + ";standby rare;shown @;push high a", 5, "push dropped", false},
		{"push-cap-restricted", d, dozing + ";standby restricted;shown @;push high a", 5, "push dropped", false},
		{"notifications-kept", d, "launch;background;notifies @", 51, "withdrawn", false},
	}
}

func desktopEdges() []edge {
	const d = "desktop"
	return []edge{
		{"notification-time", d, "launch;background;notify 1 Bob 1s;advance @", 30 * time.Second, "expired", false},
		{"sound-max", d, "launch;background;notify 1 Bob @", 30*time.Second + tick, "sound-too-long", false},
		{"notifications-kept", d, "launch;background;notifies @", 65, "withdrawn", false},
	}
}

// constEdges are those of the numbers that are no settings.
func constEdges() []edge {
	const d = "android-doze"
	return []edge{
		{"", "ios-voip-socket", asleep + ";readable 1;received 1 x;advance @;received 1 y", time.Second, "the window starts again", false},
		{"", "ios-pushkit", pushable + ";push high a - @", 10 * time.Second, "stale-push", false},
		{"", "ios-pushkit", pushable + ";force-quit;pushes @", 17, "too many wait for the launch", false},
		{"", d, dozing + ";standby frequent;shown 10;advance @;push high a", 24*time.Hour - 110*time.Second, "push dropped", true},
		{"", d, "launch;connect 1;begin 1 t;screen off;force-idle light;fill @", 4<<20 + 1, "no buffer space", false},
	}
}

func edges() []edge {
	return slices.Concat(voipEdges(), pushEdges(), androidEdges(), desktopEdges(), constEdges())
}

// repeated are the commands that stand for others, so many times.
var repeated = map[string][]string{
	"wakes":      {"readable 1", "received 1 x", "advance 11s"},
	"notifies":   {"notify # Bob 1s"},
	"violations": {"push high a", "advance 7s", "launch", "register-push", "background", "ready", "advance 1m"},
	"fruitless":  {"push high a", "advance 11s"},
	"shown":      {"push high a", "notify 1 Bob 1s", "advance 11s"},
	"pushes":     {"push normal a 1h"},
}

// play plays the script on a device with the edge at such a value, and returns
// what was written from the first command with an @ on.
func (e edge) play(t *testing.T, p Profile, value string) string {
	s := &stage{t: t, now: epoch, device: New(p, rand.New(rand.NewPCG(1, 1)), named)}
	from := -1
	for line := range strings.SplitSeq(e.script, ";") {
		if from < 0 && strings.Contains(line, "@") {
			from = s.out.Len()
		}
		s.repeat(strings.Fields(strings.ReplaceAll(line, "@", value)))
	}
	return s.out.String()[from:]
}

// repeat carries out a command, or what it stands for; "fill N" writes N bytes.
func (s *stage) repeat(words []string) {
	if words[0] == "fill" {
		s.show(s.device.Call(s.now, system.Send{Socket: 1, Data: make([]byte, number1(s.t, words[1:]))}))
		return
	}
	lines, ok := repeated[words[0]]
	if !ok {
		s.command(words)
		return
	}
	for i := range number1(s.t, words[1:]) {
		for _, line := range lines {
			words := strings.Fields(strings.ReplaceAll(line, "#", fmt.Sprint(i+1)))
			if _, ofApp := calls[words[0]]; ofApp && !s.device.Running() {
				continue // what went before has not woken it
			}
			s.command(words)
		}
	}
}

// holds reports whether the edge is exactly where the table has it.
func (e edge) holds(t *testing.T, p Profile) bool {
	at, less := fmt.Sprint(e.at), ""
	switch v := e.at.(type) {
	case time.Duration:
		less = fmt.Sprint(v - tick)
	case int:
		less = fmt.Sprint(v - 1)
	}
	before, on := strings.Contains(e.play(t, p, less), e.want), strings.Contains(e.play(t, p, at), e.want)
	return before == e.before && on == !e.before
}

// profile is that of the edge's device.
func (e edge) profile(t *testing.T) Profile {
	words := strings.Fields(e.device)
	set := map[string]string{}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		set[key] = value
	}
	p, err := load(t, words[0]).With(set, false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEdges: each number takes effect where it says, to the millisecond; and
// with a number one less or one more the check of it fails, so that it would
// notice.
func TestEdges(t *testing.T) {
	for _, e := range edges() {
		t.Run(e.device+" "+e.key, func(t *testing.T) {
			p := e.profile(t)
			if !e.holds(t, p) {
				lines := strings.Split(e.play(t, p, fmt.Sprint(e.at)), "\n")
				t.Fatalf("%q is not exactly at %v; at it:\n%s", e.want, e.at, strings.Join(lines[max(0, len(lines)-20):], "\n"))
			}
			for _, sign := range []int{-1, 1} {
				if e.key == "" {
					break
				}
				q := p
				nudge(t, &q, e.key, sign)
				if e.holds(t, q) {
					t.Errorf("%s %s instead of %s makes no difference", e.key, q.show(e.key), p.show(e.key))
				}
			}
		})
	}
}

// nudge makes a number a little less or more.
func nudge(t *testing.T, p *Profile, key string, sign int) {
	field, _, ok := p.settingField(key)
	if !ok {
		t.Fatalf("no setting %s", key)
	}
	value := ""
	switch v := field.Interface().(type) {
	case time.Duration:
		value = fmt.Sprint(v + time.Duration(sign)*tick)
	case int:
		value = fmt.Sprint(v + sign)
	case float64:
		value = fmt.Sprint(v + float64(sign)/1000)
	}
	if err := p.set(key, value); err != nil {
		t.Fatal(err)
	}
}

// TestEveryNumberHasAnEdge: a number that no edge is about could change and
// nothing would notice. Switches and choices have transcripts.
func TestEveryNumberHasAnEdge(t *testing.T) {
	elsewhere := []string{
		"keepalive-early", "push-launch-min", "push-launch-max", "wifi-sleep-min", "wifi-sleep-max", // TestChanceKeepsItsBounds
		"default-sound", // TestDefaultSound
	}
	tested := map[string]bool{}
	for _, e := range edges() {
		name, _, _ := strings.Cut(e.device, " ")
		tested[name+" "+e.key] = true
	}
	for _, name := range Names() {
		p := load(t, name)
		for _, key := range p.keys {
			field, _, _ := p.settingField(key)
			isNumber := field.Type() == reflect.TypeFor[time.Duration]() || field.Kind() == reflect.Int || field.Kind() == reflect.Float64
			if isNumber && !tested[name+" "+key] && !slices.Contains(elsewhere, key) {
				t.Errorf("%s: %s has no edge", name, key)
			}
		}
	}
}

// fixed is a source of chance that always gives the same.
type fixed uint64

func (f fixed) Uint64() uint64 { return uint64(f) }

// TestChanceKeepsItsBounds: what chance decides lies between two bounds, and
// the least and the greatest chance reach them.
func TestChanceKeepsItsBounds(t *testing.T) {
	for _, c := range []struct {
		device, script string
		chance         fixed
		want           time.Duration // from the script's end to what comes next
	}{
		{"ios-voip-socket", "launch;keepalive 600s", 0, 600 * time.Second},
		{"ios-voip-socket", "launch;keepalive 600s", math.MaxUint64, 540 * time.Second},
		{"android-doze", "launch;keepalive 600s", math.MaxUint64, 600 * time.Second},
		{"ios-pushkit", pushable + ";force-quit;push high a", 0, 500 * time.Millisecond},
		{"ios-pushkit", pushable + ";force-quit;push high a", math.MaxUint64, 2 * time.Second},
		{"ios-pushkit local-push-timer=9h", local + ";advance 1m;lock", 0, time.Hour},
		{"ios-pushkit local-push-timer=9h", local + ";advance 1m;lock", math.MaxUint64, 3 * time.Hour},
	} {
		name, set, _ := strings.Cut(c.device, " ")
		p := load(t, name)
		if key, value, ok := strings.Cut(set, "="); ok {
			var err error
			if p, err = p.With(map[string]string{key: value}, false); err != nil {
				t.Fatal(err)
			}
		}
		s := &stage{t: t, now: epoch, device: New(p, rand.New(c.chance), named)}
		for line := range strings.SplitSeq(c.script, ";") {
			s.command(strings.Fields(line))
		}
		if got := s.device.Deadline().Sub(s.now).Round(time.Microsecond); got != c.want {
			t.Errorf("%s: %s after %q, want %s", c.device, got, c.script, c.want)
		}
	}
}

// TestDefaultSound: a sound that is too long is replaced by one of the default
// length, and one of the greatest length is not.
func TestDefaultSound(t *testing.T) {
	for _, name := range Names() {
		for sound, want := range map[time.Duration]time.Duration{30 * time.Second: 30 * time.Second, 30*time.Second + tick: 2 * time.Second} {
			d := New(load(t, name), rand.New(rand.NewPCG(1, 1)), named)
			d.Do(epoch, Launch{})
			d.Do(epoch, Background{})
			var got time.Duration
			for _, c := range d.Call(epoch, system.Notify{ID: 1, Sound: sound}).Kernel {
				if l, ok := c.(system.Log); ok {
					if e, ok := l.Event.(event.Notification); ok {
						got = e.Sound.D()
					}
				}
			}
			if got != want {
				t.Errorf("%s: a sound of %s plays for %s, want %s", name, sound, got, want)
			}
		}
	}
}
