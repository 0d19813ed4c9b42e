package device

import (
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Namer names the frame that a socket of the app has received. It is the app's
// agent that knows: the device knows no protocol.
type Namer func(s system.Socket, data []byte) string

// Device is one emulated device with one app on it: what all systems have in
// common, and the family that its profile is of.
type Device struct{ *core }

// New returns a device that is on, with an app that has not been launched.
// rng decides how early the keepalive handler is called, how long a launch
// takes, and what a push token is. name is asked for the name of a frame that
// woke the app.
func New(p Profile, rng *rand.Rand, name Namer) *Device {
	p.own = copied(p.own) // it can be told other numbers
	c := newCore(&p, rng, name)
	c.family = families()[p.family].make(c)
	return &Device{c}
}

// State is the app's state.
func (d *Device) State() event.Lifecycle { return d.state }

// Running reports whether the app's code runs.
func (d *Device) Running() bool { return d.running() }

// Banner is the notification that rings on the screen now, the newest if
// there are several.
func (d *Device) Banner() (id int, ok bool) { return d.tray.banner() }

// Deadline is when Advance wants to be called next.
func (d *Device) Deadline() time.Time { return d.deadline() }

// Advance does what is due, the oldest first. It stops when there is
// something to tell the app, which must hear it before more happens; then
// Deadline is not after now, and Advance is to be called again.
func (d *Device) Advance(now time.Time) Output {
	for len(d.out.App) == 0 && !d.out.Died {
		i, ok := d.due(now)
		if !ok {
			break
		}
		d.stop(i)
		d.ring(now, i)
	}
	return d.take()
}

func (d *Device) ring(now time.Time, timer int) {
	switch {
	case d.family.ring(now, timer):
	case timer == launchTimer:
		d.family.launch(now)
	case timer == cardTimer:
		d.tray.expire(now)
	}
}
