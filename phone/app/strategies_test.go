package app

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestVoIPSocket(t *testing.T) {
	r := newRig(t, Config{Strategy: VoIPSocket})
	r.plays(
		play{system.Launched{}, ""},
		play{control.Reached{Socket: 7}, "mark 7"},
		play{control.Connected{Socket: 7}, ""},
		play{granted(time.Hour), "ping"},
		play{standing{registered: true}, ""},
		play{granted(time.Hour), ""}, // pinged once
		play{system.DidEnterBackground{}, "handler 10m0s"},
		play{system.KeepAliveSet{Timeout: DefaultKeepAlive, Accepted: true}, ""},
		play{system.KeepAlive{}, "ping"},
		play{5*time.Second - 1, ""},
		play{time.Duration(1), "handler returns"},
		play{system.KeepAlive{}, "ping"},
		play{func() { r.agent.awaitsPong = true }, ""},
		play{5 * time.Second, "task: wait for the pong, handler returns"},
		play{system.KeepAlive{}, "ping"},
		play{func() { r.strategy.done() }, "handler returns"},
		play{func() { r.strategy.done() }, ""},
		play{time.Hour, ""}, // the tick is over
	)
}

// TestMarks: when the connection is marked, and how.
func TestMarks(t *testing.T) {
	ws := sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:80", Transport: "ws"}
	for name, c := range map[string]struct {
		cfg                      Config
		reached, secured, opened string
	}{
		"in time":           {Config{}, "mark 7", "", ""},
		"by another call":   {Config{Mark: Marking{By: event.ByNSStream}}, "mark 7 by nsstream", "", ""},
		"when it is open":   {Config{Mark: Marking{When: MarkAfterOpen}}, "", "", "mark 7"},
		"after TLS":         {Config{Mark: Marking{When: MarkAfterTLS}}, "", "mark 7", ""},
		"outside the block": {Config{Mark: Marking{When: MarkOutside, By: event.ByGCDAsyncSocket}}, "mark 7 by gcdasyncsocket outside", "", ""},
		"never":             {Config{Mark: Marking{When: MarkNever}}, "", "", ""},
		"the voice":         {Config{Mark: Marking{When: MarkVoice}}, "", "", ""},
		"a WebSocket":       {Config{Account: ws, Mark: Marking{By: event.ByURLRequest}}, "mark 7 by url-request as a request", "", ""},
	} {
		if c.cfg.Account == nil {
			c.cfg.Account = sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:5061", Transport: sip.TLS}
		}
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.cfg)
			r.plays(
				play{control.Reached{Socket: 7}, c.reached},
				play{system.Secured{Socket: 7}, c.secured},
				play{control.Connected{Socket: 7}, c.opened},
			)
		})
	}
	if err := (Marking{When: MarkOutside, By: event.ByCFStream}).check(); err == nil {
		t.Error("a CFStream has no performBlock")
	}
}

