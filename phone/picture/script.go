package picture

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxLines bounds the lines of a script (our own number); the oldest go first.
const maxLines = 10_000

// A Script is the scenario of a log, with what became of it. The zero value is a log in which
// none was played.
type Script struct {
	event.Scenario           // what was said of it last
	Began          time.Time // by the wall
	Lines          []ScriptLine
}

// A ScriptLine is a line of it, in the order in which they were played.
type ScriptLine struct {
	event.Step               // what was said of it last
	From, To   time.Duration // when it was played; of one that is, To is 0
	First      uint64        // the record with which it began
	Last       uint64        // its verdict; 0: there is none yet
}

// Known reports whether a scenario was played.
func (s *Script) Known() bool { return s.Phase != "" }

// Bad are the lines that have failed, or of which it could not be told, oldest first.
func (s *Script) Bad() (list []*ScriptLine) {
	for i := range s.Lines {
		if s.Lines[i].Phase.Bad() {
			list = append(list, &s.Lines[i])
		}
	}
	return list
}

// Apply takes a record into account.
func (s *Script) Apply(r event.Record) {
	switch e := r.Event.(type) {
	case event.Scenario:
		if e.Phase == event.ScenarioBegun {
			*s = Script{Began: r.Wall}
		}
		e.Virtual, e.Seed = e.Virtual || s.Virtual, max(e.Seed, s.Seed)
		s.Scenario = e
	case event.Step:
		s.step(r, e)
	}
}

func (s *Script) step(r event.Record, e event.Step) {
	n := len(s.Lines)
	if e.Phase == event.StepBegun || n == 0 || s.Lines[n-1].Last != 0 || s.Lines[n-1].Line != e.Line || s.Lines[n-1].File != e.File {
		s.Lines = keep(s.Lines, ScriptLine{From: r.Device, First: r.Seq}, maxLines)
		n = len(s.Lines)
	}
	line := &s.Lines[n-1]
	if line.Step = e; e.Phase != event.StepBegun {
		line.Last, line.To = r.Seq, r.Device-e.Ago.D()
		line.From = min(line.From, line.To)
	}
}

// At is the index of the line that was played at a record, or the last before it; -1: none was.
func (s *Script) At(seq uint64) int {
	for i, line := range slices.Backward(s.Lines) {
		if line.First <= seq && line.Phase != event.StepSkipped {
			return i
		}
	}
	return -1
}
