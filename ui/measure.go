package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// How wide a terminal draws a glyph that some fonts and locales draw in two cells (Unicode's
// East Asian ambiguous width): the screen, which counts on one, would fall apart. So it is drawn
// once, in the second row, and the terminal is asked where its cursor is then. (In the first row
// the answer could be taken for the key F3.) One that never answers is taken for an ordinary one.
const (
	measureGlyph = "◆"
	measureRow   = 1 // from 0
	askWidth     = "\x1b7\x1b[2;1H" + measureGlyph + "\x1b[6n\x1b[2;1H\x1b[K\x1b8"
	// measureFor is how long an answer counts: our own number, more than a slow line takes.
	measureFor = 3 * time.Second
	// measureAfter is when it is asked: the screen has taken the terminal by then, and nothing
	// that was there before is written over. It is six frames.
	measureAfter = 150 * time.Millisecond
)

// measureMsg reports that it is time to ask.
type measureMsg struct{ now time.Time }

// widthGauge finds out whether glyphs are as wide as the screen counts on.
type widthGauge struct {
	wanted bool
	asked  time.Time // when; zero: it was not
}

// begin waits until it can be asked.
func (g *widthGauge) begin() tea.Cmd {
	if !g.wanted {
		return nil
	}
	return tea.Tick(measureAfter, func(now time.Time) tea.Msg { return measureMsg{now} })
}

// ask asks the terminal.
func (g *widthGauge) ask(now time.Time) tea.Cmd {
	g.asked = now
	return tea.Raw(askWidth)
}

// wide takes an answer and reports whether the glyph has taken two cells. It is an answer to
// nothing that was asked here if it names another row, or comes too late.
func (g *widthGauge) wide(at tea.CursorPositionMsg, now time.Time) (is, answered bool) {
	if g.asked.IsZero() || at.Y != measureRow || now.Sub(g.asked) > measureFor {
		return false, false
	}
	g.asked = time.Time{}
	return at.X >= 2, true
}
