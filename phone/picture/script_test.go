package picture_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// TestScript: each line is there once, with what was said of it last, and when it was played.
func TestScript(t *testing.T) {
	var s picture.Script
	if s.Known() {
		t.Error("a scenario is known before there is one")
	}
	step := func(line int, p event.StepPhase, ago time.Duration) event.Step {
		return event.Step{Phase: p, File: "x.talk", Line: line, Ago: event.Seconds(ago)}
	}
	for i, e := range []event.Event{
		event.Scenario{Phase: event.ScenarioBegun, File: "x.talk", Virtual: true, Seed: 7},
		step(1, event.StepBegun, 0), step(1, event.StepPassed, 0),
		step(1, event.StepBegun, 0), step(1, event.StepPassed, 0), // a line that is included twice
		step(2, event.StepBegun, 0),
		event.Lock{},
		step(2, event.StepFailed, 0),
		step(3, event.StepSkipped, 0), step(3, event.StepSkipped, 0), // and one of those, too
		step(9, event.StepFailed, 5*time.Second), // an invariant
		event.Scenario{Phase: event.ScenarioEnded, File: "x.talk", Verdict: event.StepFailed},
	} {
		s.Apply(event.Record{Seq: uint64(i + 1), Device: time.Duration(i) * time.Second, Event: e})
	}
	var got []string
	for _, l := range s.Lines {
		got = append(got, fmt.Sprintf("%d %s %v-%v %d-%d", l.Line, l.Phase, l.From, l.To, l.First, l.Last))
	}
	want := "1 passed 1s-2s 2-3; 1 passed 3s-4s 4-5; 2 failed 5s-7s 6-8; 3 skipped 8s-8s 9-9; 3 skipped 9s-9s 10-10; 9 failed 5s-5s 11-11"
	if text := strings.Join(got, "; "); text != want {
		t.Errorf("lines\n%s\nwant\n%s", text, want)
	}
	if bad := s.Bad(); len(bad) != 2 || bad[0].Line != 2 || bad[1].Line != 9 || !s.Virtual || s.Seed != 7 || s.Verdict != event.StepFailed {
		t.Errorf("%d bad lines of %+v", len(bad), s.Scenario)
	}
}

// TestDeeds: who did what, by the phone's clock; how a robot signs on is left out, and of a
// second phone it is not.
func TestDeeds(t *testing.T) {
	f, d := &event.Fold{Phone: "alice"}, picture.Deeds{Limit: 100}
	wall := time.Unix(0, 0)
	for i, r := range []event.Record{
		{Phone: "alice", Event: event.Start{}},
		{Phone: "lab", Event: event.Server{What: "listening"}},
		{Phone: "bob", Device: time.Hour, Event: event.Message{Out: true, Method: "REGISTER"}},
		{Phone: "bob", Device: time.Hour, Event: event.Message{Out: true, Method: "INVITE", URI: "sip:alice@a"}},
		{Phone: "carol", Event: event.Start{}},
		{Phone: "carol", Event: event.Message{Out: true, Method: "REGISTER"}},
		{Phone: "alice", Device: 5 * time.Second, Event: event.Swallowed{What: "INVITE", Transport: "tcp"}},
		{Phone: "alice", Device: 6 * time.Second, Event: event.Swallowed{What: "data", Transport: "udp"}},
		{Phone: "alice", Device: 7 * time.Second, Event: event.Lock{}},
		{Phone: "bob", Event: event.Audio{}},
	} {
		r.Seq, r.Wall = uint64(i+1), wall.Add(time.Duration(i)*time.Second)
		if r.Phone == "alice" {
			r.Device = time.Duration(i) * time.Second
		}
		f.Apply(r)
		d.Apply(r, f)
	}
	var got []string
	for _, one := range d.List {
		got = append(got, fmt.Sprintf("%v %s %s %s %v", one.At, one.Who, one.Way, one.Title, one.Lost))
	}
	want := "1s lab  listening false; 3s bob out INVITE false; 4s carol  on false; 5s carol out REGISTER false; 6s  out swallowed INVITE true"
	if text := strings.Join(got, "; "); text != want || strings.Join(d.Sides(), " ") != "bob carol lab" {
		t.Errorf("%v did\n%s\nwant\n%s", d.Sides(), text, want)
	}
}
