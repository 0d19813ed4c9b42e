package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// android is Android with Doze and App Standby: an app that leaves the screen
// runs on until the device is idle, or as much as its bucket lets it.
//
//	            off the screen                idle, or a seldom used app
//	foreground ────────────────▶ background ────────────────────────────▶ suspended
//	           ◀────────────────            ◀────────────────────────────
//	              the user               in use: screen, charger, motion   │ ▲
//	                                                                       │ │ its end
//	                               maintenance, push, alarm, allowlist     ▼ │
//	             background-call ◀── a call, a service ────────────────── awake
type android struct {
	*core
	p       *dozeSettings
	doze    doze
	standby standby
	fcm     fcm
	// distributor is another app of the phone.
	distributor distributor
	service     service
	uplink      uplink
	freezer     freezer
	hearing     hearing
}

func androidFamily() familyInfo { return familyInfo{own: &dozeSettings{}, make: newAndroid} }

func newAndroid(c *core) family {
	p := c.profile.own.(*dozeSettings)
	if !p.Doze {
		return newDesktop(c) // a phone that never dozes is a computer
	}
	a := &android{core: c, p: p, doze: newDoze(c)}
	a.standby = standby{sink: c.sink, timers: c.timers, p: p, charging: func() bool { return a.doze.charging }, bucket: BucketActive}
	a.distributor = distributor{sink: c.sink, p: p}
	a.installed()
	a.started()
	return a
}

// installed is what the system knows of the app when that is new on the device.
func (a *android) installed() { a.fcm = fcm{sink: a.sink, p: a.p} }

// started is what it knows of a new process of the app.
func (a *android) started() {
	a.uplink = uplink{sink: a.sink, sockets: &a.sockets, p: a.p}
	a.service = service{sink: a.sink, timers: a.timers, p: a.p}
	a.freezer = freezer{sink: a.sink, sockets: &a.sockets, uplink: &a.uplink}
	a.hearing = hearing{sink: a.sink}
}

// call carries out the calls to the mobile system that mean something else on
// Android, and holds back what would reach a network that is closed.
func (a *android) call(now time.Time, c system.Effect) bool {
	switch c := c.(type) {
	case system.SetKeepAlive:
		a.setAlarm(now, c.Timeout)
	case system.Notify:
		a.notify(now, c)
	case system.RegisterPush:
		a.fcm.register(a.rng)
	case system.RegisterWebPush:
		a.distributor.register(a.rng, c.Key)
	case system.PushDone:
		a.fcm.done(c.ID)
	case system.Send, system.Connect, system.StartTLS, system.StartWebSocket, system.Close:
		return a.frozen && (!a.sockets.called(c) || a.uplink.keep(now, c))
	default:
		return a.serviceCall(now, c)
	}
	return true
}

// notify posts a notification. What was pushed has shown something then.
func (a *android) notify(now time.Time, n system.Notify) {
	if a.tray.notify(now, n, a.state == event.Foreground) {
		a.fcm.shown()
	}
}

// ring does what is due on a device that dozes.
func (a *android) ring(now time.Time, timer int) bool {
	switch timer {
	case lightTimer:
		a.doze.stepLight(now, "")
		a.govern(now, a.doze.reason())
	case deepTimer:
		a.doze.stepDeep(now, "")
		a.govern(now, a.doze.reason())
	case jobTimer:
		a.turnJobs(now)
	case windowTimer:
		a.windowOver(now, "the wake window is over")
	case settleTimer:
		a.windowOver(now, a.settleWhy)
	case keepAliveTimer:
		a.alarm(now)
	case pushTimer:
		a.fcm.judge(now)
	case serviceTimer:
		a.serviceLate(now)
	case freezeTimer:
		a.freezeCached(now)
	case shortTimer:
		a.shortServiceOver(now)
	default:
		return false
	}
	return true
}

// turnJobs begins a job window, or ends it. An idle device puts the beginning
// off to its own next window.
func (a *android) turnJobs(now time.Time) {
	if !a.standby.open && a.doze.idle() {
		a.timers[jobTimer] = a.doze.nextStep()
		return
	}
	a.govern(now, a.standby.turn(now))
}

// launch starts the process after a boot. While the device is idle that waits.
func (a *android) launch(now time.Time) {
	if a.doze.idle() {
		a.timers[launchTimer] = a.doze.nextStep()
		return
	}
	a.log(event.Launch{Background: true, Why: a.launchWhy})
	a.tell(system.Launched{Background: true})
	a.release(now, "launched in the background", a.profile.LaunchLimit)
}

func (a *android) died() {
	a.stop(freezeTimer, shortTimer)
	a.uplink.closeAll()
	a.started()
	a.fcm.died()
}

// watches: a packet for an allowlisted app wakes the processor, but thaws no
// frozen one.
func (a *android) watches(socket) bool { return a.standby.allowed && !a.p.freezes() }

func (a *android) busy(now time.Time) { a.doze.busy(now) }

func (a *android) online(now time.Time) { a.uplink.flush(now) }

func (a *android) handedOver() {}
