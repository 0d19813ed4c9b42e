package ui

import (
	"cmp"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// bindings are those of all panes, in the order of their groups.
func (m *model) bindings() []binding {
	all := slices.Concat(
		callControls(), controls(), m.run.bindings(), m.bases.bindings(), m.desk.bindings(), m.navigator.bindings(), m.layers.bindings(), m.ownBindings(), m.selections.bindings(),
		m.keeper.bindings(), m.commands.bindings(), m.exit.bindings(),
	)
	for i := range all {
		switch all[i].id {
		case "faster":
			all[i] = m.selections.timeline.hastens(all[i], +1)
		case "slower":
			all[i] = m.selections.timeline.hastens(all[i], -1)
		case "hold call":
			if m.replay.on() { // there is no call to hold
				all[i] = m.keeper.reports()
			}
		case "tab":
			all[i] = m.replay.turns(all[i], +1)
		case "backtab":
			all[i] = m.replay.turns(all[i], -1)
		}
	}
	slices.SortStableFunc(all, func(a, b binding) int { return cmp.Compare(a.group, b.group) })
	return all
}

// ownBindings are the keys of the root.
func (m *model) ownBindings() []binding {
	return []binding{
		{id: "pause", group: showGroup, Binding: bind("pause", "p"), modes: screenModes, help: "pause the display, not the phone", foot: either(inViews, replaying), do: m.pause},
		{id: "private", group: showGroup, Binding: bind("privacy", "V"), modes: mainMode | ladderMode, help: "privacy: names, numbers, addresses, texts and tokens as stand-ins, or as they are", why: m.veilable, do: m.hide},
		{id: "redraw", group: showGroup, Binding: bind("redraw", "ctrl+l"), modes: everyMode, help: "draw the screen anew", do: redraw},
		{id: "esc", group: backGroup, Binding: bind("back", "esc"), modes: everyMode, help: "one level back", foot: inside, do: goesBack, idle: "there is nothing to go back from"},
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
	m.replay.opened = true
	if s.key != "ctrl+c" {
		m.exit.leaving, m.remark = false, remark{}
	}
	b := m.bound(s.mode, k)
	if b == nil {
		if t, ok := m.layer().(typist); ok {
			return m.typed(t.line(), k)
		}
		m.remark.tell(dim, elsewhere(m.keys, s, k))
		return nil
	}
	if why := b.useless(s); why != "" {
		m.remark.tell(woken, b.hint(s).label+": "+why)
		return nil
	}
	before := m.draw()
	cmd := m.perform(b.act(s))
	if cmd == nil && m.remark.words == "" && m.draw().equal(before) {
		m.remark.tell(dim, b.hint(s).label+": "+cmp.Or(b.idle, "that is so already"))
	}
	return cmd
}

// typed types a key into a line.
func (m *model) typed(in *textinput.Model, k tea.KeyPressMsg) tea.Cmd {
	before, at := in.Value(), in.Position()
	cmd := typeKey(in, k)
	if cmd == nil && before == in.Value() && at == in.Position() {
		m.remark.tell(dim, keyName(k.String())+" changes nothing in what is typed; "+m.legend["esc"]+" leads back")
	}
	return cmd
}

// perform does what a pane asks for.
func (m *model) perform(r request) tea.Cmd {
	switch r := r.(type) {
	case sayReq:
		if n := len(m.queue); n > 0 {
			m.remark.tell(dim, m.veil.text(string(r)+": waits for "+m.queue[n-1]))
			m.remark.waits = true
		}
		return m.queue.say(m.phone, m.veil.clear(string(r)))
	case chooseReq:
		m.selections.calls.chosen = int(r)
	case bothReq:
		return tea.Batch(m.perform(r[0]), m.perform(r[1]))
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
	case readReq:
		m.layers.events.show(m.phone.Log(), passage(r))
		m.open(eventsMode)
	case messageReq:
		m.showMessage(uint64(r))
	case stepReq:
		if !m.selections.timeline.step(&m.history, m.phone.Log(), bool(r)) {
			m.remark.tell(dim, noEvent[bool(r)])
		}
	case momentReq:
		if m.opt.Ladder {
			m.remark.tell(dim, "of this phone its messages are known, and no timeline")
			return nil
		}
		m.modes.stack, m.desk.focus = nil, timelinePanel
		m.selections.timeline.show(time.Duration(r), m.situation(""))
	case lineReq:
		m.selections.timeline.showLine(r.line, m.situation(""))
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

// showMessage selects a record among the messages, and opens the ladder where those have no
// place on the screen.
func (m *model) showMessage(seq uint64) {
	s := m.situation("")
	m.selections.messages.sel = seq
	switch {
	case s.inLadder:
		m.layers.ladder.choose(seq)
	case s.layout.at[sipPanel].h < 2:
		m.layers.ladder.choose(seq)
		m.open(ladderMode)
	default:
		m.desk.focus = sipPanel
	}
}

// noEvent says why the cursor goes no further.
var noEvent = map[bool]string{false: "the log has no event before", true: "nothing has happened after that"}

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
	case m.opt.Ladder && len(m.modes.stack) == 1:
		return m.perform(sayReq("quit"))
	case m.modes.top() != m.modes.base:
		if l, ok := m.layer().(canceller); ok {
			l.cancelled()
		}
		m.modes.close()
	case m.running():
		return m.perform(m.run.back(m.situation("")))
	case m.base() != nil:
		return m.perform(m.base().back(m.situation("")))
	case m.desk.zoom != noPanel:
		m.desk.zoom = noPanel
	case m.caption.words != "":
		m.caption.end()
	case !m.selections.messages.filter.Everything():
		m.selections.messages.filter = picture.Filter{}
	default:
		m.selections.follow()
	}
	return nil
}

// pause stops the display; the phone and its keys go on.
func (m *model) pause(situation) request {
	if m.ahead == nil {
		m.ahead = m.history.fold.Clone()
		return nil
	}
	m.ahead, m.behind, m.clock.wall = nil, 0, m.clock.real
	m.take()
	return nil
}

// redraw has the terminal cleared, which another program may have written to.
func redraw(situation) request {
	return workReq{Cmd: tea.ClearScreen, meanwhile: "drawn anew"}
}
