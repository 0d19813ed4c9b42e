package device

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// localPush is the system's side of local push connectivity (NetworkExtension, since
// iOS 14), for a Wi-Fi whose server reaches the phone and the push service does not. The
// system runs the app's provider, a process of its own, for as long as the device is on
// one of the networks that the app has named, whether the app runs or not:
//
//	saved ── on one of matchSSIDs ──▶ start ──▶ runs ──▶ reportIncomingCall: the app is
//	             ▲                              │  ▲      woken, or launched, and reports it
//	             │ there again                  └──┘ handleTimerEvent
//	             └──────── stop ◀── the Wi-Fi is left, or sleeps
//
// It outlives the app's process. A device that lies locked and off the charger lets its
// Wi-Fi sleep now and then, and nobody reaches the provider meanwhile.
type localPush struct {
	*sink
	*timers
	p     *pushSettings
	rng   *rand.Rand
	radio *radio

	token  string   // by which the server knows the provider; "": the app has saved nothing
	ssids  []string // matchSSIDs
	server string
	count  int // of calls that it has announced

	runs   bool
	told   string // why it does not run, as the log has it
	locked bool
	sleeps bool // the Wi-Fi does
	onMain bool // on the charger
}

// The reasons of NEProviderStopReason that there is a cause for here.
const (
	noNetwork  = "noNetworkAvailable"
	superseded = "superceded" // the API's own spelling
	removed    = "configurationRemoved"
)

// JoinWiFi gives the Wi-Fi that the device is on a name.
func (d *Device) JoinWiFi(name string) { d.radio.wifi = name }

// Entitle says whether the signature of the app that is installed has the entitlement
// app-push-provider (com.apple.developer.networking.networkextension). Without it, it has.
func (d *Device) Entitle(appPush bool) { d.unentitled = !appPush }

// saveAppPush is the app saving the configuration of its provider, and reports whether
// the system knows what that is.
func (k *pushKit) saveAppPush(now time.Time, c system.SaveAppPush) bool {
	switch {
	case !k.p.LocalPush:
		return false
	case k.unentitled:
		const why = "the app's signature has no app-push-provider among its networkextension entitlements"
		k.log(event.Push{Phase: event.PushRefused, Why: why})
		k.log(event.Warning{Rule: event.RuleNoAppPush, Note: "saveToPreferences fails, and the provider never runs: " + why, Hint: "ask Apple for the entitlement, and sign app and extension with it"})
		return true
	}
	k.handles = true // NEAppPushManager.delegate is set
	k.local.save(now, k.locked, c)
	k.tell(system.PushToken{Token: k.local.token})
	k.callHandler()
	return true
}

// save takes over what the app wants. A provider that runs with something else is started
// again.
func (l *localPush) save(now time.Time, locked bool, c system.SaveAppPush) {
	if l.token != "" && l.server == c.Server && slices.Equal(l.ssids, c.MatchSSIDs) {
		return // as it was: each launch of the app saves it
	}
	if l.runs {
		l.halt(superseded, "the app has saved another configuration")
	}
	l.server, l.ssids, l.told = c.Server, slices.Clone(c.MatchSSIDs), ""
	if l.token == "" {
		l.token = drawToken(l.rng, tokenBytes/2)
		l.log(event.Push{Phase: event.PushToken, Token: l.token, Why: "the app has saved its local push configuration"})
		l.lock(now, locked)
		return
	}
	l.govern(now)
}

// forget is the app away, and what it had saved.
func (l *localPush) forget() {
	if l.runs {
		l.halt(removed, "the app was removed")
	}
	l.token, l.ssids, l.server, l.told, l.sleeps = "", nil, "", "", false
	l.stop(providerTimer, wifiTimer)
}

// govern starts the provider, or stops it, as it may run now.
func (l *localPush) govern(now time.Time) {
	why := l.kept()
	switch {
	case l.token == "":
	case why == "" && !l.runs:
		l.runs, l.told = true, ""
		l.log(event.Push{Phase: event.PushBack, Why: fmt.Sprintf("start(completionHandler:): the Wi-Fi %q is one of matchSSIDs", l.radio.wifi)})
		l.out.Provider = append(l.out.Provider, system.ProviderStart{Server: l.server, Token: l.token})
		l.timers[providerTimer] = now.Add(l.p.LocalPushTimer)
	case why != "" && l.runs:
		l.halt(noNetwork, why)
		l.warn(why)
	case why != "" && l.told != why:
		l.told = why
		l.log(event.Push{Phase: event.PushAway, Why: "the provider is not started: " + why})
		l.warn(why)
	}
}

