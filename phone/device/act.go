package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An Act is what the user, the tester or the system does to the device.
type Act interface{ act() }

// What can be done to a device.
type (
	// Launch is the user opening the app; one that runs already comes to
	// the screen.
	Launch struct{}
	// Foreground is the same, of an app that is there; a dead one is
	// launched.
	Foreground struct{}
	// Quit is the program ending: a suspended app runs to sign off.
	Quit struct{}
	// Background is the user leaving the app by the home button.
	Background struct{}
	// Lock locks the screen, Unlock unlocks it.
	Lock   struct{}
	Unlock struct{}
	// ForceQuit is the user swiping the app away.
	ForceQuit struct{}
	// Crash ends the process with a signal.
	Crash struct{}
	// Jetsam ends the process because the system wants its memory.
	Jetsam struct{}
	// Update replaces the app by another version of itself.
	Update struct{}
	// Reboot switches the device off and on.
	Reboot struct{}
	// Reinstall replaces the app by a fresh copy: its push token is another.
	Reinstall struct{}
	// RotateToken is the push service replacing the app's token.
	RotateToken struct{}
	// ResetPush has the system deliver pushes again that it had blocked.
	ResetPush struct{}
	// OtherAppQuit is the user swiping another app away.
	OtherAppQuit struct{}
	// Sleep and Resume are the sleep of a computer, where the system does
	// not suspend apps.
	Sleep  struct{}
	Resume struct{}
)

// Exit is the app ending itself with an exit code, as if by its own code.
type Exit struct{ Code int }

// DoNotDisturb silences the device, or no longer: it shows no call.
type DoNotDisturb struct{ On bool }

// BlockCaller is the user blocking a caller, by address or user name, or no
// longer.
type BlockCaller struct {
	Who string
	On  bool
}

// Tap is the user choosing an action on a notification; the zero Action is
// [system.Open].
type Tap struct {
	ID     int
	Action system.Action
}

// A Bearer is the kind of network that a device is on.
type Bearer string

// The kinds, as the link names them.
const (
	WiFi     Bearer = "wifi"
	Cellular Bearer = "cell"
	NoBearer Bearer = "offline"
)

// radio is what carries the device's packets.
type radio struct {
	bearer  Bearer
	wifi    string    // the name of the Wi-Fi, where it is that
	traffic time.Time // when a packet of the app's last crossed it
}

// rests reports whether it is a cellular one that has had nothing to carry for so long:
// the next packet would wake it. On Wi-Fi there is nothing to spare.
func (r *radio) rests(now time.Time, after time.Duration) bool {
	return r.bearer == Cellular && now.Sub(r.traffic) >= after
}

// Join is the device joining another network, or losing it.
type Join struct{ Bearer Bearer }

// Configure changes the numbers of the device while it runs: see [Profile.Becomes].
type Configure struct{ Profile Profile }

func (Launch) act()       {}
func (Foreground) act()   {}
func (Quit) act()         {}
func (Background) act()   {}
func (Lock) act()         {}
func (Unlock) act()       {}
func (ForceQuit) act()    {}
func (Crash) act()        {}
func (Jetsam) act()       {}
func (Update) act()       {}
func (Reboot) act()       {}
func (OtherAppQuit) act() {}
func (Reinstall) act()    {}
func (RotateToken) act()  {}
func (ResetPush) act()    {}
func (Exit) act()         {}
func (DoNotDisturb) act() {}
func (BlockCaller) act()  {}
func (Sleep) act()        {}
func (Resume) act()       {}
func (Tap) act()          {}
func (Configure) act()    {}
func (Join) act()         {}

// Do carries out an act. One that makes no sense now is an [event.Error].
func (d *Device) Do(now time.Time, a Act) Output {
	if t, ok := a.(Tap); ok && t.Action == "" {
		t.Action = system.Open
		a = t
	}
	if !d.family.do(now, a) {
		d.do(now, a)
	}
	return d.take()
}

// do carries out what is the same on every system.
func (d *Device) do(now time.Time, a Act) {
	switch a := a.(type) {
	case Launch, Foreground:
		d.open(now, event.ByUser, "opened by the user")
	case Quit:
		d.quit(now)
	case Background:
		d.background(now)
	case Lock:
		d.lock(now)
	case Unlock:
		d.unlock(now)
	case ForceQuit:
		d.forceQuit(now)
	case Crash:
		d.end(now, crashed)
	case Jetsam:
		d.end(now, jetsam)
	case Update:
		d.update(now)
	case Exit:
		d.exit(now, a.Code)
	case Reboot:
		d.reboot(now)
	case Reinstall:
		d.reinstall(now)
	case DoNotDisturb:
		d.tray.quiet = a.On
	case Tap:
		d.tap(now, a)
	case Configure:
		d.configure(&a.Profile)
	case Join:
		d.radio.bearer = a.Bearer
		d.family.joined(now)
	case OtherAppQuit: // nothing comes of it
	default:
		d.decline(a)
	}
}

// decline refuses an act that only another kind of system knows.
func (d *Device) decline(a Act) {
	switch a := a.(type) {
	case RotateToken:
		d.refuse("token rotate", "the app has no push token", "")
	case ResetPush:
		d.refuse("push reset", "no push of the app has gone unreported", "")
	case BlockCaller:
		d.refuse(map[bool]string{true: "block caller", false: "unblock caller"}[a.On], "callers are blocked for calls on the system's call screen, and this device has none", "--device ios-pushkit")
	case Sleep:
		d.refuse("machine sleep", "only a running app on a computer sleeps with the machine", "")
	case Resume:
		d.refuse("machine wake", "the machine does not sleep", "machine sleep")
	default:
		d.refuse("device", "this is for an Android device, and the device is "+d.profile.Name, "--device android-doze")
	}
}
