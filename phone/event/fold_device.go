package event

import (
	"strings"
	"time"
)

// Idleness is the idle state of a device that can doze.
type Idleness struct {
	State string // as in [DeviceIdle]; "": it has never dozed
	Since time.Duration
	Until time.Duration // the next change by itself; 0: there is none
	Why   string
}

// LocalPush is the strategy by which a provider of the app's own brings its pushes, and
// no push service.
const LocalPush = "local-push"

// Pushed reports whether the app counts on pushes while it sleeps, and holds nothing.
func (e Start) Pushed() bool { return e.Strategy == "push" || e.Strategy == LocalPush }

// Pushes are the pushes to the app.
type Pushes struct {
	Token string // the newest; "": the app has none
	Away  string // why nothing is delivered now, for a distributor sleeps, or a local push provider does not run; "": it does
	Last  PushRow
	// Count is how many there were of each phase.
	Count map[PushPhase]int
}

// A PushRow is a push with its outcome.
type PushRow struct {
	Push
	At   time.Duration // of the last step
	Woke bool          // whether it woke the app
}

// Blocked reports whether the system no longer delivers pushes to the app.
func (p *Pushes) Blocked() bool { return p.Last.Phase == PushBlocked }

// TokenTail returns the end of the token, enough to tell it from another.
func (p *Pushes) TokenTail() string {
	token := []rune(Printable(p.Token))
	return string(token[max(0, len(token)-6):])
}

// HiddenBy reports whether a step of the device's idleness has no effect on
// apps while the device is in a state. Light and deep Doze are two machines:
// the steps on the way to deep Doze change nothing while light Doze is active.
func HiddenBy(state, to string) bool {
	switch to {
	case "idle-pending", "sensing", "locating":
		return strings.HasPrefix(state, "light-")
	}
	return false
}

// deviceIdle tracks the idleness that affects apps.
func (s *Fold) deviceIdle(at time.Duration, e DeviceIdle) {
	if HiddenBy(s.Idle.State, e.To) {
		return
	}
	s.Idle = Idleness{State: Printable(e.To), Since: at, Why: Printable(e.Why)}
	if e.Left > 0 {
		s.Idle.Until = at + e.Left.D()
	}
}

func (s *Fold) push(at time.Duration, e Push) {
	if s.Pushes.Count == nil {
		s.Pushes.Count = map[PushPhase]int{}
	}
	if len(s.Pushes.Count) < maxPhases || s.Pushes.Count[e.Phase] > 0 {
		s.Pushes.Count[e.Phase]++
	}
	last := &s.Pushes.Last
	switch {
	case e.Phase == PushToken:
		s.Pushes.Token = e.Token
	case e.Phase == PushAway:
		s.Pushes.Away = e.Why
	case e.Phase == PushBack:
		s.Pushes.Away = ""
	case e.Phase == PushTimer:
	case e.Phase == PushHandled && last.ID == e.ID && last.Phase == PushDelivered:
		last.Phase = e.Phase // keep its time of arrival
	default:
		s.Pushes.Last = PushRow{Push: e, At: at}
	}
}

// pushWoke links a wake by push to the push that was delivered just before.
func (s *Fold) pushWoke(at time.Duration) {
	if last := &s.Pushes.Last; last.Phase == PushDelivered && last.At == at {
		last.Woke = true
	}
}
