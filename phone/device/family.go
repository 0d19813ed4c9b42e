package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A family is one kind of mobile system: what it does otherwise than the core.
// It is told what happens to the app, and decides when the app runs.
type family interface {
	// do carries out an act, call a call of the app to the system, and ring
	// what a timer is for. They report whether that was the family's to do;
	// if not, the device does what is the same everywhere.
	do(now time.Time, a Act) bool
	call(now time.Time, c system.Effect) bool
	ring(now time.Time, timer int) bool

	// opened is the app on the screen; fresh: with a new process. left is the
	// app off the screen, which the user locked, left, or switched off.
	opened(now time.Time, fresh bool)
	left(now time.Time, why string)
	screenLocked(now time.Time)
	// launch starts the process without the user.
	launch(now time.Time)
	// died is the end of the process, rebooted that of everything.
	died()
	rebooted(now time.Time)

	// watches reports whether something on a socket wakes a suspended app.
	watches(s socket) bool
	// busy is the app at work: it has asked for something, or is told.
	busy(now time.Time)
	// online is the network open to the app again, handedOver the end of what
	// it has to hear when it has thawed.
	online(now time.Time)
	handedOver()
	// joined is the device on another network, radioWakes something that has come
	// for it over the one that it is on.
	joined(now time.Time)
	radioWakes()
	// configured has the family take over what it had copied of its settings, which
	// have changed.
	configured()
	// pushed is a push that the service delivers to the device.
	pushed(now time.Time, p system.Push)
}

// familyInfo is a family as a profile knows it.
type familyInfo struct {
	own   settings // none is set
	make  func(c *core) family
	modes bool // the system has UIBackgroundModes
}

// families are all families, by the name that a profile's file gives. A new one is
// a file of its own, a profile, and a line here.
func families() map[string]familyInfo {
	return map[string]familyInfo{
		"voip-socket": voipSocketFamily(),
		"pushkit":     pushKitFamily(),
		"android":     androidFamily(),
		"desktop":     desktopFamily(),
	}
}

// settings are those that only one family has: a pointer to a struct whose
// fields have the tag "setting". Profiles share it, so it is never changed but
// copied.
type settings interface {
	// rules are the rules that the numbers of a profile of the family must keep,
	// beside those for all.
	rules(p *Profile) []sanity
	pushService() string
	window(p *Profile) time.Duration
	newBudget() *budget
}

// plain are the settings of a family that has none, and what is true of most.
type plain struct{}

func (*plain) rules(*Profile) []sanity         { return nil }
func (*plain) pushService() string             { return "" }
func (*plain) window(p *Profile) time.Duration { return p.WakeWindow }
func (*plain) newBudget() *budget              { return nil }
