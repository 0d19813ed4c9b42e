package ui

import (
	"cmp"
	"slices"
)

// panes are the parts of the screen that have keys, and what is selected in
// them. A pane is added here, and, if it has a place of its own among the
// panels, in layout.go.
type panes struct {
	keeper
	caption  caption
	timeline timeline
	wakes    wakes
	messages messages
	ladder   ladder
	message  message
	run      *runView
	events   stepEvents
	help     help
	explain  explain
	choices  choices
	dial     dial
	tones    tones
	prompt   prompt
	filter   filterLine
	confirm  confirm
	breaks   breakNetwork
}

func newPanes(opt Options) panes {
	return panes{
		keeper:   keeper{record: opt.Record, save: opt.Save, recording: opt.Recording},
		caption:  caption{of: opt.Caption},
		timeline: timeline{scaleAt: -1, cursor: noCursor},
		explain:  explain{rule: opt.Explain},
		run:      &runView{cursor: noLine},
	}
}

// link tells the panes of those whose selection they share.
func (p *panes) link(h *history) {
	p.message.messages = &p.messages
	p.filter.messages = &p.messages
	p.ladder = ladder{&p.messages, h, &p.message}
	p.events.run = p.run
}

// bindings are those of all panes; within a group they have the order in which
// the panes are listed here.
func (m *model) bindings() []binding {
	all := slices.Concat(
		controls(), m.run.bindings(), m.dial.bindings(), m.confirm.bindings(), m.tones.bindings(),
		m.ladder.bindings(), m.wakes.bindings(), m.explain.bindings(), m.choices.bindings(), m.keeper.bindings(), m.prompt.bindings(),
		m.ownBindings(), m.filter.bindings(), m.timeline.bindings(), m.help.bindings(), m.breaks.bindings(),
	)
	slices.SortStableFunc(all, func(a, b binding) int { return cmp.Compare(a.group, b.group) })
	return all
}

// pane is a panel as it is now.
func (m *model) pane(p panel, at situation) pane {
	s, h := at.scene, &m.history
	switch p {
	case devicePanel:
		return deviceView{s, m.stance(p, at)}
	case timersPanel:
		return timersView{s}
	case timelinePanel:
		return m.timelineView(at)
	case wakesPanel:
		return wakesView{s, m.stance(p, at), m.wakes, &h.line}
	case callPanel:
		return callView{s, m.stance(p, at)}
	}
	return sipView{s, m.messages}
}

// timelineView is the timeline as it is now, of a phone or of a run.
func (m *model) timelineView(s situation) timelineView {
	return timelineView{s.scene, m.timeline, &m.history.line, m.wakes.selected(s.fold), s.cols}
}

// commandsView is the command log as it is now.
func (m *model) commandsView() commandsView {
	v := commandsView{scene: m.scene(), list: m.history.commands.list}
	if m.running() {
		v.lines = m.run.state.Lines
	}
	return v
}

// runDraw is the run as it is now.
func (m *model) runDraw(s situation) runDraw {
	return runDraw{s.scene, m.run, &m.run.state, m.run.took(), m.timelineView(s), m.commandsView()}
}

// layerOf is the view or the overlay of a mode; nil: it is the panels.
func (m *model) layerOf(md mode) layer {
	switch md {
	case ladderMode:
		return &m.ladder
	case messageMode:
		return &m.message
	case eventsMode:
		return &m.events
	case helpMode:
		return &m.help
	case explainMode:
		return &m.explain
	case choicesMode:
		return &m.choices
	case dialMode:
		return &m.dial
	case tonesMode:
		return &m.tones
	case promptMode:
		return &m.prompt
	case filterMode:
		return &m.filter
	case confirmMode:
		return &m.confirm
	case breakMode:
		return m.breaks
	}
	return nil
}
