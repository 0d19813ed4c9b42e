package device

import (
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// core is what all mobile systems have in common: one app with a process, a
// state, sockets, wakes, tasks and notifications, and the ways from one state
// to the next. What only some systems do is in their family.
type core struct {
	*sink
	*timers
	profile *Profile
	rng     *rand.Rand
	name    Namer
	family  family

	state  event.Lifecycle
	mode   Mode // of the app that is installed
	locked bool
	frozen bool // the kernel is: what arrives stays there
	tray   tray

	radio      radio
	unentitled bool // the app that is installed has no app-push-provider

	launchWhy  string // of the launch that launchTimer brings
	bootLocked bool   // the screen has not been unlocked since the device booted
	bootWaits  bool   // a launch waits for that

	process
}

// process is what the system knows of the app's process, and forgets with it.
type process struct {
	settleWhy string
	sockets   sockets
	wake      wake
	budget    *budget
	tasks     tasks
	keepAlive keepAlive
	unmarked  bool      // it has been said that nobody watches its sockets
	sound     bool      // the sound card is open
	audio     bool      // the audio session is active
	lent      time.Time // until when a push lets the app run
}

func newCore(p *Profile, rng *rand.Rand, name Namer) *core {
	c := &core{sink: &sink{}, timers: &timers{}, profile: p, rng: rng, name: name, state: event.Dead, radio: radio{bearer: WiFi, wifi: system.UsualWiFi}, mode: ModeVoIP}
	c.tray = tray{
		sink: c.sink, timers: c.timers, p: &p.NotificationSettings,
		sinceWake: func(now time.Time) event.Millis { return c.wake.since(now) },
	}
	c.renew()
	return c
}

// renew forgets the process.
func (c *core) renew() {
	p := c.profile
	c.process = process{
		sockets:   sockets{sink: c.sink, gone: func(s system.Socket) { c.wake.forget(s) }},
		wake:      wake{sink: c.sink},
		budget:    p.own.newBudget(),
		tasks:     tasks{sink: c.sink, budget: p.TaskBudget, warning: p.TaskWarning},
		keepAlive: keepAlive{sink: c.sink, timers: c.timers, rng: c.rng, most: p.KeepAliveEarly},
	}
}
