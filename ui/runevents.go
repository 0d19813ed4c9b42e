package ui

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// stepEvents lists the events of a step of a run.
type stepEvents struct {
	run *runView
	at  int
}

func (*stepEvents) bindings() []binding { return nil }

func (e *stepEvents) opened(situation) { e.at = 0 }

func (e *stepEvents) position(s situation) (at *int, limit int) {
	return &e.at, max(0, len(e.records())-e.place(s.scene).inset().h)
}

func (*stepEvents) place(s scene) rect { return rect{0, s.top, s.w, s.h - 1 - s.top} }

// records are those of the selected step, without the snapshots that come every
// second.
func (e *stepEvents) records() []event.Record {
	line := &e.run.state.Lines[e.run.selected()]
	var records []event.Record
	for r := range e.run.state.Log.Span(line.First-1, cmp.Or(line.Last, math.MaxUint64)) {
		switch r.Event.(type) {
		case event.Levels, event.RTP:
		default:
			records = append(records, r)
		}
	}
	return records
}

// pointed is the first event on the screen that can be explained.
func (e *stepEvents) pointed(knows func(seq uint64) bool) spot {
	records := e.records()
	for _, r := range records[min(e.at, len(records)):] {
		if knows(r.Seq) {
			return spot{seq: r.Seq}
		}
	}
	return spot{where: "in this step"}
}

func (e *stepEvents) draw(c *canvas, s situation) {
	line, r := &e.run.state.Lines[e.run.selected()], e.place(s.scene)
	c.clear(r, text)
	box(c, r, fmt.Sprintf("%d %s", line.Line, event.Printable(line.Text)), "what happened · esc", keycap, open)
	p, records := area{c, r.inset()}, e.records()
	if len(records) == 0 {
		p.line(0).put(dim, "nothing was logged in this step")
	}
	for i := 0; i < p.h && e.at+i < len(records); i++ {
		at, rest, _ := strings.Cut(event.Line(records[e.at+i]), " ")
		p.line(i).put(dim, at).put(text, " "+rest)
	}
}
