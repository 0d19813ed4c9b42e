package ui

import (
	"cmp"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// bindings are those of all panes, in the order of their groups.
func (m *model) bindings() []binding {
	all := slices.Concat(
		controls(), m.run.bindings(), m.desk.bindings(), m.navigator.bindings(), m.layers.bindings(), m.ownBindings(), m.selections.bindings(),
		m.keeper.bindings(), m.commands.bindings(), m.exit.bindings(),
	)
	slices.SortStableFunc(all, func(a, b binding) int { return cmp.Compare(a.group, b.group) })
	return all
}

// ownBindings are the keys of the root.
func (m *model) ownBindings() []binding {
	return []binding{
		{id: "pause", group: showGroup, Binding: bind("pause", "p"), modes: screenModes, help: "pause the display, not the phone", foot: either(inViews, replaying), do: m.pause},
		{id: "esc", group: backGroup, Binding: bind("back", "esc"), modes: everyMode, help: "one level back", foot: inside, do: goesBack},
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
		m.exit.leaving, m.remark = false, remark{}
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
		return m.queue.say(m.phone, string(r))
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
		m.layers.confirm.askReq = r
		m.open(confirmMode)
	case explainReq:
		return tea.Batch(m.perform(m.navigator.explain(m.situation(""))), m.look())
	case findReq:
		return m.look()
	case messageReq:
		m.selections.messages.sel, m.desk.focus = uint64(r), sipPanel
	case lossReq:
		m.selections.timeline.show(time.Duration(r), m.situation(""))
	case workReq:
		if r.meanwhile != "" {
			m.remark.tell(dim, r.meanwhile)
		}
		return r.Cmd
	}
	return nil
}

// layer is the innermost view or overlay; nil: it is the panels.
func (m *model) layer() layer { return m.layers.of(m.modes.top()) }

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
	case m.desk.zoom != noPanel:
		m.desk.zoom = noPanel
	case m.caption.words != "":
		m.caption.end()
	case m.selections.messages.filter != "":
		m.selections.messages.filter = ""
	default:
		m.selections.follow()
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
