package device

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Output is what the device gives back: calls for the kernel and signals for
// the app, each in order. The calls come first.
type Output struct {
	Kernel []system.Effect
	App    []system.Signal
	// Provider are for the app's local push provider.
	Provider []system.Signal
	// Died says that the process is gone (its sockets are closed by
	// Kernel): the handset forgets the app before it hands App, which is
	// then for a new process, to anybody.
	Died bool
}

// sink collects the output of one step.
type sink struct{ out Output }

func (s *sink) log(e event.Event) { s.kernel(system.Log{Event: e}) }

func (s *sink) kernel(c system.Effect) { s.out.Kernel = append(s.out.Kernel, c) }

func (s *sink) tell(sig system.Signal) { s.out.App = append(s.out.App, sig) }

// refuse logs that an act makes no sense now.
func (s *sink) refuse(op, why, hint string) {
	s.log(event.Error{Op: op, Err: why, Hint: hint, Rule: event.RuleNotPossible})
}

func (s *sink) take() Output {
	out := s.out
	s.out = Output{}
	return out
}
