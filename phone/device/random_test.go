package device

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/seeds"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestLaws drives devices at random, with seeds, and checks after every step
// what must hold whatever happens.
func TestLaws(t *testing.T) {
	variants := []map[string]string{
		{},
		{"era": "ios4"},
		{"era": "ios13", "rearm": "off", "reclaim-after": "20s"},
		{"era": "sdk10"},
		{"era": "ios16"},
		{"wake-budget": "2"},
		{"fin-counts": "off", "keepalive-overrun": "kill", "boot-unlock": "on", "audio-by-call": "on"},
		{"idle-suspend": "300ms", "keepalive-bug": "on", "keepalive-min": "10s", "notifications-kept": "3"},
	}
	for i, set := range variants {
		for seed := range seeds.Runs(40) {
			t.Run(fmt.Sprintf("ios-voip-socket %d seed %d", i, seed), func(t *testing.T) { wander(t, "ios-voip-socket", set, seed) })
		}
	}
	for i, set := range []map[string]string{
		{},
		{"era": "ios8"},
		{"era": "ios10", "audio-activation": "40s", "ring-window": "0s"},
		{"era": "ios16", "push-violations": "0"},
		{"era": "ios26.4", "development-build": "on", "push-viable": "5s", "push-idle-after": "10m"},
		{"push-violations": "1", "push-block-time": "1h", "push-report-limit": "1s", "call-screen-time": "5s"},
	} {
		for seed := range seeds.Runs(40) {
			t.Run(fmt.Sprintf("ios-pushkit %d seed %d", i, seed), func(t *testing.T) { wander(t, "ios-pushkit", set, seed) })
		}
	}
	for i, set := range androids {
		for seed := range seeds.Runs(20) {
			t.Run(fmt.Sprintf("android-doze %d seed %d", i, seed), func(t *testing.T) { wander(t, "android-doze", set, seed) })
		}
	}
	for seed := range seeds.Runs(40) {
		t.Run(fmt.Sprintf("desktop seed %d", seed), func(t *testing.T) { wander(t, "desktop", nil, seed) })
	}
}

// TestSameSeedSameDevice: two devices with one seed do the same.
func TestSameSeedSameDevice(t *testing.T) {
	for _, name := range []string{"ios-voip-socket", "ios-pushkit", "android-doze"} {
		a, b := wander(t, name, nil, 7), wander(t, name, nil, 7)
		if !slices.Equal(a, b) {
			t.Errorf("%s: the logs differ", name)
		}
	}
}

// walker is a device on a random walk, and what was seen of it.
type walker struct {
	t      *testing.T
	rng    *rand.Rand
	device *Device
	now    time.Time
	next   system.Socket
	frozen bool
	alive  bool
	open   map[system.Socket]bool // in the kernel
	lines  []string
	rang   time.Time // the last alarm of an Android app
}

func wander(t *testing.T, name string, set map[string]string, seed uint64) []string {
	p, err := load(t, name).With(set, false)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	w := &walker{t: t, rng: rng, now: epoch, next: 1, open: map[system.Socket]bool{}, device: New(p, rand.New(rand.NewPCG(seed, 2)), named)}
	for range 1500 {
		w.step()
		for system.Due(w.device.Deadline(), w.now) {
			w.take(w.device.Advance(w.now))
		}
	}
	return w.lines
}

func (w *walker) step() {
	d := w.device
	switch n := w.rng.IntN(100); {
	case n < 5 || !w.alive && n < 40:
		w.take(d.Do(w.now, w.act()))
	case n < 40 && d.State() != event.Suspended:
		w.call(w.anyCall())
	case n < 45 && d.dozes():
		w.android()
	case n < 70 && w.alive:
		w.take(d.Receive(w.now, w.signal()))
	case n < 72:
		w.take(d.Receive(w.now, w.push()))
	case n < 74:
		w.take(d.Announced(w.now, system.AnnounceCall{}))
	default:
		w.pass()
	}
}

func (w *walker) call(c system.Effect) {
	if w.device.Running() {
		w.take(w.device.Call(w.now, c))
	}
}

