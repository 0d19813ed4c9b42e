package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxAnomalies bounds the anomalies that can be explained; the oldest go first.
const maxAnomalies = 200

// explainWidth is that of the overlay, with its border.
const explainWidth = 76

// An anomaly is a record that [Options.Explain] can explain.
type anomaly struct {
	seq   uint64
	at    time.Duration
	event event.Event
}

// A spot is the place that the user points at.
type spot struct {
	anywhere bool          // nothing: the newest anomaly will do
	seq      uint64        // a record; 0: none
	from, to time.Duration // or else what happened from and up to, not including
	where    string        // in words
}

// explain shows the rule behind an anomaly.
type explain struct {
	rule func(e event.Event, width int) string // nil: there are no explanations
	list []anomaly                             // oldest first
	seq  uint64                                // the record of the open one
	at   int
}

func (x *explain) bindings() []binding {
	return []binding{
		{id: "explain", group: viewGroup, modes: screenModes | eventsMode, Binding: bind("why", "x"), help: "explain what went wrong: here, or the newest", why: x.nothing, foot: always, do: explains},
		{id: "explain run", group: viewGroup, modes: runMode, Binding: bind("why", "e"), help: "explain what went wrong last", why: x.nothing, foot: always, do: explains},
		{id: "understood", group: overlayGroup, modes: explainMode, Binding: bind("close", "x", "q", "enter"), do: goesBack},
		{id: "anomaly before", group: overlayGroup, modes: explainMode, Binding: bind("earlier", "left"), foot: always, do: x.other(-1)},
		{id: "anomaly after", group: overlayGroup, modes: explainMode, Binding: bind("later", "right"), foot: always, do: x.other(+1)},
	}
}

func explains(situation) request { return explainReq{} }

// take takes a record in if it can be explained.
func (x *explain) take(r event.Record, f *event.Fold) {
	if x.rule == nil || r.Phone != f.Phone || x.rule(r.Event, explainWidth) == "" {
		return
	}
	if len(x.list) >= maxAnomalies {
		x.list = x.list[:copy(x.list, x.list[maxAnomalies/4:])]
	}
	x.list = append(x.list, anomaly{r.Seq, r.Device, r.Event})
}

func (x *explain) nothing(situation) string {
	switch {
	case x.rule == nil:
		return "there are no explanations here"
	case len(x.list) == 0:
		return "nothing has gone wrong yet"
	}
	return ""
}

// point chooses the anomaly at a spot; ok is false if there is none.
func (x *explain) point(p spot) (ok bool) {
	i := x.find(p)
	if i < 0 {
		return false
	}
	x.seq = x.list[i].seq
	return true
}

func (x *explain) find(p spot) int {
	switch {
	case p.anywhere:
		return len(x.list) - 1
	case p.seq != 0:
		return slices.IndexFunc(x.list, func(a anomaly) bool { return a.seq == p.seq })
	}
	for i, a := range slices.Backward(x.list) {
		if a.at >= p.from && a.at < p.to {
			return i
		}
	}
	return -1
}

// knows reports whether a record tells of an anomaly.
func (x *explain) knows(seq uint64) bool { return x.find(spot{seq: seq}) >= 0 }

// other goes to the anomaly before, or after.
func (x *explain) other(step int) func(situation) request {
	return func(situation) request {
		if len(x.list) > 0 {
			i := max(0, min(len(x.list)-1, x.index()+step))
			x.seq, x.at = x.list[i].seq, 0
		}
		return nil
	}
}

func (x *explain) opened(situation) { x.at = 0 }

func (x *explain) position(s situation) (at *int, limit int) {
	return &x.at, s.beyond(len(x.lines(s.scene)))
}

// index is the index of the anomaly that is open. The list may have
// lost it meanwhile.
func (x *explain) index() int {
	for i := range x.list {
		if x.list[i].seq >= x.seq {
			return i
		}
	}
	return len(x.list) - 1
}

// lines are what happened, and the rule, as wide as there is room for.
func (x *explain) lines(s scene) []string {
	w := min(explainWidth, s.w) - 4
	if len(x.list) == 0 { // those of the file before
		return nil
	}
	a := x.list[x.index()]
	what, detail := a.event.Text()
	lines := wrap(event.Printable(s.clock(a.at)+" "+what+unless(detail == "", ": "+detail)), w)
	lines = append(lines, "")
	for line := range strings.Lines(x.rule(a.event, w)) {
		line = event.Printable(strings.TrimRight(line, "\n"))
		if ansi.StringWidth(line) > w { // such as the title, in a narrow window
			lines = append(lines, wrap(line, w)...)
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// draw is the rule behind an anomaly.
//
//	╭─ why ─────────────────────────────── 2 of 5 · ← → ╮
//	│ 14:34:12 killed 0xbad22222: woken too often       │
//	│                                                   │
//	│ wake-budget 0xbad22222: Woken more than 15 times  │
func (x *explain) draw(c *canvas, s situation) {
	note := "esc"
	if n := len(x.list); n > 1 {
		note = fmt.Sprintf("%d of %d · esc", x.index()+1, n)
	}
	lines := x.lines(s.scene)
	p := s.overlay(c, "why", note, explainWidth, len(lines)+2)
	head := true // until the first blank line
	for i, line := range lines {
		head = head && line != ""
		ink := text
		switch {
		case head:
			ink = fault
		case line != "" && line[0] != ' ':
			ink = strong
		}
		p.line(i-x.at).put(ink, line)
	}
}
