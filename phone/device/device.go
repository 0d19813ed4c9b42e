package device

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Output is what the device gives back: calls for the kernel and signals for
// the app, each in order. The calls come first.
type Output struct {
	Kernel []system.Call
	App    []system.Signal
	// Died says that the process is gone (its sockets are closed by
	// Kernel): the handset forgets the app before it hands App, which is
	// then for a new process, to anybody.
	Died bool
}

// Device is one emulated device with one app on it.
type Device struct {
	profile Profile
	rng     *rand.Rand
	out     Output
	timers  [numTimers]time.Time

	state  event.Lifecycle
	locked bool
	doze   doze
	fcm    fcm
	bucket Bucket
	// allowed is a place on the battery allowlist; jobOpen a job window of
	// an app that App Standby holds back.
	allowed, jobOpen bool

	launchWhy  string          // of the launch that launchTimer brings
	bootLocked bool            // the screen has not been unlocked since the device booted
	bootWaits  bool            // a launch waits for that
	quiet      bool            // Do Not Disturb
	barred     []string        // callers whom the user has blocked
	asleepFrom event.Lifecycle // what a computer's sleep interrupted

	process
	kit   pushKit
	cards []card // notifications, the oldest first; they outlive the process
}

// process is what the system knows of the app's process, and forgets with it.
type process struct {
	ready       bool // didEnterBackground has returned since the app left the screen
	settleWhy   string
	sockets     []socket // in the order in which they were opened
	held        []system.Signal
	lost        []system.Signal // reclaimed sockets that the app does not know of yet
	sound       bool            // the sound card is open
	audio       bool            // the audio session is active
	tasks       []task
	keepAlive   keepAlive
	wakes       int         // since launch
	stamps      []time.Time // wakes that count against the budget
	wake        wake
	lent        time.Time // until when a push lets the app run
	handles     bool      // it has set up its push handler
	tokenNews   bool      // its push token has changed, and it does not know
	duties      []duty    // pushes that it has been given and not answered for
	calls       []screenCall
	suspendedAt time.Time
	service     service
	pushes      []pushed
	// offline: the app runs, and the network is closed to it.
	offline, offlineTold bool
	unsent               []unsent
	unsentBytes          int
}

// The timers of a device. Those due at the same time run in this order.
const (
	lightTimer     = iota // the light machine's next step
	deepTimer             // the deep machine's next step
	jobTimer              // a job window begins or ends
	pushTimer             // pushes must have shown the user something
	launchTimer           // launch a dead app in the background
	entryTimer            // didEnterBackground has to have returned
	taskEndTimer          // the tasks have to have ended
	taskWarnTimer         // call their expiration handlers
	reportTimer           // a push has to have been reported
	activateTimer         // activate the audio session of an answered call
	windowTimer           // the wake is over
	settleTimer           // suspend, for there is no reason to run
	keepAliveTimer        // call the keepalive handler
	reclaimTimer          // reclaim the sockets of a suspended app
	cardTimer             // a notification stops ringing
	serviceTimer          // startForeground has to have been called
	numTimers
)

// New returns a device that is on, with an app that has not been launched.
// rng decides how early the keepalive handler is called, how long a launch
// takes, and what a push token is.
func New(p Profile, rng *rand.Rand) *Device {
	return &Device{profile: p, rng: rng, state: event.Dead, doze: newDoze(&p), bucket: BucketActive}
}

// State is the app's state.
func (d *Device) State() event.Lifecycle { return d.state }

// Running reports whether the app's code runs.
func (d *Device) Running() bool { return d.state.Runs() }

// Locked reports whether the screen is locked.
func (d *Device) Locked() bool { return d.locked }

// Deadline is when Advance wants to be called next.
func (d *Device) Deadline() time.Time { return system.Earliest(d.timers[:]...) }

// Advance does what is due, the oldest first. It stops when there is
// something to tell the app, which must hear it before more happens; then
// Deadline is not after now, and Advance is to be called again.
func (d *Device) Advance(now time.Time) Output {
	for len(d.out.App) == 0 && !d.out.Died {
		i, ok := d.due(now)
		if !ok {
			break
		}
		d.timers[i] = time.Time{}
		d.ring(now, i)
	}
	return d.take()
}

// due finds the timer that came due first.
func (d *Device) due(now time.Time) (timer int, ok bool) {
	for i, t := range d.timers {
		if system.Due(t, now) && (!ok || t.Before(d.timers[timer])) {
			timer, ok = i, true
		}
	}
	return timer, ok
}

func (d *Device) ring(now time.Time, timer int) {
	p := &d.profile
	if p.Doze && d.dozeRing(now, timer) {
		return
	}
	switch timer {
	case launchTimer:
		d.launchInBackground(now)
	case entryTimer:
		d.end(now, entryOverrun(p.EntryLimit))
	case taskEndTimer:
		d.taskTimeOver(now)
	case taskWarnTimer:
		d.warnTasks()
	case reportTimer:
		d.reportDue(now)
	case activateTimer:
		d.activateAudio(now)
	case windowTimer:
		d.wakeOver(now)
	case settleTimer:
		d.suspend(now, d.settleWhy)
	case keepAliveTimer:
		d.tick(now)
	case reclaimTimer:
		d.reclaim(fmt.Sprintf("suspended for %s", p.ReclaimAfter))
	case cardTimer:
		d.expireCards(now)
	}
}

func (d *Device) log(e event.Event) { d.kernel(system.Log{Event: e}) }

func (d *Device) kernel(c system.Call) { d.out.Kernel = append(d.out.Kernel, c) }

func (d *Device) tell(s system.Signal) { d.out.App = append(d.out.App, s) }

func (d *Device) take() Output {
	out := d.out
	d.out = Output{}
	return out
}