// react is what a good app does when it is told something, mostly.
func (w *walker) react(s system.Signal) {
	if w.rng.IntN(20) == 0 {
		return
	}
	switch s := s.(type) {
	case system.Launched:
		w.next++
		id := w.next - 1
		w.call(system.Connect{Socket: id})
		w.call(system.MarkVoIP{Socket: id})
		w.call(system.SetKeepAlive{Timeout: 600 * time.Second})
		w.call(system.RegisterPush{})
		if w.rng.IntN(2) == 0 {
			w.call(system.SaveAppPush{MatchSSIDs: []string{system.UsualWiFi}})
		}
	case system.Pushed:
		w.call(system.ReportCall{ID: s.ID % 4, Name: "Bob", Peer: "sip:bob@example.com"})
		w.call(system.PushDone{ID: s.ID})
	case system.DidEnterBackground:
		w.call(system.BackgroundReady{})
	case system.TaskExpiring:
		w.call(system.EndTask(s))
	}
}

// pass lets time pass: some seconds, but to the next deadline at the most, or
// a little later than that.
func (w *walker) pass() {
	step := time.Duration(w.rng.Int64N(int64([]time.Duration{time.Second, time.Minute, time.Hour}[w.rng.IntN(3)])))
	if next := w.device.Deadline(); !next.IsZero() {
		step = min(step, next.Sub(w.now)+time.Duration(w.rng.IntN(2))*late)
	}
	w.now = w.now.Add(step)
}

// late is how much later than asked a loaded machine steps the device.
const late = 30 * time.Millisecond

func (w *walker) act() Act {
	usual := []Act{Foreground{}, Background{}, Background{}, Lock{}, Unlock{}, Tap{ID: w.rng.IntN(4)}}
	usual = append(usual, Tap{ID: w.rng.IntN(4), Action: system.Answer}, Tap{ID: w.rng.IntN(4), Action: system.Decline})
	rare := []Act{
		Launch{},
		ForceQuit{},
		Crash{},
		Jetsam{},
		Reboot{},
		OtherAppQuit{},
		Sleep{},
		Resume{},
		Update{},
		Reinstall{},
		RotateToken{},
		ResetPush{},
		Exit{Code: w.rng.IntN(2)},
		Join{Bearer: []Bearer{WiFi, Cellular, NoBearer}[w.rng.IntN(3)]},
		Charger{On: w.rng.IntN(2) == 0},
		DoNotDisturb{On: w.rng.IntN(3) == 0},
		BlockCaller{Who: "bob", On: w.rng.IntN(3) == 0},
	}
	if w.rng.IntN(10) == 0 || !w.alive {
		return rare[w.rng.IntN(len(rare))]
	}
	return usual[w.rng.IntN(len(usual))]
}

func (w *walker) socket() system.Socket {
	return w.next - system.Socket(w.rng.IntN(6)) - 1
}

func (w *walker) anyCall() system.Effect {
	id := w.next
	n := w.rng.IntN(4)
	calls := []func() system.Effect{
		func() system.Effect { w.next++; return system.Connect{Socket: id} },
		func() system.Effect { w.next += 2; return system.Bind{RTP: id, RTCP: id + 1} },
		func() system.Effect { w.next++; return system.Listen{Socket: id} },
		func() system.Effect { return system.MarkVoIP{Socket: w.socket()} },
		func() system.Effect { return system.MarkVoIP{Socket: w.socket()} },
		func() system.Effect { return system.Send{Socket: w.socket()} },
		func() system.Effect { return system.Close{Socket: w.socket()} },
		func() system.Effect { return system.BackgroundReady{} },
		func() system.Effect {
			return system.SetKeepAlive{Timeout: time.Duration(w.rng.IntN(1200)) * time.Second}
		},
		func() system.Effect { return system.KeepAliveDone{} },
		func() system.Effect { return system.BeginTask{Task: n, Name: "t"} },
		func() system.Effect { return system.EndTask{Task: n} },
		func() system.Effect { return system.ActivateAudio{On: n == 0} },
		func() system.Effect { return system.Notify{ID: n, Sound: 40 * time.Second} },
		func() system.Effect { return system.Withdraw{ID: n, Missed: w.rng.IntN(2) == 0} },
		func() system.Effect { return system.PushDone{ID: n} },
		func() system.Effect {
			return system.ReportCall{ID: n, Name: "Bob", Peer: "sip:bob@example.com"}
		},
		func() system.Effect { return system.AnswerReported{ID: n} },
		func() system.Effect { return system.ReportEnd{ID: n, Why: system.EndedByPeer} },
		func() system.Effect { return system.OpenSound{} },
		func() system.Effect { return system.CloseSound{} },
	}
	if w.rng.IntN(100) == 0 {
		return system.Exit{Code: n}
	}
	return calls[w.rng.IntN(len(calls))]()
}

