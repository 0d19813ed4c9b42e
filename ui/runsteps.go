package ui

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A stepsView is the panel of the scenario's lines.
type stepsView struct {
	state    *RunState
	selected int
	follows  bool // whether the selected line is the one that is played
}

func (v stepsView) note(keys legend) string {
	switch s := v.state; {
	case !v.follows:
		return keys["follow"] + " to follow"
	case s.Held:
		return "paused"
	case s.Over != "":
		return "over"
	}
	return "follow"
}

// draw is the list of the scenario's lines.
//
//	  ✓ 20  bob: call alice                              0.01 s
//	▌ ▶ 21  expect wake by INVITE within 2s              1.21 s
func (v stepsView) draw(p area) {
	at := v.selected
	first := max(0, min(len(v.state.Lines)-p.h, at-p.h*2/3))
	for i := first; i < len(v.state.Lines) && i-first < p.h; i++ {
		if i == at {
			p.c.put(p.x-1, p.y+i-first, p.x, "▌", open)
		}
		v.drawStep(p.line(i-first), i)
	}
}

func (v stepsView) drawStep(l *pen, i int) {
	s := v.state
	line := &s.Lines[i]
	ink := stepInk(line.Verdict)
	mark := verdictMark(line.Verdict)
	took := ""
	if line.Last > 0 {
		took = exact(line.Took)
	}
	if i == s.At && s.Over == "" && !line.Case {
		mark, ink = "▶", text|strong
		if s.Waiting != nil {
			took = exact(s.Waiting.Gone)
		}
	}
	number := strconv.Itoa(line.Line)
	if line.Line == 0 { // a heading of which the log does not say where it stands
		number = ""
	}
	l.put(markInk(mark), mark).put(dim, fmt.Sprintf(" %*s  ", 3, number))
	if line.Case {
		l.put(strong, "== "+event.Printable(line.Text))
		return
	}
	l.right(markTook(mark), took).right(text, " ")
	l.put(ink, event.Printable(line.Text))
}

// exact is a duration in hundredths of a second, as a column of them lines up.
func exact(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func verdictMark(v Verdict) string {
	switch v {
	case Passed:
		return "✓"
	case Failed:
		return "✗"
	case Errored:
		return "!"
	case Skipped:
		return "-"
	}
	return " "
}

func markInk(mark string) style {
	switch mark {
	case "✓":
		return talk
	case "✗", "!":
		return fault
	case "▶":
		return woken
	}
	return dim
}

// markTook is the ink of a time; the time of the current step stands out.
func markTook(mark string) style {
	if mark == "▶" {
		return woken
	}
	return dim
}

// stepInk is the ink of a line; lines that are to come or were skipped are dim.
func stepInk(v Verdict) style {
	switch v {
	case Passed:
		return text
	case Failed, Errored:
		return fault
	}
	return dim
}
