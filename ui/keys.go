package ui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// ownBindings are the keys of the root: they go from pane to pane, and out.
func (m *model) ownBindings() []binding {
	return []binding{
		{id: "focus", group: moveGroup, Binding: bind("focus", "1", "2", "3", "4", "5", "6"), help: "focus a panel", foot: replaying, do: m.focusByNumber},
		{id: "up", group: moveGroup, Binding: bind("up", "up", "k"), modes: listModes | runMode, help: "select the line above", foot: leafing, do: m.moves(-1)},
		{id: "down", group: moveGroup, Binding: bind("down", "down", "j"), modes: listModes | runMode, help: "select the line below", foot: leafing, do: m.moves(+1)},
		{id: "enter", group: moveGroup, Binding: bind("open", "enter"), modes: screenModes | eventsMode, help: "open it; once open, explain what went wrong", foot: inLadder, do: m.descend},
		{id: "zoom", group: moveGroup, Binding: bind("zoom", "z"), help: "zoom the panel, and back", foot: either(zoomed, replaying), do: m.zoomPanel},
		{id: "tab", group: moveGroup, Binding: bind("next panel", "tab"), help: "focus the next panel", foot: zoomed, do: m.focusNext(+1)},
		{id: "backtab", group: moveGroup, Binding: bind("previous panel", "shift+tab"), do: m.focusNext(-1)},
		{id: "pgup", group: moveGroup, Binding: bind("page up", "pgup"), modes: listModes | runMode, help: "a page up", do: m.moves(-10)},
		{id: "pgdown", group: moveGroup, Binding: bind("page down", "pgdown"), modes: listModes | runMode, help: "a page down", do: m.moves(+10)},
		{id: "top", group: moveGroup, Binding: bind("top", "g", "home"), modes: listModes, help: "the first line", do: m.moves(-1 << 20)},
		{id: "follow", group: moveGroup, Binding: bind("follow", "G", "end"), modes: listModes | runMode, help: "the newest line, and follow again", do: m.follow},
		{id: "pause", group: showGroup, Binding: bind("pause", "p"), modes: screenModes, help: "pause the display, not the phone", foot: either(inViews, replaying), do: m.pause},
		{id: "copy", group: keepGroup, Binding: bind("copy", "y"), modes: mainMode | runMode, help: "copy the last command", why: m.noCommand, do: m.copyCommand},
		{id: "esc", group: backGroup, Binding: bind("back", "esc"), modes: everyMode, help: "one level back", foot: inside, do: goesBack},
		{id: "quit", group: leaveGroup, Binding: bind("quit", "q"), modes: mainMode, help: "quit (asks in a call)", foot: onMain, do: quit},
		{id: "interrupt", group: leaveGroup, Binding: bind("leave", "ctrl+c"), modes: everyMode, help: "once asks, twice leaves at once", do: m.interrupt},
		{id: "stop", group: leaveGroup, Binding: bind("to the shell", "ctrl+z"), modes: everyMode, help: "to the shell; the phone's sockets stay up", do: suspend},
	}
}

// bound is the binding of a key in a mode.
func (m *model) bound(md mode, k tea.KeyPressMsg) *binding {
	i := slices.IndexFunc(m.keys, func(b binding) bool { return b.active(md) && key.Matches(k, b.Binding) })
	if i < 0 {
		return nil
	}
	return &m.keys[i]
}

// press does what the binding of a key says; other keys are typed where there
// is a line to type in.
func (m *model) press(k tea.KeyPressMsg) tea.Cmd {
	s := m.situation(k.String())
	if s.key != "ctrl+c" {
		m.leaving, m.remark = false, remark{}
	}
	b := m.bound(s.mode, k)
	if b == nil {
		if t, ok := m.layer().(typist); ok {
			return typeKey(t.line(), k)
		}
		return nil
	}
	if why := b.useless(s); why != "" {
		m.remark.tell(woken, b.hint(s).label+": "+why)
		return nil
	}
	return m.perform(b.do(s))
}

// perform does what a pane asks for.
func (m *model) perform(r request) tea.Cmd {
	switch r := r.(type) {
	case sayReq:
		return m.errands.say(m.phone, string(r))
	case openReq:
		m.open(mode(r))
	case closeReq:
		m.modes.close()
		return m.perform(r.then)
	case backReq:
		return m.back()
	case tellReq:
		m.remark.tell(r.ink, r.words)
	case askReq:
		m.confirm.askReq = r
		m.open(confirmMode)
	case explainReq:
		return m.perform(m.explainSpot())
	case workReq:
		if r.meanwhile != "" {
			m.remark.tell(dim, r.meanwhile)
		}
		return r.Cmd
	}
	return nil
}

// layer is the innermost view or overlay; nil: it is the panels.
func (m *model) layer() layer { return m.layerOf(m.modes.top()) }

// open opens a view or an overlay.
func (m *model) open(md mode) {
	m.modes.open(md)
	if l, ok := m.layer().(opener); ok {
		l.opened(m.situation(""))
	}
}

// back goes one level up: out of an overlay, of a view, of the zoom, of the
// tour.
func (m *model) back() tea.Cmd {
	switch {
	case m.modes.top() != m.modes.base:
		if l, ok := m.layer().(canceller); ok {
			l.cancelled()
		}
		m.modes.close()
	case m.running():
		return m.perform(m.run.back(m.situation("")))
	case m.zoom != noPanel:
		m.zoom = noPanel
	case m.caption.words != "":
		m.caption.end()
	case m.messages.filter != "":
		m.messages.filter = ""
	default:
		m.followAll()
	}
	return nil
}

// followAll takes every selection back: the newest is shown.
func (m *model) followAll() {
	m.timeline.follow()
	m.wakes.follow()
	m.messages.follow()
}

func (m *model) noCommand(situation) string {
	return when(len(m.history.commands.list) == 0, nobodySpoke)
}

// copyCommand gives the terminal the last command for its clipboard (OSC 52).
func (m *model) copyCommand(situation) request {
	words := m.commandsView().last()
	m.remark.tell(text, "copied: "+words)
	return workReq{Cmd: tea.SetClipboard(words)}
}

// quit gives the verb; the program leaves when the phone has done it.
func quit(s situation) request {
	if len(s.fold.Calls) > 0 {
		return askReq{"A call is up. Hang up and quit?", "quit"}
	}
	return sayReq("quit")
}

func (m *model) interrupt(situation) request {
	if m.leaving {
		return workReq{Cmd: tea.Quit}
	}
	m.leaving = true
	return tellReq{dim, "ctrl+c again leaves at once, q leaves in order"}
}

func suspend(situation) request { return workReq{Cmd: tea.Suspend} }
