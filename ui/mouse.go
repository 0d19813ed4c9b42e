package ui

import tea "charm.land/bubbletea/v2"

// wheel scrolls what the keys would move.
func (m *model) wheel(e tea.MouseWheelMsg) {
	const lines = 3
	s := m.situation("")
	switch {
	case s.mode&(typingModes|confirmMode|tonesMode|breakMode|labMode) != 0:
	case e.Button == tea.MouseWheelUp:
		m.navigator.move(s, -lines)
	case e.Button == tea.MouseWheelDown:
		m.navigator.move(s, +lines)
	}
}

// click focuses the panel under the mouse.
func (m *model) click(e tea.MouseClickMsg) {
	if s := m.situation(""); s.mode == mainMode {
		m.desk.click(e.X, e.Y, s.layout)
	}
}
