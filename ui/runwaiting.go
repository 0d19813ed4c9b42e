package ui

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A waitingView is the panel of what the step waits for.
type waitingView struct {
	state  *RunState
	legend legend
}

// title is what the panel is about at the moment.
func (v waitingView) title() (name, note string) {
	switch s := v.state; {
	case s.Held:
		return "paused", ""
	case s.Waiting != nil:
		return "waiting for", unless(!s.Holding, "pausing")
	case s.Failure != nil:
		return "failed", ""
	case s.Over != "":
		return "over", ""
	}
	return "waiting for", ""
}

// draw shows what is awaited, how long still, what the other side knows, and a
// guess at the cause.
func (v waitingView) draw(p area) {
	switch s := v.state; {
	case s.Held:
		v.drawHeld(p)
	case s.Waiting != nil:
		drawWait(p, s.Waiting)
	case s.Failure != nil:
		drawFailure(p, s.Failure)
	case s.Over != "":
		p.line(0).put(strong, s.Over)
		p.line(1).put(keycap, v.legend["leave run"]).put(dim, " leaves; the report is printed then")
	default:
		p.line(0).put(dim, "nothing: a step is played")
	}
}

// drawHeld says what would be next.
func (v waitingView) drawHeld(p area) {
	s := v.state
	if s.At < len(s.Lines) {
		p.line(0).put(dim, "next ").put(strong, event.Printable(s.Lines[s.At].Text))
	}
	p.line(1).put(keycap, v.legend["step"]).put(dim, " play it   ").put(keycap, v.legend["go"]).put(dim, " go on")
	if s.Virtual {
		p.line(2).put(dim, "virtual time stands still")
	} else {
		p.line(2).put(dim, "the phones live on: their time cannot be held")
	}
	if s.Failure != nil {
		drawFailure(area{p.c, rect{p.x, p.y + 4, p.w, p.h - 4}}, s.Failure)
	}
}

func drawWait(p area, w *RunWait) {
	left := max(0, w.Limit-w.Gone)
	p.line(0).put(strong, event.Printable(w.What)).put(dim, " within "+clauseOf(w.Limit))
	done := 0
	if w.Limit > 0 {
		done = int(int64(p.w) * int64(min(w.Gone, w.Limit)) / int64(w.Limit))
	}
	if p.h > 1 {
		p.c.fill(p.x, p.y+1, done, "█", woken)
		p.c.fill(p.x+done, p.y+1, p.w-done, "░", faint)
	}
	clock := "device time"
	if w.Wall {
		clock = "wall time"
	}
	p.line(2).put(woken, exact(w.Gone)+" gone").put(dim, ", ").put(text, exact(left)).put(dim, " left, "+clock)
	drawFacts(area{p.c, rect{p.x, p.y + 3, p.w, p.h - 3}}, w.Facts, "hint", w.Hint)
}

func drawFailure(p area, f *RunFailure) {
	row := 0
	for _, line := range wrap(event.Printable(f.Message), p.w) {
		p.line(row).put(fault, line)
		row++
	}
	drawFacts(area{p.c, rect{p.x, p.y + row, p.w, p.h - row}}, f.Facts, "likely", f.Likely)
}

// drawFacts writes the facts. The guess stands after what is known of the others
// and of the socket, or first if there is too little room for that.
func drawFacts(p area, facts []RunFact, guess, words string) {
	row := 0
	put := func(ink style, subject, words string) {
		for i, line := range wrap(event.Printable(words), max(1, p.w-labelWidth)) {
			l := p.line(row)
			if i == 0 {
				l.put(dim, event.Printable(subject))
			}
			l.at(labelWidth).put(ink, line)
			row++
		}
	}
	first := 0
	for first < len(facts) && facts[first].Subject != "binding" {
		first++
	}
	if need := len(wrap(words, max(1, p.w-labelWidth))); words != "" && p.h < first*2+need {
		put(woken, guess, words)
		words = ""
	}
	for i, f := range facts {
		if i == first && words != "" {
			put(woken, guess, words)
		}
		put(text, f.Subject, f.Text)
	}
}

// clauseOf is a duration as scenarios write it.
func clauseOf(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.3g s", d.Round(10*time.Millisecond).Seconds())
	}
	return span(d)
}
