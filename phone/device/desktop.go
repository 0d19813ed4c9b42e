package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// desktop is a computer: an app that leaves the screen goes on, and only the
// machine's own sleep stops it.
//
//	foreground ◀──▶ background        machine sleep
//	     ▲               ▲ ─────────────────────────▶ suspended
//	     └───────────────┴───────────────────────────────┘
//	                                  machine wake
type desktop struct {
	*core
	asleepFrom event.Lifecycle // what the machine's sleep interrupted
}

func desktopFamily() familyInfo { return familyInfo{own: &desktopSettings{}, make: newDesktop} }

// desktopSettings: a computer has no settings of its own.
type desktopSettings struct{ plain }

func (*desktopSettings) rules(p *Profile) []sanity { return []sanity{p.computerRule()} }

func newDesktop(c *core) family { return &desktop{core: c} }

func (d *desktop) do(now time.Time, a Act) bool {
	switch a.(type) {
	case Sleep:
		d.sleep(now)
	case Resume:
		d.resume(now)
	default:
		return false
	}
	return true
}

func (d *desktop) sleep(now time.Time) {
	if !d.running() {
		d.refuse("machine sleep", "only a running app on a computer sleeps with the machine", "")
		return
	}
	d.asleepFrom = d.state
	d.freeze(now, "the machine sleeps", nil)
}

func (d *desktop) resume(now time.Time) {
	if d.state != event.Suspended {
		d.refuse("machine wake", "the machine does not sleep", "machine sleep")
		return
	}
	d.thaw(now, event.ByUser, 0, 0)
	d.setState(d.asleepFrom, "the machine resumed", 0)
	d.handOver(now)
}

func (d *desktop) left(_ time.Time, why string) {
	d.setState(event.Background, why, 0)
	d.tell(system.DidEnterBackground{})
}

func (d *desktop) pushed(_ time.Time, p system.Push) {
	d.log(pushEvent(event.PushDropped, p, notTheToken))
}

func (d *desktop) call(time.Time, system.Effect) bool { return false }
func (d *desktop) ring(time.Time, int) bool           { return false }
func (d *desktop) opened(time.Time, bool)             {}
func (d *desktop) screenLocked(time.Time)             {}
func (d *desktop) launch(time.Time)                   {}
func (d *desktop) died()                              {}
func (d *desktop) rebooted(time.Time)                 {}
func (d *desktop) watches(socket) bool                { return false }
func (d *desktop) busy(time.Time)                     {}
func (d *desktop) online(time.Time)                   {}
func (d *desktop) handedOver()                        {}
func (d *desktop) configured()                        {}
func (d *desktop) joined(time.Time)                   {}
func (d *desktop) radioWakes()                        {}
