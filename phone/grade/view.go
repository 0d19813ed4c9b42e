package grade

import (
	"slices"
	"strconv"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A view is a part of the tape: all that was recorded since some moment. "Sent"
// and "got" are the phone's.
type view struct {
	cfg   Config
	now   time.Duration
	began time.Duration // the check at work
	tape  []event.Record
	past  []event.Record // the whole tape
}

func (e *Examiner) view(from int) view {
	v := view{cfg: e.cfg, now: e.now, tape: e.tape[from:], past: e.tape}
	if e.trial != nil {
		v.began = e.trial.began
	}
	return v
}

// whole is the view of everything.
func (v view) whole() view {
	v.tape = v.past
	return v
}

// A match picks records.
type match func(event.Record) bool

func (v view) all(m match) (found []event.Record) {
	for _, r := range v.tape {
		if m(r) {
			found = append(found, r)
		}
	}
	return found
}

func (v view) first(m match) (event.Record, bool) {
	for _, r := range v.tape {
		if m(r) {
			return r, true
		}
	}
	return event.Record{}, false
}

func (v view) last(m match) (event.Record, bool) {
	for i := len(v.tape) - 1; i >= 0; i-- {
		if m(v.tape[i]) {
			return v.tape[i], true
		}
	}
	return event.Record{}, false
}

func (v view) has(m match) bool { _, ok := v.first(m); return ok }

// after is what was recorded after r.
func (v view) after(r event.Record) view {
	for i, other := range v.tape {
		if other.Seq > r.Seq {
			v.tape = v.tape[i:]
			return v
		}
	}
	v.tape = nil
	return v
}

// message picks the phone's messages.
func (v view) message(ok func(event.Message) bool) match {
	return func(r event.Record) bool {
		m, is := r.Event.(event.Message)
		return is && r.Phone == v.cfg.User && ok(m)
	}
}

// sent picks the requests of a method that the phone has sent, got those that
// it was sent.
func (v view) sent(method string) match {
	return v.message(func(m event.Message) bool { return m.Out && m.Status == 0 && m.Method == method })
}

func (v view) got(method string) match {
	return v.message(func(m event.Message) bool { return !m.Out && m.Status == 0 && m.Method == method })
}

// answers picks the phone's responses to a method, from one status to another.
func (v view) answers(method string, from, to int) match {
	return v.message(func(m event.Message) bool { return m.Out && m.Method == method && m.Status >= from && m.Status <= to })
}

// told picks the lab's responses to the phone's requests.
func (v view) told(method string, from, to int) match {
	return v.message(func(m event.Message) bool { return !m.Out && m.Method == method && m.Status >= from && m.Status <= to })
}

// granted picks what registered the phone: a 200 that names a contact.
func (v view) granted() match {
	ok := v.told("REGISTER", 200, 200)
	return func(r event.Record) bool { return ok(r) && header(r, "Contact") != "" }
}

// registered reports whether what was granted last is still good.
func (v view) registered() bool {
	r, ok := v.last(v.granted())
	return ok && v.now <= r.Device+grantOf(r)
}

// pinged and ponged pick the phone's own keepalives.
func (v view) pinged() match {
	return func(r event.Record) bool {
		e, ok := r.Event.(event.Ping)
		return ok && e.Out && r.Phone == v.cfg.User
	}
}

func (v view) ponged() match {
	return func(r event.Record) bool {
		e, ok := r.Event.(event.Pong)
		return ok && e.Out && r.Phone == v.cfg.User
	}
}

// socket picks steps in the life of the phone's connections: open, closed,
// reset.
func (v view) socket(phases ...event.SocketPhase) match {
	return func(r event.Record) bool {
		e, ok := r.Event.(event.Socket)
		return ok && r.Phone == v.cfg.User && slices.Contains(phases, e.Phase)
	}
}

// caller is the robot that calls the phone.
const caller = "bob"

// call picks steps of the robot's calls.
func (v view) call(phase event.CallPhase) match {
	return func(r event.Record) bool {
		e, ok := r.Event.(event.Call)
		return ok && r.Phone == caller && e.Phase == phase
	}
}

// talking is the call that is up, from its beginning.
func (v view) talking() (event.Record, bool) {
	up, ok := v.last(v.call(event.CallUp))
	return up, ok && !v.after(up).has(v.call(event.CallEnded))
}

// rtp picks the snapshots of the audio of the robot's calls.
func (v view) rtp(ok func(event.RTP) bool) match {
	return func(r event.Record) bool {
		e, is := r.Event.(event.RTP)
		return is && r.Phone == caller && ok(e)
	}
}

// messageOf is a recorded message, read again; nil: it cannot be.
func messageOf(r event.Record) grammar.Message {
	e, _ := r.Event.(event.Message)
	m, _ := sip.ParseDatagram([]byte(e.Raw)).(sip.Message)
	return m.SIP
}

// header is the first header field of that name in a message; "" if there is
// none.
func header(r event.Record, name string) string {
	if m := messageOf(r); m != nil {
		if all := m.GetHeaders(name); len(all) > 0 {
			return all[0].Value()
		}
	}
	return ""
}

// seconds is a header field that is a number of seconds; 0 if there is none.
func seconds(r event.Record, name string) time.Duration {
	n, _ := strconv.Atoi(strings.TrimSpace(header(r, name)))
	return time.Duration(n) * time.Second
}

// contactOf is the first Contact of a message; nil if there is none.
func contactOf(r event.Record) *grammar.ContactHeader {
	m := messageOf(r)
	if m == nil {
		return nil
	}
	for _, h := range m.GetHeaders("Contact") {
		if c, ok := h.(*grammar.ContactHeader); ok {
			return c
		}
	}
	return nil
}

// overUDP reports whether the phone speaks UDP.
func (v view) overUDP() bool {
	r, ok := v.last(v.sent("REGISTER"))
	return ok && strings.HasPrefix(strings.ToUpper(header(r, "Via")), "SIP/2.0/UDP")
}

// flowTimer is what the phone was told last; 0: nothing.
func (v view) flowTimer() time.Duration {
	if r, ok := v.last(v.granted()); ok {
		return seconds(r, "Flow-Timer")
	}
	return 0
}

// shows is a record as evidence, with the header fields that matter; none if
// there is no record.
func shows(r event.Record, names ...string) Line {
	if r.Event == nil {
		return Line{}
	}
	what, detail := r.Event.Text()
	if _, message := r.Event.(event.Message); !message && detail != "" {
		what += "  " + detail
	}
	for _, name := range names {
		if value := header(r, name); value != "" {
			what += "  " + name + ": " + value
		}
	}
	return line(r.Device, what)
}
