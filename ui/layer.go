package ui

import (
	"charm.land/bubbles/v2/textinput"
)

// A layer is a view or an overlay that may be open above the panels. The
// interfaces below are optional.
type layer interface {
	bindings() []binding
	draw(c *canvas, s situation)
}

type (
	// An opener is reset whenever it is opened.
	opener interface{ opened(s situation) }
	// A canceller is told when it is closed by esc.
	canceller interface{ cancelled() }
	// A scroller shows a part of what it has.
	scroller interface {
		// position is how many of its lines are above the screen, and how many
		// may be.
		position(s situation) (at *int, limit int)
	}
	// A typist has a line to type in.
	typist interface {
		line() *textinput.Model
		// room is how many columns the line has.
		room(s scene) int
	}
)

// overlay draws a box of at most w by h in the middle and gives its inside.
func (s scene) overlay(c *canvas, name, note string, w, h int) area {
	room := s.h - 1 - s.top
	w, h = min(w, s.w), min(h, room)
	r := rect{(s.w - w) / 2, s.top + (room-h)/2, w, h}
	c.clear(r, text)
	box(c, r, name, note, keycap, open)
	return area{c, r.inset()}
}

// beyond is how far an overlay of so many lines can be scrolled.
func (s scene) beyond(lines int) int {
	return max(0, lines-(min(lines+2, s.h-1-s.top)-2))
}