// TestMarksByAccount: what carries HTTP is the connection of one account, and not of
// the others.
func TestMarksByAccount(t *testing.T) {
	ws := sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:80", Transport: "ws"}
	tcp := sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:5060"}
	for name, c := range map[string]struct {
		first, second control.Account
		want          string
	}{
		"the second is a WebSocket": {tcp, ws, "mark 7 by url-request as a request"},
		"the first is":              {ws, tcp, "mark 7 by url-request"},
	} {
		r := newRig(t, Config{Name: "one", Account: c.first, Others: []Account{{Name: "two", Account: c.second}}, Mark: Marking{By: event.ByURLRequest}})
		r.line.name = "two"
		if got := r.tell(control.Reached{Socket: 7}); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestWakeSocketMarks: the wake socket is marked before the first line goes over it, or after.
func TestWakeSocketMarks(t *testing.T) {
	for when, want := range map[MarkTime]string{
		MarkBeforeOpen: "wake open, mark 1, HELLO alice",
		MarkAfterOpen:  "wake open, HELLO alice, mark 1",
		MarkNever:      "wake open, HELLO alice",
	} {
		r := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070", Mark: Marking{When: when}})
		r.tell(system.Launched{})
		r.plays(play{opened(1), want})
	}
}

// TestKeepAliveInstalled: when the handler is installed, and what a new timeout does.
func TestKeepAliveInstalled(t *testing.T) {
	for at, want := range map[Install]struct{ launched, inBackground, left string }{
		InBackground:   {"", "handler 10m0s", "handler 10m0s"},
		AtLaunch:       {"handler 10m0s", "handler 10m0s", ""},
		NeverInstalled: {"", "", ""},
	} {
		r := newRig(t, Config{Strategy: VoIPSocket, KeepAliveAt: at})
		r.plays(
			play{system.Launched{}, want.launched},
			play{system.DidEnterBackground{}, want.left},
			play{system.WillEnterForeground{}, ""},
			play{system.DidEnterBackground{}, want.left}, // again, and counted anew
		)
		r = newRig(t, Config{Strategy: VoIPSocket, KeepAliveAt: at})
		r.plays(play{system.Launched{Background: true}, want.inBackground})
	}
}

// TestKeepAliveRounded: what is refused for being too short is asked for again, once, by an
// app that rounds.
func TestKeepAliveRounded(t *testing.T) {
	no := func(timeout time.Duration) system.KeepAliveSet { return system.KeepAliveSet{Timeout: timeout} }
	r := newRig(t, Config{Strategy: VoIPSocket, KeepAlive: 30 * time.Second, KeepAliveRound: true})
	r.plays(
		play{system.DidEnterBackground{}, "handler 30s"},
		play{no(30 * time.Second), "handler 10m0s"},
		play{no(600 * time.Second), ""}, // it is not for the time that it was refused
		play{standing{registered: true}, ""},
		play{granted(901 * time.Second), "ping"},
		play{system.KeepAlive{}, "ping"}, // ticks are 600 s apart: the binding lives until the next
	)
	r = newRig(t, Config{Strategy: VoIPSocket, KeepAlive: 30 * time.Second})
	r.plays(
		play{system.DidEnterBackground{}, "handler 30s"},
		play{no(30 * time.Second), ""},
	)
}

// TestKeepAliveHandler: an app that waits in the handler for an answer takes no background
// task for it, nor for the connection that it opens then.
func TestKeepAliveHandler(t *testing.T) {
	for how, want := range map[Handler]struct{ patience, failed, opened, answered string }{
		ByTask:    {"task: wait for the pong, handler returns", "", "", ""},
		InHandler: {"", "", "", "handler returns"},
	} {
		r := newRig(t, Config{Strategy: VoIPSocket, KeepAliveHandler: how})
		awaits := func(pong, any bool) func() {
			return func() { r.agent.awaitsPong, r.agent.awaits = pong, any }
		}
		r.plays(
			play{system.DidEnterBackground{}, "handler 10m0s"},
			play{standing{registered: true}, ""},
			play{system.KeepAlive{}, "ping"},
			play{awaits(true, true), ""},
			play{tickPatience, want.patience},
			play{awaits(false, false), ""},
			play{control.FlowFailed{Err: errLost}, want.failed},
			play{func() { r.errand.hold("open a new connection") }, want.opened},
			play{func() { r.strategy.done() }, want.answered},
			play{func() { r.errand.drop() }, map[Handler]string{ByTask: "no task"}[how]},
			play{func() { r.errand.hold("another") }, "task: another"}, // outside the handler both take one
		)
	}
	r := newRig(t, Config{Strategy: VoIPSocket, KeepAliveHandler: InHandler})
	r.plays(
		play{system.KeepAlive{}, "ping"},
		play{tickPatience, "handler returns"}, // nothing is waited for
		play{system.KeepAlive{}, "ping"},
		play{system.WillEnterForeground{}, "handler returns"}, // the app on the screen waits for nothing in it
	)
}

// TestKeepAliveRetimed: a new timeout is asked for at once where the handler is
// installed, else when it is.
func TestKeepAliveRetimed(t *testing.T) {
	r := newRig(t, Config{Strategy: VoIPSocket})
	retime := func(d time.Duration) func() {
		return func() { r.strategy.(retimed).retime(d) }
	}
	r.plays(
		play{system.Launched{}, ""},
		play{retime(700 * time.Second), ""},
		play{system.DidEnterBackground{}, "handler 11m40s"},
		play{retime(700 * time.Second), ""},
		play{retime(800 * time.Second), "handler 13m20s"},
	)
}

func TestVoIPSocketRegistersBeforeTheBindingEnds(t *testing.T) {
	for left, want := range map[time.Duration]string{
		901 * time.Second: "ping", // it lives until a tick that is half a timeout late
		900 * time.Second: "register",
		0:                 "ping", // it never ends
	} {
		r := newRig(t, Config{Strategy: VoIPSocket, KeepAlive: 600 * time.Second})
		r.plays(
			play{granted(left), "ping"},
			play{system.KeepAlive{}, "ping"}, // not registered
			play{standing{registered: true}, ""},
			play{system.KeepAlive{}, want},
		)
	}
}

func TestVoIPSocketAtALostConnection(t *testing.T) {
	r := newRig(t, Config{Strategy: VoIPSocket})
	r.plays(
		play{system.KeepAlive{}, "ping"},
		play{control.FlowFailed{Err: errLost}, "handler returns"},
		play{control.Reached{Socket: 8}, "mark 8"},
	)
}

func TestVoIPSocketKeepsTheTickWhileItRings(t *testing.T) {
	r := newRig(t, Config{Strategy: VoIPSocket})
	r.plays(
		play{system.KeepAlive{}, "ping"},
		play{status{ringing: true}, ""},
		play{5 * time.Second, ""},
		play{status{}, ""},
		play{func() { r.strategy.done() }, "handler returns"},
	)
}

func TestVoIPSocketWarnsOnce(t *testing.T) {
	r := newRig(t, Config{Strategy: VoIPSocket})
	r.agent.promised = false
	r.plays(
		play{granted(599 * time.Second), "ping, warning no-outbound, warning short-expires"},
		play{granted(599 * time.Second), ""},
	)
	r = newRig(t, Config{Strategy: VoIPSocket})
	r.plays(play{granted(600 * time.Second), "ping"})
}

func TestStayAwake(t *testing.T) {
	for by, asks := range map[AwakeBy]string{ByPing: "ping", ByOptions: "options"} {
		r := newRig(t, Config{Strategy: StayAwake, StayAwakeBy: by})
		r.plays(
			play{system.Launched{}, ""},
			play{control.Reached{Socket: 7}, "mark 7"},
			play{control.Connected{Socket: 7}, ""},
			play{granted(time.Hour), "ping"},
			play{standing{registered: true, status: status{foreground: true}}, ""},
			play{data(7, "x"), ""}, // on the screen there is no window
			play{func() {
				if !r.strategy.deadline().IsZero() {
					t.Error("it has a timer on the screen")
				}
			}, ""},
			play{standing{registered: true}, ""},
			play{system.DidEnterBackground{}, "handler 10m0s"},
			play{9*time.Second - 1, ""},
			play{time.Duration(1), asks},
			play{time.Minute, ""}, // nothing came, and nothing is asked for
			play{data(7, "x"), ""},
			play{5 * time.Second, ""},
			play{data(7, "x"), ""}, // another window
			play{5 * time.Second, ""},
			play{4 * time.Second, asks},
			play{system.KeepAlive{}, asks},
			play{5 * time.Second, ""}, // the handler does not return
			play{data(7, "x"), ""},
			play{status{leaving: true}, ""},
			play{9 * time.Second, ""},
		)
	}
}

func TestStayAwakeBackOnTheScreen(t *testing.T) {
	r := newRig(t, Config{Strategy: StayAwake})
	r.plays(
		play{system.DidEnterBackground{}, "handler 10m0s"},
		play{status{foreground: true}, ""},
		play{9 * time.Second, ""},
	)
}

func TestWakeSocket(t *testing.T) {
	r := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
	r.plays(
		play{system.Launched{}, "wake connecting, connect 1"},
		play{opened(1), "wake open, mark 1, HELLO alice"},
		play{control.Reached{Socket: 2}, ""}, // it wakes nobody
		play{control.Connected{Socket: 2}, ""},
		play{granted(time.Hour), ""},
		play{system.KeepAlive{}, "PING, ping"},
		play{data(1, "PO"), ""},
		play{data(1, "NG\r\n"), "rest"},
		play{5 * time.Second, "handler returns"},
		play{data(1, "NO\r\n"), "error: register the wake socket"},
		play{data(1, "HI\r\n"), ""},
	)
}

func TestWakeSocketOpensAnother(t *testing.T) {
	r := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
	r.plays(
		play{system.Launched{}, "wake connecting, connect 1"},
		play{system.Failed{Socket: 1, Err: errLost}, "wake failed, rest"},
		play{30*time.Second - 1, ""},
		play{time.Duration(1), "wake connecting, connect 2"},
		play{system.Failed{Socket: 2, Err: errLost}, "wake failed, rest"},
		play{60*time.Second - 1, ""}, // twice as long
		play{time.Duration(1), "wake connecting, connect 3"},
		play{opened(3), "wake open, mark 3, HELLO alice"},
		play{system.Closed{Socket: 3}, "wake closed, wake connecting, connect 4, rest"}, // at once
		play{system.Failed{Socket: 4, Err: errLost}, "wake failed, rest"},
		play{30*time.Second - 1, ""},
		play{system.KeepAlive{}, "wake connecting, connect 5, ping"}, // it does not wait for the time
		play{opened(5), "wake open, mark 5, HELLO alice"},
		play{system.KeepAlive{}, "PING, ping"},
		play{5 * time.Second, "handler returns, close 5, wake broken, wake connecting, connect 6, rest"},
		play{opened(6), "wake open, mark 6, HELLO alice"},
		play{status{leaving: true}, ""},
		play{system.Closed{Socket: 6}, "wake closed, rest"}, // for good
		play{time.Hour, ""},
	)
}

func TestWakeLine(t *testing.T) {
	r := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
	r.tell(system.Launched{})
	r.tell(opened(1))
	r.plays(
		play{data(1, "WAKE\r\n"), "task: wait for the INVITE, register"},
		play{control.Offered{ID: 1}, "rest"}, // in time
		play{data(1, "WAKE\r\n"), ""},        // its INVITE was read before it
		play{time.Minute, ""},
		play{status{ringing: true}, ""},
		play{data(1, "WAKE\r\n"), ""},
		play{status{foreground: true}, ""},
		play{func() { r.errand.drop() }, "no task"},
		play{data(1, "WAKE\r\n"), "register"}, // no task: it is on the screen
		play{500 * time.Millisecond, ""},
		play{control.Offered{ID: 2}, "warning wake-race, rest"},
		play{time.Minute, ""},
		play{data(1, "WAKE\r\n"), "register"},
		play{32*time.Second - 1, ""},
		play{time.Duration(1), "warning wake-race, rest"}, // it never came
		play{time.Minute, ""},
	)
}

func TestWakeSocketKeepsTheAppAwake(t *testing.T) {
	r := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
	busy := func(want bool) {
		t.Helper()
		if r.strategy.busy() != want {
			t.Errorf("busy %v, want %v", !want, want)
		}
	}
	r.tell(system.Launched{})
	r.tell(opened(1))
	busy(false)
	r.tell(system.KeepAlive{})
	busy(true)
	r.tell(data(1, "PONG\r\n"))
	busy(false)
	r.tell(data(1, "WAKE\r\n"))
	busy(true)
	r.tell(control.Offered{ID: 1})
	busy(false)
}

// aPush is a push for a call from bob.
func aPush(id int, callID string) system.Pushed {
	return system.Pushed{ID: id, Payload: push.Payload{CallID: callID, Peer: "sip:bob@lab.test", Name: "Bob"}.Map(), MustReport: true}
}

func TestPushing(t *testing.T) {
	r := newRig(t, Config{Strategy: Push})
	r.agent.willPush = true
	r.plays(
		play{system.Launched{}, "want pushes"},
		play{status{foreground: true}, ""},
		play{system.PushToken{Token: "two words"}, "error: use the push token"},
		play{system.PushToken{Token: "t1"}, "register"},
		play{granted(time.Hour), ""},
		play{time.Hour, ""}, // on the screen it stays connected
		play{standing{registered: true}, ""},
		play{func() { r.strategy.moved(r.now) }, "hang up the line"},
		play{aPush(1, "a"), "report Bob, hang up the line, register, handled 1"}, // the report comes first
		play{aPush(2, "a"), "report Bob, register, handled 2"},                   // again, for each push
		play{granted(time.Hour), ""},
		play{10 * time.Second, ""},
		play{aPush(3, "a"), "report Bob, register, handled 3"},
		play{5*time.Second - 1, ""},
		play{time.Duration(1), "over: failed, warning ghost-call"}, // after the first push
		play{2*time.Second - 1, ""},
		play{time.Duration(1), "hang up the line"},
		play{status{foreground: true}, ""},
		play{func() { r.strategy.moved(r.now) }, "register"},
	)
}

func TestPushingStaysConnectedWhileItHasACall(t *testing.T) {
	r := newRig(t, Config{Strategy: Push})
	r.plays(
		play{system.PushToken{Token: "t1"}, "register"},
		play{standing{registered: true, status: status{calls: 1}}, ""},
		play{func() { r.strategy.moved(r.now) }, ""},
		play{func() { r.strategy.freed(r.now) }, ""},
		play{time.Hour, ""},
		play{standing{registered: true}, ""},
		play{func() { r.strategy.freed(r.now) }, ""},
		play{standing{registered: true, status: status{calls: 1}}, ""},
		play{2 * time.Second, ""}, // another has come meanwhile
	)
}

func TestPushingWarnsOfAServerThatWillNotPush(t *testing.T) {
	r := newRig(t, Config{Strategy: Push})
	r.plays(
		play{granted(time.Hour), "warning not-wakeable"},
		play{granted(time.Hour), ""}, // once
		play{func() { r.agent.willPush = true }, ""},
		play{granted(time.Hour), ""},
		play{func() { r.agent.willPush = false }, ""},
		play{granted(time.Hour), "warning not-wakeable"},
	)
}

func TestPushingReportsLateOrNever(t *testing.T) {
	for report, want := range map[Report]string{
		ReportLate:  "hang up the line, register",
		ReportNever: "hang up the line, register, handled 1",
	} {
		r := newRig(t, Config{Strategy: Push, Push: Pushing{Report: report}})
		r.screen.hidden = report == ReportNever
		r.plays(
			play{system.PushToken{Token: "t1"}, "register"},
			play{aPush(1, "a"), want},
		)
	}
}

func TestSummons(t *testing.T) {
	summons := func(id int) system.Pushed {
		return system.Pushed{ID: id, Payload: push.Payload{Purpose: push.Refresh}.Map(), MustReport: true}
	}
	r := newRig(t, Config{Strategy: Push})
	r.agent.willPush = true
	r.plays(
		play{system.PushToken{Token: "t1"}, "register"},
		play{summons(1), "report no call: registering, warning push-without-call, hang up the line, register, handled 1"},
		play{summons(2), "report no call: registering, register, handled 2"},
		play{granted(time.Hour), "over: failed"},
		play{aPush(3, "a"), "report Bob, hang up the line, register, handled 3"},
		play{summons(4), "report Bob, register, handled 4"}, // the call that it knows, once more
		play{control.RegisterFailed{}, ""},                  // which is no summons
		play{status{foreground: true}, ""},
		play{summons(5), "register, handled 5"},
	)
	r = newRig(t, Config{Strategy: Push, Push: Pushing{Provider: "fcm"}}) // which wants no call for each push
	r.plays(
		play{system.PushToken{Token: "t1"}, "register"},
		play{need(summons(1)), "hang up the line, register, handled 1"},
	)
}

func TestNone(t *testing.T) {
	r := newRig(t, Config{Strategy: NoStrategy})
	for _, what := range []any{
		system.Launched{},
		system.KeepAliveSet{Accepted: true},
		control.Reached{Socket: 7},
		control.Connected{Socket: 7},
		granted(time.Second),
		system.DidEnterBackground{},
		system.KeepAlive{},
		data(7, "x"),
		control.FlowFailed{Err: errLost},
		control.Offered{ID: 1},
		system.WillEnterForeground{},
		time.Hour,
		func() { r.strategy.moved(r.now) }, func() { r.strategy.freed(r.now) }, func() { r.strategy.done() },
	} {
		r.plays(play{what, ""})
	}
	if r.strategy.busy() || !r.strategy.deadline().IsZero() {
		t.Error("it waits for something")
	}
}
