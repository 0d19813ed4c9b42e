package xmpp

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A step is one step of the agent.
type step = control.Step

func newStep(now time.Time) *step { return &step{Now: now} }
