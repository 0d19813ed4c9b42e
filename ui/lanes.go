package ui

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// How much a state counts in a column that several share: what runs hides
// what does not, so that nothing that ran is lost in a coarse column.
var stateWorth = map[event.Lifecycle]int{
	event.Suspended: 1, event.Dead: 2, event.Entering: 3, event.Background: 4, event.Task: 5, event.InCall: 6, event.Foreground: 7, event.Awake: 8,
}

// laneApp is the app's state. A wake shorter than a column wins over the dots
// of sleep.
func (m *model) laneApp(p pane, w window) {
	for col, c := range columns(&m.tape.life, w, m.now) {
		state, whole := c.held, true
		if state == event.Awake && len(c.marks) > 0 { // the column before has shown it
			state = c.marks[0]
		}
		for _, s := range c.marks {
			if stateWorth[s] >= stateWorth[state] {
				state, whole = s, false
			}
		}
		if state == event.Awake && len(c.marks) > 0 {
			whole = false
		}
		m.stateCell(p, col, state, whole)
	}
	m.eachWake(w, func(col int, row *event.WakeRow) {
		switch {
		case row.Late || causeWord(row) == "no cause":
			p.c.fill(p.x+col, p.y, 1, m.glyphs.wake, woken|strong|onLate)
		case col != w.column(row.At):
			p.c.fill(p.x+col, p.y, 1, m.glyphs.wake, woken)
		}
	})
}

func (m *model) stateCell(p pane, col int, state event.Lifecycle, whole bool) {
	g, look := m.glyphs, m.look(state)
	glyph, ink := look.glyph, look.ink
	switch {
	case state == "":
		return
	case state == event.Awake && whole:
		glyph = g.awake
	case state == event.Awake:
		glyph = g.wake
	case state == event.Suspended:
		ink = sleep
	case state == event.Dead:
		glyph = " "
	}
	p.c.fill(p.x+col, p.y, 1, glyph, ink)
}

// eachWake calls do for each wake that has a column of its own: of two in one
// column, the earlier one moves to the column before.
func (m *model) eachWake(w window, do func(col int, row *event.WakeRow)) {
	taken := w.cols
	for i := len(m.fold.Wakes) - 1; i >= 0 && m.fold.Wakes[i].At >= w.from; i-- {
		row := &m.fold.Wakes[i]
		own := w.column(row.At)
		if col := min(own, taken-1); col >= 0 && col >= own-1 {
			do(col, row)
			taken = col
		}
	}
}

// laneWake has a letter for the cause of each wake, and one for what the user
// did.
func (m *model) laneWake(p pane, w window) {
	t := &m.tape.hand
	from, to := t.within(w.from, w.start(w.cols))
	for i := from; i < to; i++ {
		p.c.fill(p.x+w.column(t.at[i]), p.y, 1, t.val[i], dim)
	}
	m.eachWake(w, func(col int, row *event.WakeRow) {
		ink := woken | strong
		if row.Late || causeWord(row) == "no cause" {
			ink |= onLate
		}
		p.c.fill(p.x+col, p.y, 1, causeLetter(row), ink)
	})
	m.faultMarks(p, w)
}

// faultMarks says with a word what ended the app, if the row is free for it.
func (m *model) faultMarks(p pane, w window) {
	t := &m.tape.faults
	from, to := t.within(w.from, w.start(w.cols))
	for i := from; i < to; i++ {
		word := t.val[i]
		col := min(w.column(t.at[i])+1, w.cols-1) // beside the wake that it ended
		p.c.fill(p.x+col, p.y, 1, m.glyphs.dead, fault)
		if before := col - len(word) - 1; p.blank(before, len(word)) {
			p.c.put(p.x+before, p.y, p.x+col, word, fault)
		}
	}
}

// blank reports whether n columns of the lane from col on are free.
func (p pane) blank(col, n int) bool {
	if col < 0 || col+n > p.w {
		return false
	}
	for i := range n {
		if p.c.cells[p.y*p.c.w+p.x+col+i].s != " " {
			return false
		}
	}
	return true
}

func (m *model) laneNotify(p pane, w window) {
	m.pushMarks(p, w, false)
	defer m.pushMarks(p, w, true)
	t := &m.tape.notify
	from, to := t.within(w.from, w.start(w.cols))
	taken := -1
	for i := from; i < to; i++ {
		glyph := m.glyphs.tapped
		if t.val[i] == "posted" || t.val[i] == "updated" {
			glyph = m.glyphs.posted
		}
		// The end of a banner in the column where it began goes to the next.
		col := max(w.column(t.at[i]), taken+1)
		if col == taken+1 && col > w.column(t.at[i])+1 || col >= w.cols {
			continue
		}
		ink := banner
		if t.val[i] == "missed" || t.val[i] == "expired" || t.val[i] == "refused" {
			ink = fault
		}
		p.c.fill(p.x+col, p.y, 1, glyph, ink)
		taken = col
	}
}

// laneSocket is a line while the control socket is open, with a cross where
// it was lost.
func (m *model) laneSocket(p pane, w window) {
	for col, c := range columns(&m.tape.socket, w, m.now) {
		switch {
		case slices.ContainsFunc(c.marks, lostSocket):
			p.c.fill(p.x+col, p.y, 1, m.glyphs.lost, fault)
		case c.held == "open" || slices.Contains(c.marks, "open"):
			p.c.fill(p.x+col, p.y, 1, m.glyphs.line, open)
		}
	}
}

// lostSocket reports whether a phase is one in which the socket was lost.
func lostSocket(phase string) bool {
	return phase != "open" && phase != "connecting" && phase != closedByUs
}

func (m *model) laneBound(p pane, w window) {
	for col, c := range columns(&m.tape.bound, w, m.now) {
		n := len(c.marks)
		switch {
		case n > 0 && c.marks[n-1]:
			p.c.fill(p.x+col, p.y, 1, "R", talk)
		case n > 0:
			p.c.fill(p.x+col, p.y, 1, m.glyphs.lost, fault)
		case c.held:
			p.c.fill(p.x+col, p.y, 1, m.glyphs.reg, dim)
		}
	}
}

func (m *model) laneCall(p pane, w window) {
	for col, c := range columns(&m.tape.call, w, m.now) {
		state := c.held
		for _, s := range c.marks {
			if s == "up" || s == "ring" && state != "up" {
				state = s
			}
		}
		switch state {
		case "ring":
			p.c.fill(p.x+col, p.y, 1, m.glyphs.ring, talk)
		case "up":
			p.c.fill(p.x+col, p.y, 1, m.glyphs.call, talk)
		}
	}
}

// laneAudio is the loudest of either direction.
func (m *model) laneAudio(p pane, w window) {
	t := &m.tape.audio
	for col := range w.cols {
		a, b := w.start(col).Truncate(time.Second), w.start(col+1)
		from, to := t.within(a, b)
		if from == to {
			continue
		}
		loud := t.val[from]
		for _, v := range t.val[from:to] {
			loud = max(loud, v)
		}
		p.c.fill(p.x+col, p.y, 1, m.meter(loud), talk)
	}
}

// meter is the bar of a level in dBFS.
func (m *model) meter(db float64) string {
	i := 0
	for _, step := range [...]float64{-60, -40, -25, -12} {
		if db > step {
			i++
		}
	}
	return m.glyphs.levels[i]
}
