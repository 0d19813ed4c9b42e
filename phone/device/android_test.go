package device

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// android carries out a command of a transcript that is for an Android
// device, and reports whether it was one.
func (s *stage) android(word string, args []string) bool {
	if a := androidAct(word, args); a != nil {
		s.show(s.device.Do(s.now, a))
	} else if f, ok := androidCalls[word]; ok {
		if s.device.State() == event.Suspended {
			s.t.Fatalf("%s at %s: the app is suspended", word, s.now.Sub(epoch))
		}
		s.show(s.device.Call(s.now, f(s.t, args)))
	} else if word == "opened" {
		s.show(s.device.Receive(s.now, system.PushOpened{Token: args[0]}))
	} else if word == "push" {
		s.show(s.device.Receive(s.now, system.PushArrived{Push: s.push(args)}))
	} else {
		return false
	}
	return true
}

// androidAct is what a tester does: the words of the verbs.
func androidAct(word string, args []string) Act {
	on := strings.Join(args, "") == "on"
	deep := strings.Join(args, "") == "deep"
	switch word {
	case "screen":
		return Screen{On: on}
	case "motion":
		return Motion{}
	case "charger":
		return Charger{On: on}
	case "force-idle":
		return ForceIdle{Deep: deep}
	case "step":
		return StepIdle{Deep: deep}
	case "unforce":
		return Unforce{}
	case "get":
		return GetIdle{Deep: deep}
	case "allowlist":
		return Allowlist{On: on}
	case "standby":
		return Standby{Bucket: Bucket(args[0])}
	case "force-stop":
		return ForceStop{}
	case "join":
		return Join{Bearer: Bearer(args[0])}
	case "distributor":
		return Distributor{Sleeps: strings.Join(args, "") == "sleeps"}
	}
	return nil
}

// androidCalls are what the app asks.
var androidCalls = map[string]func(t *testing.T, args []string) system.Effect{
	"start-service":    func(*testing.T, []string) system.Effect { return system.StartService{} },
	"start-foreground": func(*testing.T, []string) system.Effect { return system.StartForeground{} },
	"stop-service":     func(*testing.T, []string) system.Effect { return system.StopService{} },
	"register-push":    func(*testing.T, []string) system.Effect { return system.RegisterPush{} },
	"register-web":     func(_ *testing.T, a []string) system.Effect { return system.RegisterWebPush{Key: a[0]} },
	"push-done":        func(t *testing.T, a []string) system.Effect { return system.PushDone{ID: number1(t, a)} },
	"report": func(t *testing.T, a []string) system.Effect {
		return system.ReportCall{ID: number1(t, a), Name: a[1], Peer: "sip:" + a[1]}
	},
	"report-end": func(t *testing.T, a []string) system.Effect {
		return system.ReportEnd{ID: number1(t, a), Why: system.EndReason(rest(a, 1))}
	},
	"write": func(t *testing.T, a []string) system.Effect {
		return system.Send{Socket: sock(t, a), Data: []byte(a[1])}
	},
}

// push reads "push high|normal|stale ID [kept for]"; stale: for a token that is
// not the app's.
func (s *stage) push(args []string) system.Push {
	p := system.Push{Token: s.device.token(), ID: args[1], High: args[0] == "high", Payload: map[string]string{"call": args[1]}}
	switch args[0] {
	case "stale":
		p.Token = "00ff"
	case "web":
		p.Token, p.Body, p.Payload = "https://p/push/1", []byte("sealed"), nil
	}
	p.Background = args[0] == "background"
	if len(args) > 2 && args[2] != "-" {
		p.Expires = s.now.Add(duration(s.t, args[2]))
	}
	if len(args) > 3 { // how long ago it was sent
		p.Sent = s.now.Add(-duration(s.t, args[3]))
	}
	return p
}

// androids are the settings with which Android devices walk at random.
var androids = []map[string]string{
	{},
	{"era": "android8", "swipe-stops": "on", "idle-suspend": "2s"},
	{"era": "android12", "push-penalty-limit": "1"},
	{"era": "android13", "alarm-network": "on", "push-kept": "2", "light-pre-idle": "0s", "deep-sensing": "0s"},
	{"era": "android14", "keepalive-min": "5s"},
	{"era": "android15", "radio-idle": "2s", "service-phone-call": "off", "service-short": "40s"},
	{"era": "android17", "full-screen-intent": "off"},
	{"keepalive-min": "5s", "alarm-gap": "50s", "push-window": "20s", "grace": "0s", "audio-grace": "0s", "connect-timeout": "20s", "send-timeout": "40s"},
}

