package sip

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// orders are the parts of an agent that a program can tell what to do, besides its calls.
type orders struct {
	forced      forced
	watches     watches
	publication publication
	qualities   qualities
}

// Check reads a lasting order, and changes nothing. See [control.Teller].
func (o *orders) Check(order control.Order) error {
	switch order := order.(type) {
	case control.Force:
		return o.forced.check(order)
	case control.AddHeader:
		return cmp.Or(o.forced.extras.check(order), o.forced.checkHeader(order))
	}
	return nil
}

// Tell carries out an order. See [control.Teller].
func (o *orders) Tell(now time.Time, order control.Order) (control.Output, error) {
	s := newStep(now)
	err := o.Check(order)
	if err == nil {
		err = o.tell(s, order)
	}
	return s.Out, err
}

func (o *orders) tell(s *step, order control.Order) error {
	switch order := order.(type) {
	case control.SendText:
		return o.watches.client.sendText(s, order.To, order.Text)
	case control.Force:
		o.forced.set(order)
	case control.Unforce:
		o.forced.clear(order.Method)
	case control.AddHeader:
		o.forced.extras.set(order)
	case control.Subscribe:
		return o.watches.begin(s, order.Package, order.To, order.For)
	case control.Unsubscribe:
		return o.watches.end(s, order.Package, order.To)
	case control.Publish:
		return o.publication.set(s, order.Basic, order.Note)
	case control.ReportQuality:
		o.qualities.report(s, order)
	default:
		return fmt.Errorf("%T is no order for SIP", order)
	}
	return nil
}
