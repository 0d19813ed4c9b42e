package ui

import tea "charm.land/bubbletea/v2"

// wheel scrolls what the keys would move: of the panels, that under the mouse. On the
// timeline it has more or less time in a column.
func (m *model) wheel(e tea.MouseWheelMsg) {
	const lines = 3
	s := m.situation("")
	step := 0
	switch e.Button {
	case tea.MouseWheelUp:
		step = -1
	case tea.MouseWheelDown:
		step = +1
	}
	if s.mode == mainMode && step != 0 {
		m.desk.click(e.X, e.Y, s.layout)
		if panelAt(e.X, e.Y, &s.layout) == timelinePanel {
			m.selections.timeline.scale(step)(s)
			return
		}
	}
	if s.mode&(typingModes|confirmMode|tonesMode|breakMode|labMode|inboxMode) == 0 && step != 0 {
		m.navigator.move(s, step*lines)
	}
}

// click focuses the panel under the mouse, and selects what it shows there: a moment of the
// timeline, a wake or a lost call, a message.
func (m *model) click(e tea.MouseClickMsg) {
	s := m.situation("")
	if s.mode != mainMode {
		return
	}
	m.desk.click(e.X, e.Y, s.layout)
	if e.Button == tea.MouseLeft {
		m.point(e.X, e.Y, s)
	}
}

// drag takes the cursor of the timeline along.
func (m *model) drag(e tea.MouseMotionMsg) {
	s := m.situation("")
	if s.mode == mainMode && e.Button == tea.MouseLeft && m.desk.focus == timelinePanel {
		m.pointTime(e.X, s)
	}
}

// point selects what a panel shows at a place.
func (m *model) point(x, y int, s situation) {
	p := panelAt(x, y, &s.layout)
	in := s.layout.inside(p)
	row := y - in.y
	if row < 0 || row >= in.h {
		return
	}
	switch v := m.selections.pane(p, s, m.stance(p, s), &m.history).(type) {
	case timelineView:
		m.pointTime(x, s)
	case wakesView:
		r, ok := v.rowAt(row, in.h)
		switch {
		case ok && r.loss != nil:
			m.selections.losses.call = keyOf(r.loss)
		case ok:
			m.selections.losses.call, m.selections.wakes.sel = "", r.wake.N
		}
	case sipView:
		if line, ok := v.lineAt(row, in.h); ok {
			m.selections.messages.sel = line.seq
		}
	}
}

// pointTime moves the cursor of the timeline to the column at a place.
func (m *model) pointTime(x int, s situation) {
	col := x - s.layout.inside(timelinePanel).x - labelWidth
	if col >= 0 && col < s.cols {
		m.selections.timeline.point(col, s)
	}
}

// panelAt is the panel at a place; noPanel: there is none.
func panelAt(x, y int, l *layout) panel {
	for p := devicePanel; p < panels; p++ {
		if r := l.at[p]; x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h {
			return p
		}
	}
	return noPanel
}

// inside is where a panel draws: within its border, or under its title.
func (l *layout) inside(p panel) rect {
	r := l.at[p]
	if l.small {
		return rect{r.x + 1, r.y + 1, max(0, r.w-2), max(0, r.h-1)}
	}
	return r.inset()
}