// buckets are all buckets, the freest first.
var buckets = []Bucket{BucketActive, BucketWorkingSet, BucketFrequent, BucketRare, BucketRestricted}

// android is something that only happens to Android devices.
func (w *walker) android() {
	d, n := w.device, w.rng.IntN(4)
	switch w.rng.IntN(4) {
	case 0:
		p := system.Push{ID: "x", High: w.rng.IntN(3) > 0}
		if n > 0 {
			p.Expires = w.now.Add(time.Duration(n) * time.Hour)
		}
		p.Token = d.android().distributor.address
		w.take(d.Receive(w.now, system.PushArrived{Push: p}))
		if token := fmt.Sprintf("https://p/%d", n); d.android().distributor.name != "" {
			w.take(d.Receive(w.now, system.PushOpened{Token: token}))
		}
	case 1:
		w.call([]system.Effect{
			system.StartService{},
			system.StartForeground{},
			system.StopService{},
			system.ReportCall{ID: n},
			system.ReportEnd{ID: n},
			system.ReportEnd{ID: n},
			system.RegisterPush{},
			system.PushDone{ID: n},
			system.RegisterWebPush{Key: []string{"k", "l"}[n%2]},
		}[w.rng.IntN(9)])
	default:
		w.take(d.Do(w.now, []Act{
			Screen{On: n == 0},
			Motion{},
			Charger{On: n == 0},
			ForceIdle{Deep: n > 1},
			StepIdle{Deep: n > 1},
			Unforce{},
			GetIdle{Deep: n > 1},
			Allowlist{On: n == 0},
			Standby{Bucket: buckets[w.rng.IntN(len(buckets))]},
			Join{Bearer: []Bearer{WiFi, Cellular, Cellular, NoBearer}[n]},
			Distributor{Sleeps: n == 0},
		}[w.rng.IntN(11)]))
		if w.rng.IntN(50) == 0 {
			w.take(d.Do(w.now, ForceStop{}))
		}
	}
}

// silent checks that nothing is sent while the network is closed to the app.
func (w *walker) silent(out Output, c system.Effect) {
	switch c := c.(type) {
	case system.Send, system.Connect:
	case system.Close:
		if out.Died || c.Reset && w.device.dozes() && w.device.android().p.FreezeDestroys {
			return // the kernel cleans up behind a process, or the system destroys
		}
	default:
		return
	}
	if w.frozen && w.device.dozes() {
		w.t.Fatalf("%T while the network is closed", c)
	}
}

// idleness checks that no period exceeds its cap.
func (w *walker) idleness(e event.DeviceIdle) {
	p := w.device.android().p
	limit := map[idleness]time.Duration{
		lightIdle: p.LightPeriodMax, lightMaintenance: p.LightWindowMax,
		deepIdle: p.DeepPeriodMax, deepMaintenance: p.DeepWindowMax,
	}[idleness(e.To)]
	if limit > 0 && e.Left.D() > limit {
		w.t.Fatalf("%s for %s", e.To, e.Left)
	}
}

// cause checks that an idle device wakes the app for nothing but what it may.
func (w *walker) cause(by event.WakeCause) {
	d := w.device
	if !d.dozes() {
		return
	}
	opened := d.State() == event.Foreground
	if d.android().p.freezes() && (by == event.BySocket || by == event.ByMaintenance) {
		w.t.Fatalf("a frozen app was thawed by %s", by)
	}
	switch by {
	case event.ByKeepalive:
		w.t.Fatal("a keepalive that Android does not know")
	case event.BySocket:
		if !d.android().standby.allowed {
			w.t.Fatal("a socket woke an app that is not on the allowlist")
		}
	case event.ByUser, event.ByNotification, event.ByMaintenance:
		if d.android().doze.idle() && !opened && !d.android().standby.allowed {
			w.t.Fatalf("woken by %s while the device is idle", by)
		}
	}
}

