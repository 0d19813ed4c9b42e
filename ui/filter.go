package ui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
)

// filterLine is the line in which the filter for the messages is typed.
type filterLine struct {
	input    textinput.Model
	messages *messages
}

func (f *filterLine) bindings() []binding {
	return []binding{
		{id: "filter", group: narrowGroup, modes: mainMode | ladderMode, Binding: bind("filter", "/"), help: "filter the SIP messages", foot: always, do: opens(filterMode)},
		{id: "filter by it", group: overlayGroup, modes: filterMode, Binding: bind("filter", "enter"), foot: always, do: f.submit},
	}
}

func (f *filterLine) opened(s situation) {
	f.input = newInput(f.messages.filter, nil, f.room(s.scene))
}

func (f *filterLine) cancelled() { f.messages.filter = "" }

func (f *filterLine) line() *textinput.Model { return &f.input }

func (*filterLine) room(s scene) int { return wholeLine(s) }

func (f *filterLine) submit(situation) request {
	f.messages.filter = strings.TrimSpace(f.input.Value())
	return closeReq{}
}

func (f *filterLine) draw(c *canvas, s situation) {
	c.clear(rect{0, s.h - 1, s.w, 1}, text)
	drawInput(area{c, rect{1, s.h - 1, s.w - 2, 1}}.line(0).put(keycap, "/ "), &f.input, text)
}
