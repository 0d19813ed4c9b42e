package ui

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// laneLab has a mark for whatever the lab or one of its robots was told, with the words behind
// or before it, where there is room for them.
//
//	● stop  ● start          bob calls alice ●
func (v timelineView) laneLab(p area, w window) {
	deeds := picture.Between(v.line.Orders, w.from, w.start(w.cols))
	for _, d := range deeds {
		p.c.fill(p.x+w.column(d.At), p.y, 1, "●", open)
	}
	for _, d := range deeds {
		col, n := w.column(d.At), ansi.StringWidth(d.Label)
		switch {
		case p.blank(col+1, n+2):
			p.c.put(p.x+col+2, p.y, p.x+w.cols, d.Label, text)
		case p.blank(col-n-2, n+2):
			p.c.put(p.x+col-n-1, p.y, p.x+w.cols, d.Label, text)
		}
	}
}