// alarm checks that alarms keep their distance while the device is idle.
func (w *walker) alarm() {
	d := w.device
	gap := w.now.Sub(w.rang)
	if d.dozes() && d.android().doze.idle() && d.State() != event.Foreground && !w.rang.IsZero() && gap < d.android().p.AlarmGap {
		w.t.Fatalf("an alarm %s after the last one", gap)
	}
	w.rang = w.now
}

// restraint checks that an app which is held back runs only for a reason.
func (w *walker) restraint() {
	d := w.device
	if d.dozes() && d.android().p.freezes() && d.State() == event.Background && !d.android().restrained() && d.timers[freezeTimer].IsZero() {
		w.t.Fatal("a cached app runs without an end")
	}
	if !d.dozes() || !d.android().restrained() {
		return
	}
	ends := !d.timers[windowTimer].IsZero() || !d.timers[settleTimer].IsZero()
	switch d.State() {
	case event.Awake, event.Background:
		if !ends {
			w.t.Fatalf("%s without an end while the app is held back", d.State())
		}
	case event.Task:
		if !d.android().wakelocked() && !ends {
			w.t.Fatal("runs without a wakelock")
		}
	case event.InCall:
		if !d.android().engaged() {
			w.t.Fatal("in a call, and there is none")
		}
	}
	leaving := d.timers[settleTimer].Equal(w.now) // about to be suspended
	if d.Running() && !d.frozen && !d.android().connected() && !leaving {
		w.t.Fatalf("the network is open in state %s", d.State())
	}
}

func TestPublishedNumbersOfDoze(t *testing.T) {
	for _, c := range []struct {
		era, setting string
		got, want    time.Duration
	}{
		{"android8", "light-inactive", dozeOf(t, "android8").LightInactive, 5 * time.Minute},
		{"android8", "light-pre-idle", dozeOf(t, "android8").LightPreIdle, 10 * time.Minute},
		{"android9", "light-inactive", dozeOf(t, "android9").LightInactive, 3 * time.Minute},
		{"android9", "light-pre-idle", dozeOf(t, "android9").LightPreIdle, 3 * time.Minute},
		{"android13", "deep-period", dozeOf(t, "android13").DeepPeriod, time.Hour},
		{"android13", "deep-period-max", dozeOf(t, "android13").DeepPeriodMax, 6 * time.Hour},
		{"android13", "alarm-gap", dozeOf(t, "android13").AlarmGap, 9 * time.Minute},
		{"android13", "push-window", era(t, "android13").PushWindow, 10 * time.Second},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s is %s, want %s", c.era, c.setting, c.got, c.want)
		}
	}
}

func era(t *testing.T, name string) Profile {
	p, err := load(t, "android-doze").With(map[string]string{"era": name}, true)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func dozeOf(t *testing.T, name string) *dozeSettings { return era(t, name).own.(*dozeSettings) }

func TestBadSettingsOfDoze(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"push-window", "21s", "the real system allowed no more than 20s"},
		{"alarm-gap", "49s", "the real system allowed no less than 50s"},
		{"deep-period", "7h", "no more than deep-period-max"},
		{"light-window-max", "30s", "no more than light-window-max"},
		{"deep-factor", "0.5", "must be at least 1"},
		{"suspends", "on", "either suspends or dozes"},
		{"push-kept", "0", "push-kept must be more than 0"},
		{"job-period-rare", "10m", "more than job-window"},
		{"era", "android7", "there are: android8, android9, android10, android12, android13"},
	} {
		_, err := load(t, "android-doze").With(map[string]string{c.key: c.value}, true)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: got %v, want %q", c.key, c.value, err, c.want)
		}
	}
}

// BenchmarkIdleDay is a day in a drawer, with a keepalive.
func BenchmarkIdleDay(b *testing.B) {
	p := load(b, "android-doze")
	b.ReportAllocs()
	for b.Loop() {
		d, end := New(p, rand.New(rand.NewPCG(1, 1)), named), epoch.Add(24*time.Hour)
		d.Do(epoch, Launch{})
		d.Call(epoch, system.SetKeepAlive{Timeout: 600 * time.Second})
		d.Do(epoch, Screen{})
		for now := d.Deadline(); now.Before(end); now = d.Deadline() {
			d.Advance(now)
		}
	}
}
