// Package event records what happens: the types of events, the append-only log,
// their JSON lines and one-line text, and the fold from events to a phone's
// state, [Fold].
//
// The log is the only truth. The screen, --plain, --json, recordings,
// assertions and reports all read it, each with a cursor of its own; none of
// them asks a running machine. So a recording can be looked at again in the
// same screen, and the JSON can never lag behind it. It takes little memory,
// however long it is: see [Log].
//
// An [Event] is a value without a time in it. A [Record] is an event in the
// log: with a sequence number, device time (which can be warped while the app
// is suspended) and wall time.
//
// High-rate facts (RTP, sound levels) enter as periodic snapshots, never per
// packet.
package event

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// An Event is one thing that happened. Its JSON form is a flat object.
type Event interface {
	// Kind is the event's name in JSON ("ev").
	Kind() string
	// Text says what happened, with a detail, for one line of text.
	Text() (what, detail string)
}

// A Record is an event in the log.
type Record struct {
	Seq    uint64        // from 1, without gaps
	Wall   time.Time     // wall time
	Device time.Duration // device time, since the handset was switched on
	Phone  string        // the actor: a handset, a robot, or "lab"
	// Account is which account of a phone with several it is about; empty where it
	// has one, and where it is about the whole phone.
	Account string
	Event   Event
}

// Who is whose event it is: "alice", or "alice/work" of one of its accounts.
func (r Record) Who() string {
	if r.Account == "" {
		return r.Phone
	}
	return r.Phone + "/" + r.Account
}

// Seconds is a duration that JSON shows in seconds.
type Seconds time.Duration

// Millis is a duration that JSON shows in milliseconds.
type Millis time.Duration

// D is s as a plain duration.
func (s Seconds) D() time.Duration { return time.Duration(s) }

// D is m as a plain duration.
func (m Millis) D() time.Duration { return time.Duration(m) }

func (s Seconds) String() string { return Round(s.D()) }
func (m Millis) String() string  { return Round(m.D()) }

// MarshalJSON writes s as a number of seconds.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return marshalUnit(time.Duration(s), time.Second), nil
}

// UnmarshalJSON reads a number of seconds.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	d, err := unmarshalUnit(b, time.Second)
	*s = Seconds(d)
	return err
}

// MarshalJSON writes m as a number of milliseconds.
func (m Millis) MarshalJSON() ([]byte, error) {
	return marshalUnit(time.Duration(m), time.Millisecond), nil
}

// UnmarshalJSON reads a number of milliseconds.
func (m *Millis) UnmarshalJSON(b []byte) error {
	d, err := unmarshalUnit(b, time.Millisecond)
	*m = Millis(d)
	return err
}

// marshalUnit writes d in the given unit, to the microsecond: no clock here is
// more accurate.
func marshalUnit(d, unit time.Duration) []byte {
	v := float64(d.Round(time.Microsecond)) / float64(unit)
	return strconv.AppendFloat(nil, v, 'f', -1, 64)
}

func unmarshalUnit(b []byte, unit time.Duration) (time.Duration, error) {
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, err
	}
	ns := v * float64(unit)
	if !(math.Abs(ns) < math.MaxInt64) { // NaN is neither
		return 0, fmt.Errorf("%s is no time that a phone lives to see", b)
	}
	return time.Duration(ns).Round(time.Microsecond), nil
}

// Round formats a duration: "38 ms", "2.1 s", "02:06", "01:02:06".
func Round(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Round(-d)
	case d < time.Millisecond:
		return strconv.Itoa(int(d.Microseconds())) + " µs"
	case d < time.Second:
		return strconv.Itoa(int(d.Milliseconds())) + " ms"
	case d < 100*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	default:
		return Clock(d)
	}
}

// Clock formats a duration as "mm:ss" or "hh:mm:ss".
func Clock(d time.Duration) string {
	s := int(d / time.Second)
	two := func(n int) string {
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
		return strconv.Itoa(n)
	}
	if s < 3600 {
		return two(s/60) + ":" + two(s%60)
	}
	return two(s/3600) + ":" + two(s/60%60) + ":" + two(s%60)
}
