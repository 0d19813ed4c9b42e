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

// A view is a part of the records: all since some moment. "Sent" and "got" are
// from the phone's side.
type view struct {
	wire
	trace
	cfg     Config
	now     time.Duration
	began   time.Duration // when the current check began
	history trace         // all records
}

func (e *Examiner) view(from int) view {
	v := view{wire: wire{e.cfg.User}, cfg: e.cfg, now: e.now, trace: e.records[from:], history: e.records}
	if e.trial != nil {
		v.began = e.trial.began
	}
	return v
}

// whole returns the view of all records.
func (v view) whole() view {
	v.trace = v.history
	return v
}

// A trace is records in their order.
type trace []event.Record

// A match selects records.
type match func(event.Record) bool

func (t trace) all(m match) (found []event.Record) {
	for _, r := range t {
		if m(r) {
			found = append(found, r)
		}
	}
	return found
}

func (t trace) first(m match) (event.Record, bool) {
	if i := slices.IndexFunc(t, m); i >= 0 {
		return t[i], true
	}
	return event.Record{}, false
}

func (t trace) last(m match) (event.Record, bool) {
	for _, r := range slices.Backward(t) {
		if m(r) {
			return r, true
		}
	}
	return event.Record{}, false
}

func (t trace) has(m match) bool { _, ok := t.first(m); return ok }

// after returns the view of the records after r.
func (v view) after(r event.Record) view {
	i := slices.IndexFunc(v.trace, func(other event.Record) bool { return other.Seq > r.Seq })
	if i < 0 {
		i = len(v.trace)
	}
	v.trace = v.trace[i:]
	return v
}

// registered reports whether the last granted registration is still valid.
func (v view) registered() bool {
	r, ok := v.last(v.granted())
	return ok && v.now <= r.Device+grantOf(r)
}

// talking returns the record that began the call that is up.
func (v view) talking() (event.Record, bool) {
	up, ok := v.last(v.call(event.CallUp))
	return up, ok && !v.after(up).has(v.call(event.CallEnded))
}

// messageOf parses a recorded message; nil if it cannot be parsed.
func messageOf(r event.Record) grammar.Message {
	e, _ := r.Event.(event.Message)
	m, _ := sip.ParseDatagram([]byte(e.Raw)).(sip.Message)
	return m.SIP
}

// header returns the first header field of that name in a message; "" if there
// is none.
func header(r event.Record, name string) string {
	if m := messageOf(r); m != nil {
		if all := sip.Fields(m, name); len(all) > 0 {
			return all[0].Value()
		}
	}
	return ""
}

// seconds returns a header field that is a number of seconds; 0 if there is
// none.
func seconds(r event.Record, name string) time.Duration {
	n, _ := strconv.Atoi(strings.TrimSpace(header(r, name)))
	return time.Duration(n) * time.Second
}

// contactOf returns the first Contact of a message; nil if there is none.
func contactOf(r event.Record) *grammar.ContactHeader {
	m := messageOf(r)
	if m == nil {
		return nil
	}
	for _, h := range sip.Fields(m, "Contact") {
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

// flowTimer returns the last Flow-Timer that the phone was sent; 0 if none.
func (v view) flowTimer() time.Duration {
	if r, ok := v.last(v.granted()); ok {
		return seconds(r, "Flow-Timer")
	}
	return 0
}

// shows returns a record as evidence, with the header fields that matter; an
// empty line if there is no record.
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
