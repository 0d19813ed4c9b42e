package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Strategy is how the app tries to stay reachable while it is asleep.
type Strategy string

// The strategies.
const (
	// VoIPSocket marks the SIP connection as the app's VoIP socket and
	// installs a keepalive handler: signalling on TCP wakes the app, voice
	// goes over UDP.
	VoIPSocket Strategy = "voip-socket"
	// WakeSocket signals over UDP, which wakes nobody, and marks a second
	// connection over TCP whose only job is to wake the app. It is what a SIP
	// program over UDP is tempted to do, and it fails: the wake line and the
	// INVITE are hard to keep in step. See wakesocket.go.
	WakeSocket Strategy = "wake-socket"
	// StayAwake is VoIPSocket, and before each wake window ends the app asks
	// the server for something whose arrival opens another, for ever. See
	// stayawake.go.
	StayAwake Strategy = "stay-awake"
	// Push holds nothing while asleep: a push wakes the app, which reports
	// the call to the system and registers, so that the INVITE can come. See
	// pushing.go.
	Push Strategy = "push"
	// NoStrategy does nothing to stay reachable: the control group.
	NoStrategy Strategy = "none"
)

// Strategies are all strategies, the best of their era first.
var Strategies = []Strategy{Push, VoIPSocket, WakeSocket, StayAwake, NoStrategy}

// StrategyNames are the names of all strategies.
func StrategyNames() []string {
	names := make([]string, len(Strategies))
	for i, s := range Strategies {
		names[i] = string(s)
	}
	return names
}

// ParseStrategy reads the name of a strategy. An error names the nearest.
func ParseStrategy(s string) (Strategy, error) {
	if slices.Contains(Strategies, Strategy(s)) {
		return Strategy(s), nil
	}
	return "", fmt.Errorf("no strategy %q%s (there are: %s)", s, words.DidYouMean(s, StrategyNames()), strings.Join(StrategyNames(), ", "))
}

// overUDP reports whether the app signals over UDP, where nobody says
// otherwise.
func (s Strategy) overUDP() bool { return s == WakeSocket }

// marksControl reports whether the SIP connection is to wake the app.
func (s Strategy) marksControl() bool { return s == VoIPSocket || s == StayAwake }

// keepsAlive reports whether the app has a keepalive handler.
func (s Strategy) keepsAlive() bool { return s.marksControl() || s == WakeSocket }
