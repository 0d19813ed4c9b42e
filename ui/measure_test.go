package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// measuring is a model that has asked how wide a glyph is.
func measuring(t *testing.T, opt Options) *model {
	t.Helper()
	opt.Theme, opt.Location, opt.Environ, opt.Above = "mono", time.UTC, []string{}, newScreens()
	m := newModel(context.Background(), &puppet{log: load(t, "registered")}, opt)
	m.resize(80, 24)
	m.take()
	return m
}

// TestWidthIsMeasured: a glyph that has taken two cells is drawn no more; one cell, another row,
// an answer that nobody has asked for or that comes too late change nothing.
func TestWidthIsMeasured(t *testing.T) {
	for name, c := range map[string]struct {
		opt   Options
		asks  bool
		ago   time.Duration
		at    tea.CursorPositionMsg
		ascii bool
		clear bool
	}{
		"two cells":     {Options{Measure: true}, true, 0, tea.CursorPositionMsg{X: 2, Y: 1}, true, true},
		"one cell":      {Options{Measure: true}, true, 0, tea.CursorPositionMsg{X: 1, Y: 1}, false, true},
		"another row":   {Options{Measure: true}, true, 0, tea.CursorPositionMsg{X: 2, Y: 5}, false, false},
		"nobody asked":  {Options{}, false, 0, tea.CursorPositionMsg{X: 2, Y: 1}, false, false},
		"too late":      {Options{Measure: true}, true, measureFor + time.Second, tea.CursorPositionMsg{X: 2, Y: 1}, false, false},
		"ASCII at once": {Options{Measure: true, ASCII: true}, false, 0, tea.CursorPositionMsg{X: 1, Y: 1}, true, false},
	} {
		m := measuring(t, c.opt)
		if begins := m.width.begin() != nil; begins != c.asks {
			t.Errorf("%s: it asks: %t", name, begins)
		}
		if c.asks {
			m.Update(measureMsg{time.Now().Add(-c.ago)})
		}
		_, cmd := m.Update(c.at)
		if m.opt.ASCII != c.ascii || cmd != nil != c.clear || m.opt.Above.ascii.Load() != (c.ascii && !c.opt.ASCII) {
			t.Errorf("%s: ASCII %t, drawn anew %t", name, m.opt.ASCII, cmd != nil)
		}
		if text := screen(m); strings.Contains(text, "─") == c.ascii {
			t.Errorf("%s:\n%s", name, text)
		}
		if _, cmd := m.Update(tea.CursorPositionMsg{X: 2, Y: 1}); cmd != nil && c.clear {
			t.Errorf("%s: a second answer counts", name)
		}
	}
}

// TestGlyphsOfTheMeasure: what is measured is a glyph of the screen, whose ASCII form is known.
func TestGlyphsOfTheMeasure(t *testing.T) {
	if plain[measureGlyph] == "" {
		t.Errorf("%q is no glyph of the screen", measureGlyph)
	}
	if !strings.Contains(askWidth, "\x1b[2;1H"+measureGlyph+"\x1b[6n") || measureRow != 1 {
		t.Errorf("%q asks about another row", askWidth)
	}
}
