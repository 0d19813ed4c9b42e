package ui

import (
	"github.com/charmbracelet/x/ansi"
)

// When the last line names a key, besides that the key counts in the mode and
// is of use.

func always(*model) bool { return true }

// onMain is where all panels are seen, of a phone.
func onMain(m *model) bool { return m.mode() == mainMode && m.zoom == noPanel }

func zoomed(m *model) bool { return m.mode() == mainMode && m.zoom != noPanel }

func unzoomed(m *model) bool { return !zoomed(m) }

func callless(m *model) bool { return onMain(m) && m.fold.Call() == nil }

// replaying is a recording, in which there is nothing to do but look.
func replaying(m *model) bool { return onMain(m) && len(m.verbs) == 0 }

// flowing is a run that nobody holds.
func flowing(m *model) bool { return !m.run.state.Held }

func inLadder(m *model) bool { return m.mode() == ladderMode }

// inViews is in another view than the panels.
func inViews(m *model) bool { return m.mode()&(ladderMode|messageMode) != 0 }

// leafing is where there is one list to go through.
func leafing(m *model) bool { return zoomed(m) || m.mode()&(ladderMode|scrollModes) != 0 }

// inside is where there is a way back.
func inside(m *model) bool { return zoomed(m) || m.mode() != mainMode }

func either(a, b func(*model) bool) func(*model) bool {
	return func(m *model) bool { return a(m) || b(m) }
}

// footer is the keys that fit the moment, in the order of the table.
func (m *model) footer() []*binding {
	var keys []*binding
	for i := range m.keys {
		b := &m.keys[i]
		if b.foot != nil && b.active(m.mode()) && b.foot(m) && (b.why == nil || b.why(m) == "") {
			keys = append(keys, b)
		}
	}
	return keys
}

// drawFooter is the last line: a remark if there is one, or else keys. It
// never wraps: what does not fit is left out, and help stays.
func (m *model) drawFooter(c *canvas) {
	l := pane{c, rect{0, m.h - 1, m.w, 1}}.line(0)
	l.gap(1)
	if m.note != "" {
		l.put(m.noteInk, m.note)
		return
	}
	keys := m.footer()
	reserve := 0 // for help, until it is there
	for _, b := range keys {
		if b.id == helpKey {
			reserve = len(" ? help") + 1
		}
	}
	for _, b := range keys {
		if b.id == helpKey {
			reserve = 0
		}
		k, label := b.shown(m)
		if ansi.StringWidth(k+" "+label)+reserve <= l.left() {
			l.put(keycap, k).put(dim, " "+label).gap(2)
		}
	}
}