func (w *walker) signal() system.Signal {
	id := w.socket()
	if watched := w.device.watched(); len(watched) > 0 && w.rng.IntN(2) == 0 {
		id = watched[0]
	}
	switch w.rng.IntN(30) {
	case 5, 6, 7, 8:
		return w.push()
	case 0:
		return system.Closed{Socket: id}
	case 1:
		return system.Failed{Socket: id}
	case 2:
		w.next++
		return system.Accepted{Listener: id, Socket: w.next - 1}
	case 3:
		return system.Captured{}
	case 4:
		return system.Received{Socket: id, Data: []byte("INVITE sip:x SIP/2.0\r\n")}
	default:
		return system.Readable{Socket: id}
	}
}

// push is a push to the app, now and then one that cannot reach it.
func (w *walker) push() system.Signal {
	p := system.Push{Token: w.device.token(), ID: "push"}
	switch w.rng.IntN(10) {
	case 0:
		p.Token = "another"
	case 1:
		p.Expires = w.now.Add(-time.Second)
	}
	return system.PushArrived{Push: p}
}

// take checks one output.
func (w *walker) take(out Output) {
	w.t.Helper()
	if out.Died {
		w.alive, w.rang = false, time.Time{}
	}
	killed := false
	for _, c := range out.Kernel {
		w.silent(out, c)
		if l, ok := c.(system.Log); ok {
			_, isKill := l.Event.(event.Killed)
			killed = killed || isKill
			what, detail := l.Event.Text()
			w.lines = append(w.lines, what+" "+detail)
		}
		w.kernel(c)
	}
	if killed != out.Died {
		w.t.Fatalf("killed %t, died %t", killed, out.Died)
	}
	w.app(out.App)
	w.laws()
	for _, s := range out.App {
		w.react(s)
	}
}

func (w *walker) kernel(c system.Effect) {
	switch c := c.(type) {
	case system.Freeze:
		if w.frozen {
			w.t.Fatal("frozen twice")
		}
		w.frozen = true
	case system.Thaw:
		if !w.frozen {
			w.t.Fatal("thawed without a freeze")
		}
		w.frozen = false
	case system.Connect:
		w.open[c.Socket] = true
	case system.Listen:
		w.open[c.Socket] = true
	case system.Bind:
		w.open[c.RTP], w.open[c.RTCP] = true, true
	case system.Send:
		if w.device.sockets.owned(c.Socket) == nil && !w.open[c.Socket] {
			w.t.Fatalf("sent on socket %d, which is nobody's", c.Socket)
		}
	case system.Close:
		delete(w.open, c.Socket)
	case system.Log:
		w.logged(c.Event)
	}
}

