package ui

import (
	tea "charm.land/bubbletea/v2"
)

func focusByNumber(m *model) tea.Cmd {
	m.setFocus(panel(m.pressed[0] - '0'))
	return nil
}

func focusNext(step int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		n := int(panels) - 1
		m.setFocus(panel((int(m.focus)-1+step+n)%n + 1))
		return nil
	}
}

// setFocus focuses a panel; a zoomed screen goes on zoomed. A panel that has
// no place on the screen is zoomed, so that its number always shows it.
func (m *model) setFocus(p panel) {
	m.focus = p
	if m.zoom != noPanel || m.layout().at[p].h == 0 {
		m.zoom = p
	}
}

func zoom(m *model) tea.Cmd {
	if m.zoom != noPanel {
		m.zoom = noPanel
	} else if m.focus != noPanel {
		m.zoom = m.focus
	} else {
		m.zoom, m.focus = timelinePanel, timelinePanel
	}
	return nil
}

// descend opens what is focused: a message, or else the panel; and where there
// is nothing more to open, the rule behind what went wrong there.
func descend(m *model) tea.Cmd {
	_, isMessage := m.selectedRow()
	switch md := m.mode(); {
	case md&(messageMode|eventsMode) != 0:
		return explainHere(m)
	case md == ladderMode || m.focus == sipPanel && m.sipSel != 0:
		if isMessage {
			return enter(messageMode)(m)
		}
		return explainHere(m)
	case m.zoom == m.focus || m.cursor != noCursor && m.focus == timelinePanel:
		return explainHere(m)
	}
	m.zoom = m.focus
	return nil
}

// move moves the selection of the list that has the keys.
func move(step int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		switch {
		case m.mode()&scrollModes != 0:
			m.scroll = max(0, min(m.scrollLimit(), m.scroll+step))
		case m.mode() == runMode:
			m.run.move(step)
		case m.mode() == ladderMode || m.focus == sipPanel:
			m.moveSIP(step)
		default:
			m.focus = wakesPanel
			m.moveWake(step)
		}
		return nil
	}
}

func top(m *model) tea.Cmd {
	if m.mode()&scrollModes != 0 {
		m.scroll = 0
		return nil
	}
	return move(-1 << 20)(m)
}

func follow(m *model) tea.Cmd {
	if m.mode()&scrollModes != 0 {
		m.scroll = m.scrollLimit()
		return nil
	}
	m.wakeSel, m.sipSel, m.cursor = 0, 0, noCursor
	if m.mode() == runMode {
		m.run.cursor = noLine
	}
	return nil
}

func togglePings(m *model) tea.Cmd {
	m.pings = !m.pings
	return nil
}

// pause stops the display; the phone and its log go on.
func pause(m *model) tea.Cmd {
	m.paused = !m.paused
	if !m.paused {
		m.take()
	}
	return nil
}

// wheel scrolls what the keys would move.
func (m *model) wheel(e tea.MouseWheelMsg) tea.Cmd {
	switch {
	case m.mode()&(typingModes|confirmMode|tonesMode) != 0:
		return nil
	case e.Button == tea.MouseWheelUp:
		return move(-3)(m)
	case e.Button == tea.MouseWheelDown:
		return move(+3)(m)
	}
	return nil
}

// click focuses the panel under the mouse.
func (m *model) click(x, y int) {
	if m.mode() != mainMode {
		return
	}
	l := m.layout()
	for p := devicePanel; p < panels; p++ {
		if r := l.at[p]; x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h {
			m.focus = p
		}
	}
}
