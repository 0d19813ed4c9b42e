package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Strategy names how the app tries to stay reachable while it is asleep.
type Strategy string

// Traits are the facts about a strategy that others ask for. The zero value
// belongs to a name that no strategy has.
type Traits struct {
	Name Strategy
	Help string // one line
	// WakeServer says that it needs [Config.WakeServer].
	WakeServer bool
	// Datagrams says that it signals over UDP, unless the account names
	// another transport.
	Datagrams bool
	// Pushed says that a push service wakes it.
	Pushed bool
	// Asks says that [Config.StayAwakeBy] means something to it.
	Asks bool
	// KeepsAlive says that it has a keepalive handler.
	KeepsAlive bool
	// Expires is how long it registers for, unless the account says so.
	Expires time.Duration
}

// plan is a strategy as it is registered.
type plan struct {
	Traits
	start func(env) strategy
}

// plans are all strategies, the best of their era first. A strategy is
// registered by its line here; all else about it is in its own file.
func plans() []plan {
	return []plan{
		pushPlan(),
		localPushPlan(),
		voipSocketPlan(),
		wakeSocketPlan(),
		stayAwakePlan(),
		nonePlan(),
	}
}

// strategy is the part of an app that keeps it reachable while it is asleep. It
// lives as long as the process of the app.
type strategy interface {
	// deadline is when advance wants to be called next.
	deadline() time.Time
	advance(now time.Time)
	// receive takes in a signal of the system, except for those about a call's
	// audio, before the app does. It reports whether nobody else is to see it.
	receive(now time.Time, s system.Signal) bool
	// notice takes in a notice of the agent of a line that is not about a call
	// that is known already.
	notice(now time.Time, l *line, n control.Notice)
	// moved is called when the app has left the screen, or is back on it, and
	// the server has been told.
	moved(now time.Time)
	// freed is called when a call is over or was refused.
	freed(now time.Time)
	// busy reports whether the app is to stay awake for the strategy.
	busy() bool
	// done gives the wake back: what the app stayed awake for is done.
	done()
}

// env is what an app lends its strategy, which takes what it needs.
type env struct {
	cfg    Config
	out    *outbox
	lines  lines
	errand *errand
	screen *callScreen
	// nextSocket names a socket that the app has never used.
	nextSocket func() system.Socket
	status     func() status
	// rest lets the app go back to sleep, if nothing else keeps it awake.
	rest func()
	// join connects a report on the call screen to its call, if its INVITE is
	// there already.
	join func(r *report)
}

// status is how the app stands.
type status struct {
	foreground bool // it is on the screen
	leaving    bool // it is shutting down
	ringing    bool // a call rings here
	calls      int
}

// find is the plan of a strategy; the empty name stands for the default.
func (s Strategy) find() (plan, bool) {
	s = cmp.Or(s, DefaultStrategy)
	for _, p := range plans() {
		if p.Name == s {
			return p, true
		}
	}
	return plan{}, false
}

// Strategies are all strategies, the best of their era first.
func Strategies() []Strategy {
	var all []Strategy
	for _, p := range plans() {
		all = append(all, p.Name)
	}
	return all
}

// StrategyNames are the names of all strategies.
func StrategyNames() []string {
	var names []string
	for _, s := range Strategies() {
		names = append(names, string(s))
	}
	return names
}

// ParseStrategy reads the name of a strategy. An error names the nearest.
func ParseStrategy(s string) (Strategy, error) {
	if slices.Contains(Strategies(), Strategy(s)) {
		return Strategy(s), nil
	}
	return "", fmt.Errorf("no strategy %q%s (there are: %s)", s, words.DidYouMean(s, StrategyNames()), strings.Join(StrategyNames(), ", "))
}

// Traits are the facts about s; the empty name stands for the default.
func (s Strategy) Traits() Traits {
	p, _ := s.find()
	return p.Traits
}
