package event

import (
	"slices"
	"time"
)

// maxFaults bounds the active faults: there are fewer names.
const maxFaults = 32

// startNetwork is a handset's network before its log names one.
const startNetwork = "wifi"

// A FaultRow is an active fault.
type FaultRow struct {
	At     time.Duration // since when
	Name   string
	Detail string
}

func (s *Fold) network(e Network) {
	s.Network = e.Name
	if e.Name != "offline" {
		s.Joined = e.Name
	}
}

// fault handles a fault that begins, changes or ends.
func (s *Fold) fault(at time.Duration, e Fault) {
	i := slices.IndexFunc(s.Faults, func(f FaultRow) bool { return f.Name == e.Name })
	switch {
	case i >= 0 && !e.On:
		s.Faults = slices.Delete(s.Faults, i, i+1)
	case i >= 0:
		s.Faults[i].Detail = e.Detail
	case e.On:
		s.Faults = keep(s.Faults, FaultRow{at, e.Name, e.Detail}, maxFaults)
	}
}

// Fault is the fault of that name, if it is on.
func (s *Fold) Fault(name string) (FaultRow, bool) {
	for _, f := range s.Faults {
		if f.Name == name {
			return f, true
		}
	}
	return FaultRow{}, false
}