// kept says why the provider does not run; "": it does.
func (l *localPush) kept() (why string) {
	switch {
	case l.radio.bearer != WiFi:
		return "the device is not on Wi-Fi"
	case !slices.Contains(l.ssids, l.radio.wifi):
		return fmt.Sprintf("the Wi-Fi %q is none of matchSSIDs (%s)", l.radio.wifi, strings.Join(l.ssids, ", "))
	case l.sleeps:
		return "the device lies locked on battery, and its Wi-Fi sleeps"
	}
	return ""
}

// halt is the end of the provider's process.
func (l *localPush) halt(reason, why string) {
	l.runs, l.told = false, why
	l.stop(providerTimer)
	l.log(event.Push{Phase: event.PushAway, Why: fmt.Sprintf("stop(with: .%s): %s", reason, why)})
	l.out.Provider = append(l.out.Provider, system.ProviderStop{Reason: reason})
}

// warn says what nobody on the phone sees: that it cannot be called now.
func (l *localPush) warn(why string) {
	l.log(event.Warning{
		Rule: event.RuleLocalPushStopped, Note: "nobody reaches the phone by local push: " + why,
		Hint: "register for VoIP pushes too, and let the server push where no provider is connected",
	})
}

// tick is the system's regular call to the provider.
func (l *localPush) tick(now time.Time) {
	l.timers[providerTimer] = now.Add(l.p.LocalPushTimer)
	l.log(event.Push{Phase: event.PushTimer, Why: "handleTimerEvent"})
	l.out.Provider = append(l.out.Provider, system.ProviderTimer{})
}

// lock has the Wi-Fi of a device that lies locked, off the charger, sleep in a while, or
// wakes it.
func (l *localPush) lock(now time.Time, locked bool) {
	l.locked = locked
	l.rouse(now)
}

// charge is the charger plugged in, or out.
func (l *localPush) charge(now time.Time, on bool) {
	l.onMain = on
	l.rouse(now)
}

// rouse has the Wi-Fi awake, and to sleep next when it may.
func (l *localPush) rouse(now time.Time) {
	l.sleeps = false
	l.stop(wifiTimer)
	if l.token != "" && l.locked && !l.onMain && l.p.WiFiSleepTime > 0 {
		least, most := l.p.WiFiSleepMin, l.p.WiFiSleepMax
		l.timers[wifiTimer] = now.Add(least + time.Duration(l.rng.Float64()*float64(most-least)))
	}
	l.govern(now)
}

// wifiTurns is the Wi-Fi falling asleep, unless something goes over it, or its end.
func (l *localPush) wifiTurns(now time.Time, busy bool) {
	switch {
	case l.sleeps:
		l.rouse(now)
	case busy:
		l.timers[wifiTimer] = now.Add(l.p.WiFiSleepTime)
	default:
		l.sleeps = true
		l.timers[wifiTimer] = now.Add(l.p.WiFiSleepTime)
		l.govern(now)
	}
}

// rebooted is all processes gone, and the provider started again.
func (l *localPush) rebooted(now time.Time) {
	if l.runs {
		l.runs = false
		l.log(event.Push{Phase: event.PushAway, Why: "the device was rebooted"})
		l.out.Provider = append(l.out.Provider, system.ProviderStop{})
	}
	l.told = ""
	l.rouse(now)
}

// announced is the provider telling of a call: the app is woken as by a push, or
// launched, and is to report it (appPushManager(_:didReceiveIncomingCallWithUserInfo:)).
func (k *pushKit) announced(now time.Time, c system.AnnounceCall) {
	if !k.local.runs {
		return // it was on its way when the provider was stopped
	}
	k.local.count++
	p := system.Push{ID: fmt.Sprintf("local-%d", k.local.count), Token: k.local.token, Sent: now, High: true, Payload: c.UserInfo}
	if why := k.record.blocked(now); why != "" {
		k.log(pushEvent(event.PushBlocked, p, why))
		return
	}
	k.arrive(now, p)
}
