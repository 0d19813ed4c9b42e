package xmpp

import (
	"fmt"
	"slices"
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

// management is stream management (XEP-0198): both ends count the stanzas that
// they have handled, so that after a broken connection the session goes on
// with nothing lost and nothing twice.
type management struct {
	on       bool       // our stanzas are counted
	counting bool       // and the server's
	id       string     // by which the session is resumed; "": it cannot be
	handled  uint32     // stanzas of the server
	acked    uint32     // stanzas of ours that the server has handled
	unacked  []*Element // those that it may not have
	asked    bool       // for an acknowledgement that has not come
}

// received counts a stanza of the server.
func (m *management) received() {
	if m.counting {
		m.handled++
	}
}

// ended forgets a session that the server no longer keeps.
func (m *management) ended(condition string) {
	if condition != "connection-timeout" && condition != "system-shutdown" && condition != "reset" {
		*m = management{}
	}
}

// enableManagement asks for a session that can be resumed.
func (a *Agent) enableManagement(s *step) {
	a.sm = management{}
	if a.flow.login.features.child(nsSM, "sm") != nil {
		a.sm.on = true
		a.write(s, element(nsSM, "enable", "resume", "true"))
	}
}

// manage takes in an element of stream management.
func (a *Agent) manage(s *step, e *Element) {
	switch e.Name {
	case "enabled":
		a.sm.counting = true
		if resume := e.attr("resume"); resume == "true" || resume == "1" {
			a.sm.id = e.attr("id")
		}
	case "failed":
		a.sm = management{}
	case "r":
		a.sayAck(s)
	case "a":
		a.sm.asked = false
		a.acknowledged(s, e)
	}
}

// acknowledged drops what the server says it has handled. It reports false if
// that is more than was sent, which ends the stream (XEP-0198 §4).
func (a *Agent) acknowledged(s *step, e *Element) bool {
	m := &a.sm
	h, err := strconv.ParseUint(e.attr("h"), 10, 32)
	if !m.on {
		return true
	}
	n := uint32(h) - m.acked // the counters wrap around
	if err != nil || int64(n) > int64(len(m.unacked)) {
		a.bad(s, Bad{Condition: "undefined-condition", Err: fmt.Errorf("the server acknowledges %q of our stanzas; it was sent %d", event.Printable(e.attr("h")), m.acked+uint32(len(m.unacked)))})
		return false
	}
	m.acked, m.unacked = uint32(h), m.unacked[n:]
	return true
}

// send sends a stanza, now or when there is a stream.
func (a *Agent) send(s *step, e *Element) { a.sendAs(s, e, nil) }

// sendAs is send with another event in the log than the element's own, see
// transmit.
func (a *Agent) sendAs(s *step, e *Element, as func(bytes int) event.Event) {
	if a.flow.stage != up {
		a.wait(s, e)
		return
	}
	if m := &a.sm; m.on {
		m.unacked = append(m.unacked, e)
		if len(m.unacked) > maxUnacked {
			s.Log(event.Error{
				Op: "send to " + a.cfg.Server, Err: fmt.Sprintf("the server has acknowledged none of our last %d stanzas", maxUnacked),
				Hint: "the session cannot be resumed any more", Rule: event.RuleServerSilent,
			})
			m.on, m.id, m.unacked = false, "", nil
		}
	}
	a.transmit(s, e, as)
	if a.sm.on && len(a.sm.unacked) > maxUnacked/2 {
		a.askAck(s)
	}
}

// wait keeps a stanza for the next stream.
func (a *Agent) wait(s *step, e *Element) {
	if len(a.waiting) >= maxWaiting {
		s.Log(event.Error{Op: "send to " + a.cfg.Server, Err: fmt.Sprintf("not connected, and %d stanzas wait already", maxWaiting), Hint: "the oldest is dropped", Rule: event.RuleNotConnected})
		a.waiting = a.waiting[1:]
	}
	a.waiting = append(a.waiting, e)
}

// sayAck tells the server how many of its stanzas we have handled.
func (a *Agent) sayAck(s *step) {
	if a.sm.counting {
		a.write(s, element(nsSM, "a", "h", strconv.FormatUint(uint64(a.sm.handled), 10)))
	}
}

// askAck asks the server how many of our stanzas it has handled.
func (a *Agent) askAck(s *step) {
	if a.sm.on && !a.sm.asked {
		a.sm.asked = true
		a.write(s, element(nsSM, "r"))
	}
}

// resume asks for the session of before.
func (a *Agent) resume(s *step) {
	a.flow.stage = resuming
	a.write(s, element(nsSM, "resume", "previd", a.sm.id, "h", strconv.FormatUint(uint64(a.sm.handled), 10)))
}

// resumption is the server's answer. Without the old session a new one is
// begun; messages that may not have arrived are sent in it.
func (a *Agent) resumption(s *step, e *Element) {
	a.sm.on = true
	switch e.Name {
	case "resumed":
		if a.acknowledged(s, e) {
			a.sm.counting, a.sm.asked = true, false
			a.signedOn(s, true)
		}
	case "failed":
		if e.attr("h") != "" && !a.acknowledged(s, e) {
			return
		}
		lost := slices.DeleteFunc(a.sm.unacked, func(e *Element) bool { return e.Name != "message" })
		a.sm = management{}
		a.push.sessionLost()
		waiting := a.waiting
		a.waiting = nil
		for _, e := range append(lost, waiting...) {
			a.wait(s, e)
		}
		a.bind(s)
	default:
		a.bad(s, Bad{Condition: "unsupported-stanza-type", Err: fmt.Errorf("<%s> in answer to <resume>", event.Printable(e.Name))})
	}
}

// resend sends what the server had not handled when the connection broke.
func (a *Agent) resend(s *step) {
	for _, e := range a.sm.unacked {
		a.write(s, e)
	}
}
