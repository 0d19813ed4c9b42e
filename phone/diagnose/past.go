package diagnose

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A past is what the whole log says of the phone, for the causes that look back to
// its beginning: they share one pass through a log that may be long, and packed.
type past struct {
	stamp      Stamp
	own        time.Duration  // when the phone itself wrote down something last
	challenged bool           // the last registration was asked for credentials
	inClear    string         // why the phone has given up the last registration; "" if it has not
	waiting    *event.Message // our last request, while the server has not answered it
	asked      time.Duration  // when it was sent
	sent       event.Record   // the last that went over the connection, either way
	closed     string         // upon what the server has closed the connection since the last action
	reclaimed  event.Record   // when the system took sockets of the app last
	destroyed  event.Record   // and said that it had destroyed those of a frozen one
}

// add takes a record of the phone into account; since is the last action.
func (p *past) add(r event.Record, since uint64) {
	switch r.Event.(type) {
	case event.Loss, event.Scenario, event.Step: // others write them down
	default:
		p.own = r.Device
	}
	switch e := r.Event.(type) {
	case event.Registration:
		p.registration(e)
	case event.Message:
		p.message(r.Device, e)
		p.sent = r
	case event.Data, event.Ping:
		p.sent = r
	case event.Reclaim:
		p.reclaimed = r
	case event.Warning:
		if e.Rule == event.RuleFrozenSockets {
			p.destroyed = r
		}
	case event.Socket:
		ended := e.Name == "control" && (e.Phase == event.SocketClosed || e.Phase == event.SocketReset) && !e.ByUs()
		if ended && r.Seq > since && p.sent.Seq > 0 && r.Device-p.sent.Device < atOnce {
			p.closed = fmt.Sprintf("the server closed the connection right after %s (%s)", wireText(p.sent.Event), p.stamp(r.Device))
		}
	}
}

func (p *past) registration(e event.Registration) {
	switch e.Phase {
	case event.RegistrationSending:
		p.challenged = false
	case event.RegistrationChallenged:
		p.challenged = true
	}
	p.inClear = ""
	if e.Rule == event.RuleClearPassword {
		p.inClear = "the phone did not register: " + e.Reason
	}
}

func (p *past) message(at time.Duration, m event.Message) {
	switch {
	case m.Out && m.Status == 0 && m.Method != "ACK":
		p.waiting, p.asked = &m, at
	case p.waiting != nil && m.Status != 0 && m.CSeq == p.waiting.CSeq:
		p.waiting = nil
	}
}
