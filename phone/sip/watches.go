package sip

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// watches are the subscriptions that the program was told to begin.
type watches struct {
	*client
	summary func(s *step, tx *ServerTransaction) // takes a NOTIFY of messages that wait
	list    []*watch                             // oldest first
}

// maxWatches bounds them (our own number): who watches more is no phone.
const maxWatches = 16

func (ws *watches) first() *watch {
	var first *watch
	for _, w := range ws.list {
		if at := w.deadline(); !at.IsZero() && (first == nil || at.Before(first.deadline())) {
			first = w
		}
	}
	return first
}

func (ws *watches) deadline() time.Time {
	if w := ws.first(); w != nil {
		return w.deadline()
	}
	return time.Time{}
}

func (ws *watches) advance(s *step) { ws.first().advance(s) }

// delay gives a NOTIFY that may lie unread in the kernel its time, and a refresh that
// is late its chance.
func (ws *watches) delay(until time.Time) {
	for _, w := range ws.list {
		control.Delay(until, &w.heardBy, &w.expiresAt)
	}
}

func (ws *watches) forget(w *watch) {
	ws.list = slices.DeleteFunc(ws.list, func(other *watch) bool { return other == w })
}

// begin subscribes to a package of somebody; "" is our own account.
func (ws *watches) begin(s *step, name, to string, life time.Duration) error {
	target, err := ws.watched(name, to)
	switch w := ws.find(name, addressOfRecord(&target)); {
	case err != nil:
		return err
	case !ws.conn.Up():
		return errNotOnline
	case w != nil && w.rests(): // it is not waited for any longer
		w.asked = cmp.Or(life, watchFor)
		w.renew(s)
		return nil
	case w != nil:
		return fmt.Errorf("it is subscribed to %s of %s already", name, addressOfRecord(&target))
	case len(ws.list) >= maxWatches:
		return fmt.Errorf("there are %d subscriptions, the most that are kept", maxWatches)
	}
	w := &watch{watches: ws, name: name, to: addressOfRecord(&target), target: target, asked: cmp.Or(life, watchFor)}
	w.begin(s)
	ws.list = append(ws.list, w)
	w.subscribe(s)
	return nil
}

// end has a subscription end.
func (ws *watches) end(s *step, name, to string) error {
	target, err := ws.watched(name, to)
	if err != nil {
		return err
	}
	w := ws.find(name, addressOfRecord(&target))
	switch {
	case w == nil:
		return fmt.Errorf("there is no subscription to %s of %s", name, addressOfRecord(&target))
	case w.rests():
		w.ending = true
		w.over(s, event.Subscription{Phase: event.SubscriptionEnded})
		return nil
	case !ws.conn.Up():
		return errNotOnline
	case w.pending != nil:
		return errors.New("its SUBSCRIBE has no answer yet")
	}
	w.ending, w.heardBy = true, time.Time{} // the last NOTIFY has its own time
	w.subscribe(s)
	return nil
}

// watched is whom a subscription is to, if there can be one.
func (ws *watches) watched(name, to string) (sip.Uri, error) {
	if !isToken(name) {
		return sip.Uri{}, fmt.Errorf("%q is no package of events", name)
	}
	if to == "" {
		return ws.aor, nil
	}
	return ws.target(to)
}

func (ws *watches) find(name, to string) *watch {
	for _, w := range ws.list {
		if w.name == name && w.to == to && !w.parted {
			return w
		}
	}
	return nil
}

// notified takes a NOTIFY of one of them. It reports false if it is of none.
func (ws *watches) notified(s *step, tx *ServerTransaction) bool {
	w := ws.about(tx.Request)
	if w != nil {
		w.notified(s, tx)
	}
	return w != nil
}

// about is the subscription that a NOTIFY is about; nil if it is about none.
func (ws *watches) about(notify *sip.Request) *watch {
	for _, w := range ws.list {
		if w.concerns(notify) {
			return w
		}
	}
	return nil
}

// resume tells the notifiers where we are now, on a new flow.
func (ws *watches) resume(s *step) {
	for _, w := range ws.list {
		w.subscribe(s)
	}
}
