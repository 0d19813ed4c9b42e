package sip

import (
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A step is one step of the agent: its time, and what comes of it.
type step struct {
	control.Step
	in   *inlet         // what is being read
	from netip.AddrPort // who has sent it
}

func newStep(now time.Time) *step { return &step{Step: control.Step{Now: now}} }
