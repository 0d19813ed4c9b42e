package device

import (
	"encoding/hex"
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// tokenBytes is how long a push token is: that of APNs.
const tokenBytes = 32

// maxWaiting is how many pushes may wait for a process that is being launched.
const maxWaiting = 16

// notTheToken is why a push does not reach an app that has another token.
const notTheToken = "its token is not the app's, or no longer"

// pushKit is iOS since PushKit: a suspended app is woken by a push and by
// nothing on its sockets, and must report each push as a call.
//
//	dead, by whomever ── launch, 0.5 to 2 s ──▶ awake ◀── push ── suspended
//	                                             │  the push handler is called
//	        its return, no call reported         │
//	  dead ◀────────── exception ────────────────┤  a call is reported
//	  dead ◀── 7 s, no report: 0xbaadca11 ───────┼──────────────▶ the call screen
//	   │ three times                             │ 30 s           rings
//	   ▼                                         ▼                  │ answer, 0.2 s
//	  blocked: further pushes are dropped     suspended             ▼
//	                                             ▲ 5 s       background-call
//	                                             └── the call ends ┘
type pushKit struct {
	apple
	p *pushSettings
	// These outlive the process, and a reboot.
	token   string        // "": the app has never asked for one
	count   int           // pushes handed to the app so far
	waiting []system.Push // for a process that is being launched
	record  record
	barred  barred
	local   localPush
	// idleSince is when the screen was locked, or a push came to the locked device.
	idleSince time.Time

	pushProcess
}

// pushSettings are those of a system with PushKit.
type pushSettings struct {
	plain
	Push            bool          `setting:"push"`
	PushLaunchMin   time.Duration `setting:"push-launch-min"`
	PushLaunchMax   time.Duration `setting:"push-launch-max"`
	PushReport      bool          `setting:"push-report"`
	PushReportLimit time.Duration `setting:"push-report-limit"`
	PushViolations  int           `setting:"push-violations"` // 0: never blocked
	PushBlockTime   time.Duration `setting:"push-block-time"` // 0: until it is lifted by hand

	PushMustReport   bool          `setting:"push-must-report"`
	PushViable       time.Duration `setting:"push-viable"`
	PushDialog       bool          `setting:"push-dialog"`
	DevelopmentBuild bool          `setting:"development-build"`
	PushIdleAfter    time.Duration `setting:"push-idle-after"` // 0: never

	LocalPush      bool          `setting:"local-push"`
	LocalPushTimer time.Duration `setting:"local-push-timer"`
	WiFiSleepMin   time.Duration `setting:"wifi-sleep-min"`
	WiFiSleepMax   time.Duration `setting:"wifi-sleep-max"`
	WiFiSleepTime  time.Duration `setting:"wifi-sleep-time"` // 0: it never sleeps

	CallScreen      bool          `setting:"call-screen"`
	CallScreenTime  time.Duration `setting:"call-screen-time"`
	RingWindow      time.Duration `setting:"ring-window"`
	AudioActivation time.Duration `setting:"audio-activation"`
}

func pushKitFamily() familyInfo {
	return familyInfo{own: &pushSettings{}, make: newPushKit, modes: true}
}

func (s *pushSettings) rules(p *Profile) []sanity {
	return append(p.appleRules(),
		sanity{p.launchesApps() && p.LaunchLimit <= 0, "launch-limit must be more than 0"},
		sanity{(s.Push || s.CallScreen) && p.PushWindow <= 0, "push-window must be more than 0"},
		sanity{s.PushLaunchMax < s.PushLaunchMin, "push-launch-max must be no less than push-launch-min"},
		sanity{s.LocalPush && s.LocalPushTimer <= 0, "local-push-timer must be more than 0"},
		sanity{s.WiFiSleepMax < s.WiFiSleepMin, "wifi-sleep-max must be no less than wifi-sleep-min"},
		sanity{s.LocalPush && s.WiFiSleepTime > 0 && s.WiFiSleepMin <= 0, "wifi-sleep-min must be more than 0"},
		sanity{s.LocalPush && p.PushWindow <= 0, "push-window must be more than 0"},
		sanity{s.PushReport && s.PushReportLimit <= 0, "push-report-limit must be more than 0"},
		sanity{s.PushReport && !s.CallScreen, "push-report needs a call-screen to report to"},
		sanity{s.CallScreen && s.CallScreenTime <= 0, "call-screen-time must be more than 0"},
	)
}

func (s *pushSettings) pushService() string {
	if s.Push {
		return "apns"
	}
	return ""
}

func (s *pushSettings) window(p *Profile) time.Duration {
	if s.Push {
		return p.PushWindow
	}
	return p.WakeWindow
}

// pushProcess is what PushKit knows of the app's process.
type pushProcess struct {
	handles   bool // it has set up its push handler
	tokenNews bool // its push token has changed, and it does not know
	duties    duties
	screen    callScreen
}

func newPushKit(c *core) family {
	if !c.profile.Suspends {
		return newDesktop(c) // a phone that suspends no app is a computer
	}
	k := &pushKit{apple: newApple(c), p: c.profile.own.(*pushSettings)}
	k.record = record{limit: k.p.PushViolations, lasts: k.p.PushBlockTime}
	k.local = localPush{sink: c.sink, timers: c.timers, p: k.p, rng: c.rng, radio: &c.radio}
	k.activated = func() bool { return k.screen.active() }
	k.died()
	return k
}

func (k *pushKit) do(now time.Time, a Act) bool {
	switch a := a.(type) {
	case ForceQuit:
		launch := k.timers[launchTimer]
		k.forceQuit(now)
		if len(k.waiting) > 0 { // a push brings it back
			k.timers[launchTimer] = launch
		}
	case Reinstall:
		k.reinstall(now)
		k.loseWaiting("the app was reinstalled")
		k.record.forgive()
		k.token = ""
		k.local.forget()
	case Unlock:
		k.unlock(now)
		k.local.lock(now, false)
	case Charger:
		if k.local.token == "" {
			return false
		}
		k.local.charge(now, a.On)
	case RotateToken:
		k.rotateToken()
	case ResetPush:
		k.resetPush()
	case BlockCaller:
		if !k.p.CallScreen {
			return false
		}
		k.barred.set(a.Who, a.On)
	case Tap:
		return k.tapCall(now, a)
	default:
		return false
	}
	return true
}

func (k *pushKit) call(now time.Time, c system.Effect) bool {
	switch c := c.(type) {
	case system.RegisterPush:
		if !k.p.Push {
			return false
		}
		if k.mode != ModeVoIP {
			k.refusePush(noVoIPMode)
			return true
		}
		k.registerPush()
	case system.SaveAppPush:
		return k.saveAppPush(now, c)
	case system.AnnounceCall:
		k.announced(now, c)
	case system.PushDone:
		k.handlerReturned(now, c.ID)
	case system.ReportCall:
		k.report(now, c)
	case system.AnswerReported:
		k.answerInApp(now, c.ID)
	case system.ReportEnd:
		k.endCall(now, c)
	default:
		return k.apple.call(now, c)
	}
	return true
}

func (k *pushKit) ring(now time.Time, timer int) bool {
	switch timer {
	case reportTimer:
		k.reportDue(now)
	case activateTimer:
		k.activateAudio(now)
	case providerTimer:
		k.local.tick(now)
	case wifiTimer:
		k.local.wifiTurns(now, k.running())
	default:
		return k.apple.ring(now, timer)
	}
	return true
}

// opened hands an app that the user launches the pushes that waited for it.
func (k *pushKit) opened(now time.Time, fresh bool) {
	if k.local.locked {
		k.local.lock(now, false)
	}
	if fresh {
		k.handWaiting(now)
	}
}

func (k *pushKit) died() {
	k.pushProcess = pushProcess{duties: duties{timers: k.timers, limit: k.p.PushReportLimit}}
}

func (k *pushKit) rebooted(now time.Time) {
	k.loseWaiting("the device was rebooted")
	k.local.rebooted(now)
}

// joined is the device on another network, where the provider may run or not.
func (k *pushKit) joined(now time.Time) { k.local.govern(now) }

func (k *pushKit) handedOver() { k.tellToken() }

// launch starts the process for the pushes that wait: it runs as a suspended
// one does that a push wakes.
func (k *pushKit) launch(now time.Time) {
	window := k.profile.PushWindow
	k.log(event.Launch{Background: true, Why: "a push came"})
	k.warnProtected()
	k.ready, k.lent = true, now.Add(window)
	k.tell(system.Launched{Background: true})
	k.launchAwake(now, "launched by a push", window)
	k.handWaiting(now)
}

// lend gives an app in the background at least so much time from now on.
func (k *pushKit) lend(now time.Time, window time.Duration, why string) {
	end := now.Add(window)
	if k.state == event.Foreground || !end.After(k.lent) {
		return
	}
	k.lent = end
	switch settle := &k.timers[settleTimer]; {
	case k.state == event.Awake:
		*settle = time.Time{}
		k.extend(now, end)
	case !settle.IsZero() && settle.Before(end):
		*settle = end
		k.setState(k.state, why, window)
	}
}

// registerPush is the app setting up its push handler
// (PKPushRegistry.desiredPushTypes). Pushes that wait for that are handed over.
func (k *pushKit) registerPush() {
	if k.token == "" {
		k.newToken("the app asked for one")
	}
	k.handles, k.tokenNews = true, false
	k.tell(system.PushToken{Token: k.token})
	k.callHandler()
}

// newToken gives the app another push token: the service knows only that one
// from now on.
func (k *pushKit) newToken(why string) {
	k.token = drawToken(k.rng, tokenBytes)
	k.log(event.Push{Phase: event.PushToken, Token: k.token, Why: why})
	k.kernel(system.OpenPush{Token: k.token})
}

// drawToken is a token of so many bytes.
func drawToken(rng *rand.Rand, n int) string {
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = byte(rng.Uint32())
	}
	return hex.EncodeToString(raw)
}

// rotateToken is the push service replacing the token. The app is told when
// it runs, if it has a push handler (didUpdatePushCredentials).
func (k *pushKit) rotateToken() {
	if k.token == "" {
		k.refuse("token rotate", "the app has no push token", "")
		return
	}
	k.newToken("the push service has replaced it")
	k.tokenNews = k.handles
	if k.running() {
		k.tellToken()
	}
}

func (k *pushKit) tellToken() {
	if k.tokenNews {
		k.tokenNews = false
		k.tell(system.PushToken{Token: k.token})
	}
}
