package ui

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"
)

// help lists the keys that work where it was opened, and those that work elsewhere.
type help struct {
	keys []binding
	at   int
}

func (h *help) bindings() []binding {
	return []binding{
		{id: helpKey, group: helpGroup, modes: everyMode &^ typingModes &^ helpMode, Binding: bind("help", "?"), help: "this list", foot: always, do: opens(helpMode)},
		{id: "close", group: overlayGroup, modes: helpMode, Binding: bind("close", "?", "q"), do: goesBack},
	}
}

func (h *help) opened(situation) { h.at = 0 }

func (h *help) position(s situation) (at *int, limit int) {
	rows := len(h.rows(s))
	return &h.at, max(0, rows-(min(rows+3, s.h-1-s.top)-3))
}

// A helpRow is a key, what it does, and why it does not at the moment; or the heading of
// those that follow.
type helpRow struct {
	key, words, why string
	heading         string
}

// rows are the keys of the place under the help, and then those of other places.
func (h *help) rows(s situation) []helpRow {
	s.mode = s.below
	var here, other []helpRow
	for i := range h.keys {
		b := &h.keys[i]
		row := helpRow{key: b.Help().Key, words: b.help, why: b.useless(s)}
		switch {
		case b.active(s.mode):
			if row.words == "" {
				row.words = b.hint(s).label
			}
			here = append(here, row)
		case b.help != "" && b.listed(s.base):
			other = append(other, helpRow{key: row.key, words: row.words, why: placeOf(b)})
		}
	}
	if len(other) > 0 {
		here = append(here, helpRow{heading: "elsewhere"})
	}
	return append(here, other...)
}

func (h *help) draw(c *canvas, s situation) {
	rows := h.rows(s)
	p := s.overlay(c, "help", s.keyOf("esc"), 78, len(rows)+3)
	body := p.h - 1
	for i := 0; i < body && h.at+i < len(rows); i++ {
		h.drawRow(p.line(i), &rows[h.at+i])
	}
	p.line(p.h-1).put(dim, "more: ").put(text, "sleeptalk help").put(dim, unless(len(rows) <= body, fmt.Sprintf("   %d more below, %s", len(rows)-body-h.at, s.keyOf("down"))))
}

func (h *help) drawRow(l *pen, row *helpRow) {
	if row.heading != "" {
		l.put(strong, row.heading)
		return
	}
	ink := keycap
	if row.why != "" {
		ink = faint | strong
	}
	l.put(ink, row.key).at(11)
	if ansi.StringWidth(row.words)+2+ansi.StringWidth(row.why) <= l.left() {
		l.right(dim, row.why)
	}
	l.put(text, row.words)
}
