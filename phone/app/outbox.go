package app

import (
	"cmp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// outbox holds what one step asks of the system, in order. All parts of the
// app share it.
type outbox struct {
	effects []system.Effect
	// account is whose outbox it is, which its events say; what is in it goes
	// into whole, that of the app. Empty: it is that itself.
	account string
	whole   *outbox
}

// of is the outbox for what is about one account; a name that is empty is that of
// the only one.
func (o *outbox) of(account string) *outbox {
	if account == "" {
		return o
	}
	return &outbox{account: account, whole: o}
}

func (o *outbox) ask(effects ...system.Effect) {
	if o.whole == nil {
		o.effects = append(o.effects, effects...)
		return
	}
	for _, c := range effects {
		switch own := c.(type) {
		case system.Log:
			own.Account = cmp.Or(own.Account, o.account) // an answer may go by another flow
			c = own
		case system.StartTLS:
			own.Account = o.account
			c = own
		case system.MarkVoIP:
			own.Account = o.account
			c = own
		}
		o.whole.ask(c)
	}
}

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
