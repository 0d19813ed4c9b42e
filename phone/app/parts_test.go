package app

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A toldAccount has an agent that is played by hand.
type toldAccount struct {
	control.Account
	agent *toldAgent
}

func (a toldAccount) Open(control.Env) (control.Agent, error) { return a.agent, nil }

// A whole is an app around a strategy, at a server that is played by hand.
type whole struct {
	*App
	agent *toldAgent
	now   time.Time
}

func newWhole(t *testing.T, cfg Config) *whole {
	t.Helper()
	agent := &toldAgent{promised: true}
	cfg.Account, cfg.Rand = toldAccount{agent: agent}, rand.New(rand.NewPCG(1, 1))
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &whole{a, agent, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// tell is a signal or a notice. It gives back what the app asks for, but for
// its sound and the log.
func (w *whole) tell(what any) string {
	var effects []system.Effect
	switch what := what.(type) {
	case system.Signal:
		effects = w.Receive(w.now, what)
	case control.Notice:
		w.notice(w.now, w.lines[0], what)
		effects = w.out.take()
	}
	var words []string
	for _, c := range effects {
		switch c.(type) {
		case system.Log, system.ActivateAudio, system.Bind, system.Notify, system.Withdraw:
		default:
			words = append(words, wordsOf(c))
		}
	}
	return strings.Join(words, ", ")
}

func (w *whole) plays(t *testing.T, plays ...play) {
	t.Helper()
	for i, p := range plays {
		if got := w.tell(p.what); got != p.want {
			t.Errorf("%d. %T %+v:\n got %s\nwant %s", i+1, p.what, p.what, got, p.want)
		}
	}
}

// The app stays awake until the server has answered, and as long as it rings.
func TestStaysAwakeForAnAnswer(t *testing.T) {
	w := newWhole(t, Config{Strategy: VoIPSocket})
	w.plays(t,
		play{granted(time.Hour), "ping"},
		play{control.Ponged{}, ""},
		play{system.KeepAlive{}, "ping"},
		play{control.Offered{ID: 1, From: "sip:bob@lab.test"}, "ring"},
		play{control.Ended{ID: 1, By: "peer"}, "close 1, close 2"}, // and the pong is still to come
		play{control.Ponged{}, "handler returns"},
		play{system.KeepAlive{}, "ping"},
		play{control.Offered{ID: 2, From: "sip:bob@lab.test"}, "ring"},
		play{control.Ponged{}, ""}, // it rings
		play{control.Ended{ID: 2, By: "peer"}, "close 3, close 4, handler returns"},
	)
}

func TestStaysAwakeForTheStrategy(t *testing.T) {
	w := newWhole(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
	w.tell(system.Launched{Background: true})
	w.tell(opened(1))
	w.plays(t,
		play{system.KeepAlive{}, "PING, ping"},
		play{control.Ponged{}, ""}, // of the other server
		play{data(1, "PONG\r\n"), "handler returns"},
	)
}

// A lost connection is mended in a background task, where one is needed.
func TestTaskForALostConnection(t *testing.T) {
	w := newWhole(t, Config{Strategy: NoStrategy})
	w.plays(t,
		play{control.FlowFailed{Err: errLost}, "task: open a new connection"},
		play{control.FlowFailed{Err: errLost}, ""}, // it has one
		play{granted(time.Hour), "no task"},
		play{control.FlowFailed{Err: errLost}, "task: open a new connection"},
		play{control.RegisterFailed{}, "no task"},
		play{control.FlowFailed{Err: errLost}, "task: open a new connection"},
		play{system.TaskExpiring{}, "no task"},
		play{control.RegisterFailed{}, ""},
	)
	w.foreground = true
	w.plays(t, play{control.FlowFailed{Err: errLost}, ""})
	w.foreground, w.leaving = false, true
	w.plays(t, play{control.FlowFailed{Err: errLost}, ""})
}

func TestDatagramsOfTheWakeSocket(t *testing.T) {
	for strategy, want := range map[Strategy]int{VoIPSocket: 1, WakeSocket: 1} { // of the wake socket
		s := newShelf(t, strategy)
		binds, connects := 0, 0
		for _, c := range s.launch {
			switch c.(type) {
			case system.Bind:
				binds++
			case system.Connect:
				connects++
			}
		}
		if over := strategy == WakeSocket; connects != want || binds > 0 != over {
			t.Errorf("%s: %d connections, %d sockets for datagrams", strategy, connects, binds)
		}
	}
}

func TestNoReplyCostsAWakeOnTheScreen(t *testing.T) {
	s := newShelf(t, VoIPSocket)
	s.registered("Expires: 3600", "Require: outbound")
	s.tell(system.Received{Socket: s.control, Data: []byte("\r\n")}) // the probe's pong
	effects, _ := s.app.Register(s.now, "")
	s.saw(effects)
	s.pass(20 * time.Second)
	s.saw(s.app.Advance(s.now))
	s.granted("Require: outbound")
	s.want()
}

func TestStopNotice(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		look            time.Duration
		looked, stopped bool
	}{
		{time.Second - 1, false, false},
		{time.Second, true, false},
		{2 * time.Second, true, false},
		{2*time.Second + 1, true, true},
	} {
		var s stopNotice
		s.watch(at, true)
		s.watch(at.Add(time.Millisecond), true) // the look stands
		if got := s.advance(at.Add(c.look)); got != c.looked || s.stopped != c.stopped {
			t.Errorf("a look after %s: looked %v, stopped %v", c.look, got, s.stopped)
		}
	}
	var s stopNotice
	s.watch(at, true)
	s.watch(at, false)
	if !s.deadline().IsZero() {
		t.Error("it looks, and waits for nothing")
	}
}

func TestWakeSocketBacksOff(t *testing.T) {
	r := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
	r.tell(system.Launched{})
	id := system.Socket(1)
	fails := func(then time.Duration) {
		t.Helper()
		r.tell(system.Failed{Socket: id, Err: errLost})
		r.plays(play{then - 1, ""})
		if got := r.tell(time.Duration(1)); !strings.HasPrefix(got, "wake connecting") {
			t.Errorf("after %s: %q", then, got)
		}
		id++
	}
	for _, then := range []time.Duration{30, 60, 120, 240, 480, 960, 1800, 1800} {
		fails(then * time.Second)
	}
	r.tell(opened(id))
	r.tell(10 * time.Second)
	r.tell(system.Closed{Socket: id})
	id++
	fails(30 * time.Second)
}

// TestWakeSocketIsClosedAtOnce: a server that accepts each connection and closes it
// is asked later and later.
func TestWakeSocketIsClosedAtOnce(t *testing.T) {
	r := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
	r.tell(system.Launched{})
	began, connects := r.now, 1
	for id := system.Socket(1); r.now.Sub(began) < 10*time.Minute; {
		r.tell(opened(id))
		if got := r.tell(system.Closed{Socket: id}); !strings.Contains(got, "connect ") {
			if w := r.strategy.(*wakeSocket); w.retryAt.IsZero() {
				t.Fatal("it does not try again")
			} else if got = r.tell(w.retryAt.Sub(r.now)); !strings.Contains(got, "connect ") {
				t.Fatalf("no connection when it is due: %q", got)
			}
		}
		connects++
		id++
	}
	if connects > 12 {
		t.Errorf("%d connections in 10 minutes", connects)
	}
}

func TestWakeSocketTakesLinesOfSomeLength(t *testing.T) {
	for n, want := range map[int]string{256: "", 257: "close 1, wake broken, wake connecting, connect 2, rest"} {
		r := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
		r.tell(system.Launched{})
		r.tell(opened(1))
		r.plays(play{data(1, strings.Repeat("x", n)+"\n"), want})
	}
}

func TestWakeLineAfterItsINVITE(t *testing.T) {
	for after, want := range map[time.Duration]bool{
		500*time.Millisecond - 1: false, // it was read before the line
		500 * time.Millisecond:   true,
	} {
		var r wakeRace
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		r.offered(at)
		if got := r.woken(at.Add(after)); got != want {
			t.Errorf("%s after an INVITE, another is waited for: %v", after, got)
		}
	}
}

func TestPushingIsNotIdle(t *testing.T) {
	for name, st := range map[string]standing{
		"":              {registered: true},
		"no push token": {registered: true},
		"leaving":       {registered: true, status: status{leaving: true}},
		"not connected": {},
	} {
		r := newRig(t, Config{Strategy: Push})
		if name != "no push token" {
			r.tell(system.PushToken{Token: "t1"})
		}
		r.tell(st)
		want := ""
		if name == "" {
			want = "hang up the line"
		}
		r.plays(play{func() { r.strategy.moved(r.now) }, want})
	}
}

func TestCallScreenIsUsed(t *testing.T) {
	for _, c := range []struct {
		auto   Behaviour
		report Report
		want   bool
	}{
		{Manual, ReportAtOnce, true},
		{Manual, ReportLate, true},
		{Manual, ReportNever, false},
		{Ring, ReportAtOnce, false},
	} {
		r := newRig(t, Config{Strategy: Push, Auto: c.auto, Push: Pushing{Report: c.report}})
		if r.screen.used {
			t.Error("used before there is a push token")
		}
		r.tell(system.PushToken{Token: "t1"})
		if r.screen.used != c.want {
			t.Errorf("%+v: used %v", c, r.screen.used)
		}
	}
}

// An INVITE may be faster than its push, and the app be on the screen: the call
// is not a new one.
func TestPushAfterItsINVITE(t *testing.T) {
	for callID, joined := range map[string]bool{"a": true, "b": false, "": false} {
		w := newWhole(t, Config{Strategy: Push})
		id := "a"
		if callID == "" {
			id = "" // which says nothing
		}
		w.foreground = true
		w.plays(t,
			play{system.PushToken{Token: "t1"}, "register"},
			play{control.Offered{ID: 1, CallID: id, From: "sip:bob@lab.test", Name: "Bob"}, "ring"},
			play{aPush(1, callID), "report Bob, register, handled 1"},
		)
		if got := w.screen.reports[0].joined; got != joined {
			t.Errorf("a push for %q: joined %v", callID, got)
		}
	}
}

func TestRefusesWhileItShutsDown(t *testing.T) {
	w := newWhole(t, Config{})
	w.leaving = true
	w.plays(t, play{control.Offered{ID: 1, From: "sip:bob@lab.test"}, "reject 486"})
}

// An app that lets every call ring has no user to tell.
func TestRingsForEverWithoutANotification(t *testing.T) {
	for auto, want := range map[Behaviour]bool{Manual: true, Ring: false} {
		w := newWhole(t, Config{Auto: auto})
		w.foreground = true
		w.plays(t,
			play{control.Offered{ID: 1, From: "sip:bob@lab.test"}, "ring"},
			play{system.DidEnterBackground{}, "handler 10m0s, system.BackgroundReady"},
		)
		if got := w.board.calls[0].banner.posted; got != want {
			t.Errorf("%q: a notification: %v", auto, got)
		}
	}
}
