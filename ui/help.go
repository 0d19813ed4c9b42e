package ui

import "fmt"

// help lists the keys of all panes.
type help struct {
	keys []binding
	at   int
}

func (h *help) bindings() []binding {
	return []binding{
		{id: helpKey, group: helpGroup, modes: screenModes | runMode, Binding: bind("help", "?"), help: "this list", foot: always, do: opens(helpMode)},
		{id: "close", group: overlayGroup, modes: helpMode, Binding: bind("close", "?", "q"), do: goesBack},
	}
}

func (h *help) opened(situation) { h.at = 0 }

func (h *help) position(s situation) (at *int, limit int) {
	rows := len(h.rows(s))
	return &h.at, max(0, rows-(min(rows+3, s.h-2)-3))
}

// rows are the bindings that have a help: of a phone, or of a run.
func (h *help) rows(s situation) []*binding {
	views := everyMode &^ runMode
	if s.running {
		views = runMode | ladderMode
	}
	var rows []*binding
	for i := range h.keys {
		if b := &h.keys[i]; b.help != "" && b.in()&views != 0 {
			rows = append(rows, b)
		}
	}
	return rows
}

func (h *help) draw(c *canvas, s situation) {
	rows := h.rows(s)
	p := s.overlay(c, "help", "esc", 60, len(rows)+3)
	body := p.h - 1
	for i := 0; i < body && h.at+i < len(rows); i++ {
		b := rows[h.at+i]
		ink := keycap
		if b.useless(s) != "" {
			ink = faint | strong
		}
		p.line(i).put(ink, b.Help().Key).at(11).put(text, b.help)
	}
	p.line(p.h-1).put(dim, "more: ").put(text, "sleeptalk help").put(dim, unless(len(rows) <= body, fmt.Sprintf("   %d more below, ↓", len(rows)-body-h.at)))
}
