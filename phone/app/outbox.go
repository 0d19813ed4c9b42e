package app

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// outbox holds what one step asks of the system, in order. All parts of the
// app share it.
type outbox struct{ effects []system.Effect }

func (o *outbox) ask(effects ...system.Effect) { o.effects = append(o.effects, effects...) }

// note writes down an event.
func (o *outbox) note(e event.Event) { o.ask(system.Log{Event: e}) }

func (o *outbox) problem(rule event.Rule, op, err, hint string) {
	o.note(event.Error{Op: op, Err: err, Hint: hint, Rule: rule})
}

func (o *outbox) take() []system.Effect {
	effects := o.effects
	o.effects = nil
	return effects
}
