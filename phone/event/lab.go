package event

import (
	"slices"
	"strings"
	"time"
)

// The limits of the lists of a [Lab].
const (
	maxBounds = 64
	maxRobots = 16
)

// LabName is whose records those of a lab are.
const LabName = "lab"

// A Lab is the state of the lab of a log, computed from its records: what its registrar
// believes, what its robots do, and what it does wrong on request. Its times are those on the
// wall. It is a plain value for one goroutine.
type Lab struct {
	Seen    bool   // the log is that of a process with a lab
	Serving string // where it listens for SIP; "": it does not
	Since   time.Time
	Bounds  []Bound // oldest first
	Robots  []RobotRow
	Faults  []string // the misbehaviours that are on, in the order in which they were asked for

	phones map[string]bool // who has a device of its own
}

// A Bound is where the registrar believes that a user can be reached.
type Bound struct {
	Location
	Since, Until time.Time // when it was bound there, and when that lapses
}

// A RobotRow is a robot, and the call that it has.
type RobotRow struct {
	Name  string
	Call  Call // the newest that goes on; the zero value: none
	Since time.Time
	calls []Call
}

// Apply takes a record into account. Records must come in the order of the log.
func (l *Lab) Apply(r Record) {
	switch e := r.Event.(type) {
	case Start:
		if l.phones == nil {
			l.phones = map[string]bool{}
		}
		l.phones[r.Phone] = true
		l.Robots = slices.DeleteFunc(l.Robots, func(b RobotRow) bool { return b.Name == r.Phone })
	case Server:
		l.server(r, e)
	case Location:
		l.location(r.Wall, e)
	case Verb:
		l.told(r.Phone, e)
	case Error:
		if r.Phone == LabName { // a misbehaviour that there is not
			l.Faults = slices.DeleteFunc(l.Faults, func(f string) bool { return e.Op == "misbehave "+f })
		}
	case Registration:
		l.robot(r.Phone)
	case Call:
		if b := l.robot(r.Phone); b != nil {
			b.call(r.Wall, e)
		}
	}
}

func (l *Lab) server(r Record, e Server) {
	if r.Phone != LabName {
		return
	}
	l.Seen = true
	switch e.What {
	case "listening":
		l.Serving, l.Since = e.Peer, r.Wall
	case "stopped":
		l.Serving, l.Since = "", r.Wall
	}
}

// location follows the registrar.
func (l *Lab) location(wall time.Time, e Location) {
	i := slices.IndexFunc(l.Bounds, func(p Bound) bool { return p.User == e.User && p.Contact == e.Contact && p.Flow == e.Flow })
	p := Bound{e, wall, wall.Add(e.Expires.D())}
	switch {
	case e.Phase == LocationGone && i >= 0:
		l.Bounds = slices.Delete(l.Bounds, i, i+1)
	case e.Phase == LocationGone:
	case i >= 0:
		p.Since = l.Bounds[i].Since
		l.Bounds[i] = p
	default:
		if len(l.Bounds) >= maxBounds {
			l.Bounds = slices.Delete(l.Bounds, 0, 1)
		}
		l.Bounds = append(l.Bounds, p)
	}
}

// told follows what the lab is asked to do wrong.
func (l *Lab) told(who string, v Verb) {
	if who != LabName {
		return
	}
	if v.Line == "behave" {
		l.Faults = nil
	}
	if name, ok := strings.CutPrefix(v.Line, "misbehave "); ok && !slices.Contains(l.Faults, name) {
		l.Faults = append(l.Faults, name)
	}
}

// robot is the row of a robot; nil: it is no robot. Who has a device is a phone.
func (l *Lab) robot(name string) *RobotRow {
	if !l.Seen || name == LabName || l.phones[name] {
		return nil
	}
	i := slices.IndexFunc(l.Robots, func(b RobotRow) bool { return b.Name == name })
	switch {
	case i >= 0:
		return &l.Robots[i]
	case len(l.Robots) >= maxRobots:
		return nil
	}
	l.Robots = append(l.Robots, RobotRow{Name: name})
	return &l.Robots[len(l.Robots)-1]
}

// call follows the calls of a robot, of which the newest is shown.
func (b *RobotRow) call(wall time.Time, e Call) {
	i := slices.IndexFunc(b.calls, func(c Call) bool { return c.ID == e.ID })
	switch {
	case e.Phase == CallEnded && i >= 0:
		b.calls = slices.Delete(b.calls, i, i+1)
	case e.Phase == CallEnded:
	case i >= 0:
		b.calls[i] = e
	default:
		b.calls = append(b.calls, e)
		if len(b.calls) > maxCalls {
			b.calls = slices.Delete(b.calls, 0, 1)
		}
	}
	before := b.Call
	b.Call = Call{}
	if n := len(b.calls); n > 0 {
		b.Call = b.calls[n-1]
	}
	if before.ID != b.Call.ID || before.Phase != b.Call.Phase {
		b.Since = wall
	}
}
