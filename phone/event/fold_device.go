package event

import (
	"strings"
	"time"
)

// Idleness is how idle the device is, where it dozes at all.
type Idleness struct {
	State string // as in [DeviceIdle]; "": it has never dozed
	Since time.Duration
	Until time.Duration // the next change by itself; 0: there is none
	Why   string
}

// Pushes are those that were meant for the app.
type Pushes struct {
	Token string // the newest; "": the app has none
	Last  PushRow
	// Count is how many there were of each phase.
	Count map[PushPhase]int
}

// A PushRow is a push, with what became of it.
type PushRow struct {
	Push
	At   time.Duration // of the last step that says where it is
	Woke bool          // whether it woke the app
}

// Blocked reports whether the system delivers no push to the app any more.
func (p *Pushes) Blocked() bool { return p.Last.Phase == PushBlocked }

// TokenTail is enough of the token to tell it from another.
func (p *Pushes) TokenTail() string {
	token := []rune(Printable(p.Token))
	return string(token[max(0, len(token)-6):])
}

// HiddenBy reports whether apps feel nothing of a step of the device's idleness
// while it is in a state. There are two machines: what the deep one does on its
// way to deep idleness changes nothing while the light one is in its own states.
func HiddenBy(state, to string) bool {
	switch to {
	case "idle-pending", "sensing", "locating":
		return strings.HasPrefix(state, "light-")
	}
	return false
}

// deviceIdle follows the device as apps feel it.
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
	case e.Phase == PushHandled && last.ID == e.ID && last.Phase == PushDelivered:
		last.Phase = e.Phase // what came of it stands; its time is when it came
	default:
		s.Pushes.Last = PushRow{Push: e, At: at}
	}
}

// pushWoke ties a wake by a push to the push that was delivered just before.
func (s *Fold) pushWoke(at time.Duration) {
	if last := &s.Pushes.Last; last.Phase == PushDelivered && last.At == at {
		last.Woke = true
	}
}
