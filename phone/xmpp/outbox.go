package xmpp

import (
	"fmt"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// maxUnacked bounds the stanzas that are kept until the server has
	// acknowledged them (our own number: far more than a phone sends in the
	// time of a ping).
	maxUnacked = 100
	// maxWaiting bounds those that wait for a stream (our own number).
	maxWaiting = 20
)

// An outbox sends our stanzas: those for which there is no stream yet wait, and
// those that a broken connection may have lost are sent again.
type outbox struct {
	*stream
	sm      management
	waiting []*Element // for when the stream is up, oldest first
}

// send sends a stanza, now or when there is a stream.
func (o *outbox) send(s *step, e *Element) { o.sendAs(s, e, nil) }

// sendAs is send with another event in the log than the element's own, see
// transmit.
func (o *outbox) sendAs(s *step, e *Element, as func(bytes int) event.Event) {
	if !o.isUp() {
		o.wait(s, e)
		return
	}
	if !o.sm.sent(e) {
		s.Log(event.Error{
			Op: "send to " + o.cfg.Server, Err: fmt.Sprintf("the server has acknowledged none of our last %d stanzas", maxUnacked),
			Hint: "the session cannot be resumed any more", Rule: event.RuleServerSilent,
		})
	}
	o.transmit(s, e, as)
	if o.sm.crowded() {
		o.askAck(s)
	}
}

// wait keeps a stanza for the next stream.
func (o *outbox) wait(s *step, e *Element) {
	if len(o.waiting) >= maxWaiting {
		s.Log(event.Error{Op: "send to " + o.cfg.Server, Err: fmt.Sprintf("not connected, and %d stanzas wait already", maxWaiting), Hint: "the oldest is dropped", Rule: event.RuleNotConnected})
		o.waiting = o.waiting[1:]
	}
	o.waiting = append(o.waiting, e)
}

// flush sends what has waited for the stream.
func (o *outbox) flush(s *step) {
	waiting := o.waiting
	o.waiting = nil
	for _, e := range waiting {
		o.send(s, e)
	}
}

// resend sends what the server had not handled when the connection broke.
func (o *outbox) resend(s *step) {
	for _, e := range o.sm.unacked {
		o.write(s, e)
	}
}

// enable asks for a session that can be resumed, if the server offers that.
func (o *outbox) enable(s *step, offered bool) {
	o.sm = management{on: offered}
	if offered {
		o.write(s, element(nsSM, "enable", "resume", "true"))
	}
}

// resume asks for the session of before.
func (o *outbox) resume(s *step) {
	o.stage = resuming
	o.write(s, element(nsSM, "resume", "previd", o.sm.id, "h", strconv.FormatUint(uint64(o.sm.handled), 10)))
}

// startOver is the loss of the session of before: messages that may not have
// arrived wait for the new one, before what waits already.
func (o *outbox) startOver(s *step, e *Element) error {
	unacked, err := o.sm.lost(e)
	if err != nil {
		return err
	}
	waiting := o.waiting
	o.waiting = nil
	for _, e := range unacked {
		if e.Name == "message" {
			o.wait(s, e)
		}
	}
	for _, e := range waiting {
		o.wait(s, e)
	}
	return nil
}

// manage takes in an element of stream management.
func (o *outbox) manage(s *step, e *Element) error {
	switch e.Name {
	case "enabled":
		o.sm.enabled(e)
	case "failed":
		o.sm = management{}
	case "r":
		o.sendAck(s)
	case "a":
		o.sm.asked = false
		return o.sm.acknowledged(e)
	}
	return nil
}

// sendAck tells the server how many of its stanzas we have handled.
func (o *outbox) sendAck(s *step) {
	if o.sm.counting {
		o.write(s, element(nsSM, "a", "h", strconv.FormatUint(uint64(o.sm.handled), 10)))
	}
}

// askAck asks the server how many of our stanzas it has handled.
func (o *outbox) askAck(s *step) {
	if o.sm.on && !o.sm.asked {
		o.sm.asked = true
		o.write(s, element(nsSM, "r"))
	}
}

// end closes our side of the stream: the server then keeps no session for us.
func (o *outbox) end(s *step) {
	o.writeRaw(s, "stream end", endOfStream)
	o.sm = management{}
}
