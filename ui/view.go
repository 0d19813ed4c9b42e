package ui

import (
	"fmt"
	"slices"
)

// scene returns what every pane may see.
func (m *model) scene() scene {
	return scene{
		fold: &m.history.fold, now: m.clock.now, place: m.opt.Location, glyphs: glyphs{m.opt.ASCII},
		w: m.display.w, h: m.display.h, chosen: m.selections.calls.chosen,
	}
}

// situation returns what the keys depend on.
func (m *model) situation(key string) situation {
	s := situation{
		scene: m.scene(), mode: m.modes.top(), key: key, focus: m.desk.focus, zoom: m.desk.zoom, verbs: m.verbs,
		running: m.running(), bottom: m.display.h - 1, inLadder: m.modes.has(ladderMode),
	}
	if m.caption.words != "" {
		s.bottom--
	}
	facts := deviceView{scene: s.scene}.deviceFacts()
	s.layout = arrange(s.w, s.h, 1, s.bottom, s.zoom, s.focus, len(facts) > 0)
	s.cols = timelineCols(&s.layout)
	return s
}

// timelineCols is how many columns the timeline has in a layout.
func timelineCols(l *layout) int {
	around := 4
	if l.small {
		around = 2
	}
	return max(1, l.at[timelinePanel].w-around-labelWidth)
}

// stance returns what a panel must know of its place on the screen.
func (m *model) stance(p panel, s situation) stance {
	st := stance{focused: p == s.focus, zoomed: p == s.zoom}
	for i := range m.keys {
		if b := &m.keys[i]; slices.Contains(b.shown, p) && b.useless(s) == "" {
			st.hints = append(st.hints, b.hint(s))
		}
	}
	return st
}

// draw draws the whole screen. It is a pure function of the model.
func (m *model) draw() *canvas {
	s := m.situation("")
	c := newCanvas(max(0, s.w), max(0, s.h), m.opt.ASCII)
	if s.w < minWidth || s.h < minHeight {
		drawTooSmall(c)
		return c
	}
	run := runDraw{s.scene, m.run, &m.run.state, m.run.took(), m.selections.timelineView(s, &m.history), m.commands.view(s.scene)}
	if s.running {
		run.header(c)
	} else {
		headerView{s.scene, m.keeper.recording, m.loading(), m.paused, m.behind}.draw(c)
	}
	switch {
	case s.inLadder:
		m.layers.ladder.draw(c, s)
	case s.running:
		run.draw(c)
	default:
		m.drawPanels(c, s)
	}
	m.caption.draw(c, s.scene)
	drawFooter(c, s, &m.remark, m.keys)
	if l := m.layer(); l != nil && s.mode != ladderMode {
		l.draw(c, s)
	}
	return c
}

func drawTooSmall(c *canvas) {
	words := fmt.Sprintf("the window is %dx%d; sleeptalk needs %dx%d. Resize, or run sleeptalk --plain", c.w, c.h, minWidth, minHeight)
	for i, line := range wrap(words, c.w) {
		c.put(0, i, c.w, line, text)
	}
}

func (m *model) drawPanels(c *canvas, s situation) {
	l := &s.layout
	for p := devicePanel; p < panels; p++ {
		r := l.at[p]
		if r.h <= 0 {
			continue
		}
		head, edge := m.frameInks(p)
		v := m.selections.pane(p, s, m.stance(p, s), &m.history)
		if l.small {
			drawFolded(c, p, v, r, head, edge)
		} else {
			drawBox(c, p, v, r, head, edge)
		}
	}
	if m.history.fold.Banner != nil && (!l.wide || l.at[devicePanel].h == 0) {
		bannerView{s.scene}.draw(c)
	}
}

// frameInks are those of a panel's title and border: the tour lights up the
// border of the panel that it speaks of.
func (m *model) frameInks(p panel) (head, edge style) {
	switch {
	case m.caption.words != "" && p == m.caption.about:
		return keycap, open
	case p == m.desk.focus:
		return keycap, faint
	}
	return title, faint
}

// titleOf is a panel's number and name.
func titleOf(p panel, v pane) string { return fmt.Sprintf("%d %s", p, v.name()) }

// drawBox draws a panel with its border, its number and a note in the border.
func drawBox(c *canvas, p panel, v pane, r rect, head, edge style) {
	box(c, r, titleOf(p, v), v.note(r.w-len(titleOf(p, v))-10), head, edge)
	if in := r.inset(); in.h > 0 {
		v.draw(area{c, in})
	}
}

// drawFolded draws a panel of a small window: a title line with the gist of
// it, and what rows it has under that.
func drawFolded(c *canvas, p panel, v pane, r rect, head, edge style) {
	l := area{c, rect{r.x, r.y, r.w, 1}}.line(0)
	l.put(edge, "─").put(head, " "+titleOf(p, v)+" ").right(edge, "─")
	if r.h == 1 {
		l.put(edge, "─ ")
		v.gist(l)
		l.put(text, " ")
	} else if note := v.note(r.w - len(titleOf(p, v)) - 10); note != "" {
		l.right(dim, " "+note+" ")
	}
	c.fill(l.x, r.y, l.left(), "─", edge)
	if r.h > 1 {
		v.draw(area{c, rect{r.x + 1, r.y + 1, r.w - 2, r.h - 1}})
	}
}

// box draws a border with a title at the left and a note at the right.
func box(c *canvas, r rect, name, note string, head, edge style) {
	if r.w < 4 || r.h < 2 {
		return
	}
	right, bottom := r.x+r.w-1, r.y+r.h-1
	c.fill(r.x+1, r.y, r.w-2, frame.Top, edge)
	c.fill(r.x+1, bottom, r.w-2, frame.Bottom, edge)
	for y := r.y + 1; y < bottom; y++ {
		c.fill(r.x, y, 1, frame.Left, edge)
		c.fill(right, y, 1, frame.Right, edge)
	}
	c.fill(r.x, r.y, 1, frame.TopLeft, edge)
	c.fill(right, r.y, 1, frame.TopRight, edge)
	c.fill(r.x, bottom, 1, frame.BottomLeft, edge)
	c.fill(right, bottom, 1, frame.BottomRight, edge)
	l := area{c, rect{r.x + 2, r.y, r.w - 4, 1}}.line(0)
	if name != "" {
		l.put(head, " "+name+" ")
	}
	if note != "" {
		l.gap(1).right(edge&grounds|dim, " "+note+" ")
	}
}
