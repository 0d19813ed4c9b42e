package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// NoStrategy does nothing to stay reachable: the control group.
const NoStrategy Strategy = "none"

func nonePlan() plan {
	return plan{
		Traits{Name: NoStrategy, Help: "does nothing to stay reachable", Expires: defaultExpires},
		func(env) strategy { return none{} },
	}
}

// none is the strategy of that name. Others embed it for what they have no use
// for.
type none struct{}

func (none) deadline() time.Time                     { return time.Time{} }
func (none) advance(time.Time)                       {}
func (none) receive(time.Time, system.Signal) bool   { return false }
func (none) notice(time.Time, *line, control.Notice) {}
func (none) moved(time.Time)                         {}
func (none) freed(time.Time)                         {}
func (none) busy() bool                              { return false }
func (none) done()                                   {}
