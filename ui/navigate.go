package ui

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A navigator leads from line to line, in whatever has the keys, and into what
// one points at.
type navigator struct {
	desk       *desk
	selections *selections
	layers     *layers
	run        *runView
	bases      *bases
}

func (n *navigator) bindings() []binding {
	return []binding{
		{id: "up", group: moveGroup, Binding: bind("up", "up", "k"), modes: listModes | rowModes, help: "select the line above, or the call", foot: leafing, do: n.moves(-1), name: n.choosing("up"), idle: first},
		{id: "down", group: moveGroup, Binding: bind("down", "down", "j"), modes: listModes | rowModes, help: "select the line below, or the call", foot: leafing, do: n.moves(+1), name: n.choosing("down"), idle: last},
		{id: "enter", group: moveGroup, Binding: bind("open", "enter"), modes: mainMode | ladderMode | eventsMode, help: "open a panel, a message, or all that happened in a wake; in the ladder, the moment in the timeline", foot: inLadder, do: n.descend, idle: "there is nothing more to open here"},
		{id: "pgup", group: listGroup, Binding: bind("page up", "pgup"), modes: listModes | rowModes, help: "a page up", do: n.moves(-10), idle: first},
		{id: "pgdown", group: listGroup, Binding: bind("page down", "pgdown"), modes: listModes | rowModes, help: "a page down", do: n.moves(+10), idle: last},
		{id: "top", group: listGroup, Binding: bind("top", "g", "home"), modes: listModes, help: "the first line; home: the beginning of the timeline, where that has the keys", do: n.top, idle: first},
		{id: "follow", group: listGroup, Binding: bind("follow", "G", "end"), modes: listModes | rowModes, help: "the newest line, and follow again", do: n.follow, idle: last},
	}
}

// What a key says that leads no further.
const (
	first = "there is no line before"
	last  = "there is no line after"
)

// A list is what the keys that go from line to line are about.
type list int

// The lists of the main screen.
const (
	wakeList list = iota
	callList
	messageList
)

// listOf is the list of the focused panel; of another panel the calls, if there are several,
// else the wakes.
func (n *navigator) listOf(s situation) list {
	switch p := n.desk.focus; {
	case p == sipPanel:
		return messageList
	case p == callPanel || s.several() && (p != wakesPanel || s.layout.at[p].h == 0):
		return callList
	}
	return wakeList
}

// choosing is the label of a key that moves the selection.
func (n *navigator) choosing(label string) func(situation) string {
	return func(s situation) string {
		if s.mode == mainMode && n.listOf(s) == callList {
			return "choose"
		}
		return label
	}
}

// descend opens what is focused: a message, or else the panel; and where there
// is nothing more to open, the rule behind what went wrong there.
func (n *navigator) descend(s situation) request {
	_, isMessage := n.selections.messages.selected(s.fold)
	switch {
	case s.mode == eventsMode:
		return n.explainIfWrong(s)
	case s.mode == ladderMode:
		return n.layers.ladder.enter(s)
	case n.desk.focus == sipPanel && n.selections.messages.sel != 0:
		if isMessage {
			return openReq(messageMode)
		}
		return n.explainIfWrong(s)
	case n.desk.zoom == wakesPanel && n.desk.focus == wakesPanel:
		return n.story(s)
	case n.desk.zoom == n.desk.focus || n.selections.timeline.held() && n.desk.focus == timelinePanel:
		return n.explainIfWrong(s)
	}
	n.desk.zoom = n.desk.focus
	return nil
}

// story lists what happened in the selected wake.
func (n *navigator) story(s situation) request {
	w := n.selections.wakes.selected(s.fold)
	if w == nil {
		return n.explainIfWrong(s)
	}
	story := readReq{title: fmt.Sprintf("wake %d: %s", w.N, picture.CauseWord(w)), first: w.First, last: w.Last}
	if s.past && story.last == 0 { // it goes on, and what comes after the cursor is not told
		story.last = s.seen
	}
	return story
}

func (n *navigator) explainIfWrong(s situation) request {
	if n.layers.explain.nothing(s) != "" {
		return nil
	}
	return explainReq{}
}

// explain opens the rule behind what is pointed at.
func (n *navigator) explain(s situation) request {
	p := n.pointed(s)
	if n.layers.explain.point(p) {
		return openReq(explainMode)
	}
	return tellReq{dim, p.where + ": nothing went wrong; " + s.keyOf("follow") + ", then " + s.keyOf("explain") + ", explains the newest"}
}

// pointed is what one points at.
func (n *navigator) pointed(s situation) spot {
	inMessages := s.mode&(ladderMode|messageMode) != 0 || n.desk.focus == sipPanel && s.mode == mainMode
	if s.mode == eventsMode {
		return n.layers.events.pointed(n.layers.explain.knows)
	}
	if inMessages {
		if p, ok := n.selections.messages.pointed(s.fold); ok {
			if g := n.layers.ladder.history.rungs.At(p.seq); g != nil {
				p.call = g.Message.CallID
			}
			return p
		}
		return spot{anywhere: true}
	}
	if p, ok := n.selections.timeline.pointed(s); ok {
		p.loss = n.selections.losses.call
		return p
	}
	if p, ok := n.selections.wakes.pointed(s); ok && n.desk.focus == wakesPanel {
		return p
	}
	p := spot{anywhere: true}
	if c, _ := s.deaf(); c != nil {
		p.deaf = c.ID
	}
	return p
}

// moves is the action of a key that moves the selection of the list that has
// the keys.
func (n *navigator) moves(step int) func(situation) request {
	return func(s situation) request {
		n.move(s, step)
		return nil
	}
}

// top goes to the first line, or to the beginning of the timeline.
func (n *navigator) top(s situation) request {
	if s.key == "home" && s.mode == mainMode && (n.desk.focus == timelinePanel || s.past) {
		n.selections.timeline.toStart()
		return nil
	}
	n.move(s, -1<<20)
	return nil
}

func (n *navigator) move(s situation, step int) {
	if l, ok := n.layers.of(s.mode).(scroller); ok {
		at, limit := l.position(s)
		*at = max(0, min(limit, *at+step))
		return
	}
	base := n.bases.of(s.mode)
	switch {
	case base != nil:
		base.move(s, step)
	case s.mode == runMode:
		n.run.move(step)
	case s.mode == ladderMode:
		n.layers.ladder.move(s, step)
	case n.listOf(s) == messageList:
		n.selections.messages.move(s.fold, true, step)
	case n.listOf(s) == callList:
		n.desk.focus = callPanel
		n.selections.calls.move(s.phone, step)
	default:
		n.desk.focus = wakesPanel
		n.selections.wakes.move(s.fold, step)
	}
}

func (n *navigator) follow(s situation) request {
	if l, ok := n.layers.of(s.mode).(scroller); ok {
		at, limit := l.position(s)
		*at = limit
		return nil
	}
	n.selections.follow()
	if s.mode == runMode {
		n.run.follow()
	}
	if base := n.bases.of(s.mode); base != nil {
		base.follow()
	}
	return nil
}
