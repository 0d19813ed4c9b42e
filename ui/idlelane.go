package ui

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// idleness takes a step of the device's, as [event.Fold] does.
func (t *tape) idleness(at time.Duration, to string) {
	if n := len(t.idle.val); n > 0 && event.HiddenBy(t.idle.val[n-1], to) {
		return
	}
	t.idle.add(at, to)
}

// pushed takes a step of a push that says where it is.
func (t *tape) pushed(at time.Duration, phase string) {
	if phase != "token" && phase != "handled" {
		t.pushes.add(at, phase)
	}
}

// sends takes a push that a server has sent to the phone's token. The record is
// the server's.
func (m *model) sends(r event.Record) {
	if e, ok := r.Event.(event.Push); ok && e.Phase == "sent" && r.Phone != m.fold.Phone && e.Token == m.fold.Pushes.Token {
		m.tape.pushed(m.fold.Now(r.Wall), e.Phase)
	}
}

// idleWorth is how much a state counts in a column that several share: a window
// is short, and what it is all about.
func idleWorth(state string) int {
	switch {
	case strings.HasSuffix(state, "-maintenance"):
		return 3
	case state == "light-idle" || state == "deep-idle":
		return 2
	case state != "" && state != "active":
		return 1
	}
	return 0
}

// laneIdle is how idle the device is, where it dozes:
//
//	····░░░░░░○░░░░░░░░░○○░░░░▒▒▒▒▒▒▒▒▒▒▒▒○▒▒▒▒▒▒▒▒▒
func (m *model) laneIdle(p pane, w window) {
	for col, c := range columns(&m.tape.idle, w, m.now) {
		state := c.held
		for _, s := range c.marks {
			if idleWorth(s) >= idleWorth(state) {
				state = s
			}
		}
		glyph, ink := m.idleCell(state)
		p.c.fill(p.x+col, p.y, 1, glyph, ink)
	}
}

func (m *model) idleCell(state string) (glyph string, ink style) {
	g := m.glyphs
	switch {
	case state == "light-idle":
		return g.light, dim
	case state == "deep-idle":
		return g.deep, grace
	case idleWorth(state) == 3:
		return g.window, talk
	case idleWorth(state) == 1:
		return g.sleep, faint
	}
	return " ", faint
}

// pushMarks are the pushes, under the banners that they have brought. One that
// did not come through is never hidden.
func (m *model) pushMarks(p pane, w window, lost bool) {
	t := &m.tape.pushes
	from, to := t.within(w.from, w.start(w.cols))
	for i := from; i < to; i++ {
		glyph, ink := m.pushMark(t.val[i])
		if (ink == fault) == lost {
			p.c.fill(p.x+w.column(t.at[i]), p.y, 1, glyph, ink)
		}
	}
}

func (m *model) pushMark(phase string) (glyph string, ink style) {
	g := m.glyphs
	switch phase {
	case "sent":
		return g.sent, dim
	case "delivered":
		return g.pushed, talk
	case "queued":
		return g.pushed, dim
	}
	return g.lost, fault
}
