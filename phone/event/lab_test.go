package event

import (
	"slices"
	"testing"
	"time"
)

// TestLab follows what the records of a lab say: its registrar, its robots, its misbehaviours.
func TestLab(t *testing.T) {
	var l Lab
	start := time.Date(2026, 8, 23, 14, 0, 0, 0, time.UTC)
	at := func(seconds int, who string, e Event) {
		l.Apply(Record{Wall: start.Add(time.Duration(seconds) * time.Second), Phone: who, Event: e})
	}
	bound := Location{Phase: LocationBound, User: "alice", Contact: "192.0.2.1:5060", Flow: "192.0.2.1:5060", Expires: Seconds(time.Minute)}
	gone := bound
	gone.Phase = LocationGone
	at(0, "stranger", Registration{}) // of a log without a lab
	at(0, LabName, Server{What: "listening", Peer: "127.0.0.1:5060"})
	at(1, "alice", Start{})
	at(1, "alice", Registration{})
	at(1, "bob", Registration{})
	at(2, LabName, bound)
	at(30, LabName, bound)
	if len(l.Bounds) != 1 || !l.Bounds[0].Since.Equal(start.Add(2*time.Second)) || !l.Bounds[0].Until.Equal(start.Add(90*time.Second)) {
		t.Errorf("bound %+v", l.Bounds)
	}
	if len(l.Robots) != 1 || l.Robots[0].Name != "bob" || l.Serving == "" {
		t.Errorf("robots %+v, serving %q", l.Robots, l.Serving)
	}
	at(40, "bob", Call{ID: 1, Phase: CallCalling})
	at(41, "bob", Call{ID: 2, Phase: CallIncoming})
	at(42, "bob", Call{ID: 2, Phase: CallEnded})
	if r := l.Robots[0]; r.Call.ID != 1 || !r.Since.Equal(start.Add(42*time.Second)) {
		t.Errorf("%+v", r)
	}
	at(43, "bob", Call{ID: 1, Phase: CallEnded})
	at(44, LabName, Verb{Line: "misbehave deaf"})
	at(44, LabName, Verb{Line: "misbehave daef"})
	at(44, LabName, Error{Op: "misbehave daef"})
	at(45, LabName, Verb{Line: "misbehave deaf"})
	at(46, LabName, gone)
	at(47, LabName, Server{What: "stopped"})
	if l.Robots[0].Call.ID != 0 || !slices.Equal(l.Faults, []string{"deaf"}) || len(l.Bounds) != 0 || l.Serving != "" {
		t.Errorf("%+v", l)
	}
	at(48, LabName, Verb{Line: "behave"})
	if len(l.Faults) != 0 {
		t.Errorf("faults %v", l.Faults)
	}
	for i := range 2 * maxBounds {
		bound.Contact = Clock(time.Duration(i) * time.Second)
		at(49, LabName, bound)
	}
	if len(l.Bounds) != maxBounds {
		t.Errorf("%d bindings", len(l.Bounds))
	}
}
