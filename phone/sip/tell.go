package sip

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// Check reads a lasting order, and changes nothing. See [control.Teller].
func (a *Agent) Check(o control.Order) error {
	switch o := o.(type) {
	case control.Force:
		return a.forced.check(o)
	case control.AddHeader:
		return cmp.Or(a.author.extras.check(o), a.forced.checkHeader(o))
	}
	return nil
}

// Tell carries out an order. See [control.Teller].
func (a *Agent) Tell(now time.Time, o control.Order) (control.Output, error) {
	s := newStep(now)
	err := a.Check(o)
	if err == nil {
		err = a.tell(s, o)
	}
	return s.Out, err
}

func (a *Agent) tell(s *step, o control.Order) error {
	switch o := o.(type) {
	case control.SendText:
		return a.client.sendText(s, o.To, o.Text)
	case control.Force:
		a.forced.set(o)
	case control.Unforce:
		a.forced.clear(o.Method)
	case control.AddHeader:
		a.author.extras.set(o)
	case control.Subscribe:
		return a.watches.begin(s, o.Package, o.To, o.For)
	case control.Unsubscribe:
		return a.watches.end(s, o.Package, o.To)
	case control.Publish:
		return a.publication.set(s, o.Basic, o.Note)
	case control.ReportQuality:
		a.qualities.report(s, o)
	default:
		return fmt.Errorf("%T is no order for SIP", o)
	}
	return nil
}
