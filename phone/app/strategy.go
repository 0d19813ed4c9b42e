package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
	// Expires is how long it registers for, unless the account says so.
	Expires time.Duration

	// marks says that the control connection is to wake the app, and
	// keepsAlive that the app has a keepalive handler.
	marks, keepsAlive bool
}

// strategies are all strategies, the best of their era first. Here each is
// registered, by one line; all else about it stands in its own file.
func strategies() []Traits {
	return []Traits{
		pushTraits(),
		voipSocketTraits(),
		wakeSocketTraits(),
		stayAwakeTraits(),
		noneTraits(),
	}
}

// Strategies are all strategies, the best of their era first.
func Strategies() []Strategy {
	var all []Strategy
	for _, t := range strategies() {
		all = append(all, t.Name)
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
	if s == "" {
		s = DefaultStrategy
	}
	for _, t := range strategies() {
		if t.Name == s {
			return t
		}
	}
	return Traits{}
}