func (w *walker) logged(e event.Event) {
	switch e := e.(type) {
	case event.State:
		if e.From != event.Suspended && w.frozen && !w.device.dozes() {
			w.t.Fatalf("from %s to %s while frozen", e.From, e.To)
		}
	case event.Wake:
		if wakes, _ := w.device.profile.Budget(); wakes > 0 && e.Stamps > wakes {
			w.t.Fatalf("%d wakes of a budget of %d", e.Stamps, wakes)
		}
		w.cause(e.Cause)
	case event.DeviceIdle:
		w.idleness(e)
	case event.Launch:
		if e.Background && e.Why == "a push came" && w.device.pushesBlocked() {
			w.t.Fatal("launched by a push that is blocked")
		}
	case event.Killed:
		if found, err := diagnose.Find(string(e.Rule)); err != nil || found[0].ID != e.Rule {
			w.t.Fatalf("%+v: %v", e, err)
		}
	case event.Tick:
		w.alarm()
		if e.Early.D() < -late {
			w.t.Fatalf("a tick %s late", -e.Early.D())
		}
	}
}

func (w *walker) app(signals []system.Signal) {
	for _, s := range signals {
		switch s := s.(type) {
		case system.Accepted:
			w.open[s.Socket] = true
		case system.Launched:
			if w.alive {
				w.t.Fatal("launched twice")
			}
			w.alive = true
		case system.Closed, system.Failed:
			maps.DeleteFunc(w.open, func(id system.Socket, _ bool) bool { return w.device.sockets.owned(id) == nil })
		case system.Readable:
			w.t.Fatal("the app saw the system's signal")
		}
		if !w.alive {
			w.t.Fatalf("%T for an app that is dead", s)
		}
		if !w.device.Running() {
			w.t.Fatalf("%T for an app that is suspended", s)
		}
	}
}

func (w *walker) laws() {
	d := w.device
	if w.frozen != (d.State() == event.Suspended || d.frozen && d.Running()) {
		w.t.Fatalf("%s, and frozen is %t", d.State(), w.frozen)
	}
	if w.alive != (d.State() != event.Dead) {
		w.t.Fatalf("%s, and alive is %t", d.State(), w.alive)
	}
	if !w.alive && len(d.sockets.list)+len(d.tasks.list)+len(d.sockets.held)+d.kitOwns() > 0 {
		w.t.Fatal("a dead process owns something")
	}
	if d.kitWaits() > 0 && (w.alive || d.timers[launchTimer].IsZero()) {
		w.t.Fatal("a push waits for a launch that does not come")
	}
	for _, c := range d.tray.cards {
		if c.screen && !d.reported(c.id) {
			w.t.Fatalf("call %d is on the screen, and no process has reported it", c.id)
		}
	}
	w.restraint()
	limited := d.State() == event.Awake || d.State() == event.Task || d.State() == event.Entering
	if limited && !d.dozes() && system.Earliest(d.timers[entryTimer], d.timers[windowTimer], d.timers[settleTimer], d.timers[taskEndTimer]).IsZero() {
		w.t.Fatalf("%s without an end", d.State())
	}
	if d.wake.open && d.State() != event.Awake && d.State() != event.Task {
		w.t.Fatalf("a wake goes on in state %s", d.State())
	}
	for id := range w.open {
		if d.sockets.owned(id) == nil && !d.closes(id) {
			w.t.Fatalf("socket %d is open, and nobody's", id)
		}
	}
	if len(d.tray.cards) > d.profile.NotificationsKept {
		w.t.Fatalf("%d notifications", len(d.tray.cards))
	}
}

func BenchmarkWake(b *testing.B) {
	p, err := load(b, "ios-voip-socket").With(map[string]string{"wake-budget": "0"}, false)
	if err != nil {
		b.Fatal(err)
	}
	d := New(p, rand.New(rand.NewPCG(1, 1)), named)
	now := epoch
	d.Do(now, Launch{})
	d.Call(now, system.Connect{Socket: 1})
	d.Call(now, system.MarkVoIP{Socket: 1})
	d.Do(now, Background{})
	d.Call(now, system.BackgroundReady{})
	d.Advance(now.Add(p.Grace))
	data := []byte("INVITE sip:alice@example.com SIP/2.0\r\n")
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Minute)
		d.Receive(now, system.Readable{Socket: 1})
		d.Receive(now, system.Received{Socket: 1, Data: data})
		d.Advance(now.Add(p.WakeWindow))
	}
}
