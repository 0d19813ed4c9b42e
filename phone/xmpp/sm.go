package xmpp

import (
	"fmt"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/event"
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

// flowFailed is the end of the connection. The session can be resumed on the
// next one.
func (m *management) flowFailed() { m.on, m.counting = false, false }

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

// enabled is the server's word that it counts too.
func (m *management) enabled(e *Element) {
	m.counting = true
	if resume := e.attr("resume"); resume == "true" || resume == "1" {
		m.id = e.attr("id")
	}
}

// sent keeps a stanza of ours until the server has handled it. It reports false
// if there are too many, which ends the management of this session.
func (m *management) sent(e *Element) bool {
	if !m.on {
		return true
	}
	m.unacked = append(m.unacked, e)
	if len(m.unacked) > maxUnacked {
		m.on, m.id, m.unacked = false, "", nil
		return false
	}
	return true
}

// crowded reports whether the server should be asked for an acknowledgement.
func (m *management) crowded() bool { return m.on && len(m.unacked) > maxUnacked/2 }

// acknowledged drops what the server says it has handled. More than was sent
// is an error, which ends the stream (XEP-0198 §4).
func (m *management) acknowledged(e *Element) error {
	if !m.on {
		return nil
	}
	h, err := strconv.ParseUint(e.attr("h"), 10, 32)
	n := uint32(h) - m.acked // the counters wrap around
	if err != nil || int64(n) > int64(len(m.unacked)) {
		return Bad{Condition: "undefined-condition", Err: fmt.Errorf("the server acknowledges %q of our stanzas; it was sent %d", event.Printable(e.attr("h")), m.acked+uint32(len(m.unacked)))}
	}
	m.acked, m.unacked = uint32(h), m.unacked[n:]
	return nil
}

// resumed is the server's word that the session of before goes on.
func (m *management) resumed(e *Element) error {
	m.on = true
	if err := m.acknowledged(e); err != nil {
		return err
	}
	m.counting, m.asked = true, false
	return nil
}

// lost is the server's word that the session of before is gone. It returns
// what the server may not have had of it.
func (m *management) lost(e *Element) ([]*Element, error) {
	m.on = true
	if e.attr("h") != "" {
		if err := m.acknowledged(e); err != nil {
			return nil, err
		}
	}
	unacked := m.unacked
	*m = management{}
	return unacked, nil
}
