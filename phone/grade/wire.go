package grade

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A wire is what passes between a phone and the lab, and what the robots of the lab say:
// it matches the records of that.
type wire struct{ user string }

// message matches the phone's messages.
func (w wire) message(ok func(event.Message) bool) match {
	return func(r event.Record) bool {
		m, is := r.Event.(event.Message)
		return is && r.Phone == w.user && ok(m)
	}
}

// sent matches the requests of a method that the phone has sent, got those that
// it has received.
func (w wire) sent(method string) match {
	return w.message(func(m event.Message) bool { return m.Out && m.Status == 0 && m.Method == method })
}

func (w wire) got(method string) match {
	return w.message(func(m event.Message) bool { return !m.Out && m.Status == 0 && m.Method == method })
}

// answers matches the phone's responses to a method, with a status from one to
// another.
func (w wire) answers(method string, from, to int) match {
	return w.message(func(m event.Message) bool { return m.Out && m.Method == method && m.Status >= from && m.Status <= to })
}

// told matches the lab's responses to the phone's requests.
func (w wire) told(method string, from, to int) match {
	return w.message(func(m event.Message) bool { return !m.Out && m.Method == method && m.Status >= from && m.Status <= to })
}

// unreadable matches what the phone has sent and the lab could not read.
func (w wire) unreadable() match {
	return func(r event.Record) bool {
		e, is := r.Event.(event.Error)
		return is && r.Phone == w.user && e.Rule == event.RuleMalformedMessage
	}
}

// astray matches what the lab says of responses that it has dropped, from the phone that
// it had asked: they are to another request. What somebody else has sent has a rule of its
// own ([event.RuleStrayResponse]), and is no fault of the phone's.
func (w wire) astray() match {
	return func(r event.Record) bool {
		e, is := r.Event.(event.Warning)
		return is && r.Phone != w.user && e.Rule == event.RuleForeignResponse
	}
}

// granted matches the responses that registered the phone: a 200 that names a
// contact.
func (w wire) granted() match {
	ok := w.told("REGISTER", 200, 200)
	return func(r event.Record) bool { return ok(r) && header(r, "Contact") != "" }
}

// pinged and ponged match the phone's own keepalives.
func (w wire) pinged() match {
	return func(r event.Record) bool {
		e, ok := r.Event.(event.Ping)
		return ok && e.Out && r.Phone == w.user
	}
}

func (w wire) ponged() match {
	return func(r event.Record) bool {
		e, ok := r.Event.(event.Pong)
		return ok && e.Out && r.Phone == w.user
	}
}

// socket matches steps in the life of the phone's connections: open, closed,
// reset.
func (w wire) socket(phases ...event.SocketPhase) match {
	return func(r event.Record) bool {
		e, ok := r.Event.(event.Socket)
		return ok && r.Phone == w.user && slices.Contains(phases, e.Phase)
	}
}

// caller is the robot that calls the phone.
const caller = "bob"

// call matches steps of the robot's calls.
func (w wire) call(phase event.CallPhase) match {
	return func(r event.Record) bool {
		e, ok := r.Event.(event.Call)
		return ok && r.Phone == caller && e.Phase == phase
	}
}

// rtp matches the snapshots of the audio of the robot's calls.
func (w wire) rtp(ok func(event.RTP) bool) match {
	return func(r event.Record) bool {
		e, is := r.Event.(event.RTP)
		return is && r.Phone == caller && ok(e)
	}
}
