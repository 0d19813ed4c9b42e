package xmpp

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// Leave tells the server that the app has left the screen, or is back on it
// (XEP-0352): it may then hold back what can wait.
func (a *Agent) Leave(now time.Time, left bool) control.Output {
	s := newStep(now)
	changed := a.left != left
	a.left = left
	if changed && a.flow.stage == up && a.flow.offersCSI {
		a.writeState(s)
	}
	return s.Out
}

// tellState says it on a new stream. Each begins active, a resumed one too
// (XEP-0352 §5).
func (a *Agent) tellState(s *step) {
	if a.left && a.flow.offersCSI {
		a.writeState(s)
	}
}

func (a *Agent) writeState(s *step) {
	state := "active"
	if a.left {
		state = "inactive"
	}
	a.write(s, element(nsCSI, state))
}
