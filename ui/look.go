package ui

import (
	tea "charm.land/bubbletea/v2"
)

func (m *model) focusByNumber(s situation) request {
	m.setFocus(panel(s.key[0] - '0'))
	return nil
}

func (m *model) focusNext(step int) func(situation) request {
	return func(situation) request {
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

func (m *model) zoomPanel(situation) request {
	switch {
	case m.zoom != noPanel:
		m.zoom = noPanel
	case m.focus != noPanel:
		m.zoom = m.focus
	default:
		m.zoom, m.focus = timelinePanel, timelinePanel
	}
	return nil
}

// descend opens what is focused: a message, or else the panel; and where there
// is nothing more to open, the rule behind what went wrong there.
func (m *model) descend(s situation) request {
	_, isMessage := m.messages.selected(s.fold)
	switch {
	case s.mode&(messageMode|eventsMode) != 0:
		return m.explainIfWrong(s)
	case s.mode == ladderMode || m.focus == sipPanel && m.messages.sel != 0:
		if isMessage {
			return openReq(messageMode)
		}
		return m.explainIfWrong(s)
	case m.zoom == m.focus || m.timeline.cursor != noCursor && m.focus == timelinePanel:
		return m.explainIfWrong(s)
	}
	m.zoom = m.focus
	return nil
}

func (m *model) explainIfWrong(s situation) request {
	if m.explain.nothing(s) != "" {
		return nil
	}
	return explainReq{}
}

// explainSpot opens the rule behind what is pointed at.
func (m *model) explainSpot() request {
	p := m.pointed(m.situation(""))
	if m.explain.point(p) {
		return openReq(explainMode)
	}
	return tellReq{dim, p.where + ": nothing went wrong; end, then x, explains the newest"}
}

// pointed is what one points at.
func (m *model) pointed(s situation) spot {
	inMessages := s.mode&(ladderMode|messageMode) != 0 || m.focus == sipPanel && s.mode == mainMode
	if s.mode == eventsMode {
		return m.events.pointed(m.explain.knows)
	}
	if inMessages {
		if p, ok := m.messages.pointed(s.fold); ok {
			return p
		}
		return spot{anywhere: true}
	}
	if p, ok := m.timeline.pointed(s); ok {
		return p
	}
	if p, ok := m.wakes.pointed(s); ok && m.focus == wakesPanel {
		return p
	}
	return spot{anywhere: true}
}

// moves is the action of a key that moves the selection of the list that has
// the keys.
func (m *model) moves(step int) func(situation) request {
	return func(s situation) request {
		m.move(s, step)
		return nil
	}
}

func (m *model) move(s situation, step int) {
	if l, ok := m.layer().(scroller); ok {
		at, limit := l.position(s)
		*at = max(0, min(limit, *at+step))
		return
	}
	switch {
	case s.mode == runMode:
		m.run.move(step)
	case s.mode == ladderMode || m.focus == sipPanel:
		m.messages.move(s.fold, m.messages.pings || !s.inLadder, step)
	default:
		m.focus = wakesPanel
		m.wakes.move(s.fold, step)
	}
}

func (m *model) follow(s situation) request {
	if l, ok := m.layer().(scroller); ok {
		at, limit := l.position(s)
		*at = limit
		return nil
	}
	m.followAll()
	if s.mode == runMode {
		m.run.follow()
	}
	return nil
}

// pause stops the display; the phone and its log go on.
func (m *model) pause(situation) request {
	m.paused = !m.paused
	if !m.paused {
		m.take()
	}
	return nil
}

// wheel scrolls what the keys would move.
func (m *model) wheel(e tea.MouseWheelMsg) {
	const lines = 3
	s := m.situation("")
	switch {
	case s.mode&(typingModes|confirmMode|tonesMode|breakMode) != 0:
	case e.Button == tea.MouseWheelUp:
		m.move(s, -lines)
	case e.Button == tea.MouseWheelDown:
		m.move(s, +lines)
	}
}

// click focuses the panel under the mouse.
func (m *model) click(x, y int) {
	if m.modes.top() != mainMode {
		return
	}
	l := m.layout()
	for p := devicePanel; p < panels; p++ {
		if r := l.at[p]; x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h {
			m.focus = p
		}
	}
}
