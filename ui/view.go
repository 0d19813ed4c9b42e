package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// draw is the picture: a pure function of the model.
func (m *model) draw() *canvas {
	c := newCanvas(max(0, m.w), max(0, m.h), m.opt.ASCII)
	if m.w < minWidth || m.h < minHeight {
		m.drawTooSmall(c)
		return c
	}
	if m.run != nil {
		m.drawRunHeader(c)
	} else {
		m.drawHeader(c)
	}
	switch {
	case m.has(ladderMode):
		m.drawLadderView(c)
	case m.run != nil:
		m.drawRun(c)
	default:
		m.drawPanels(c)
	}
	m.drawCaption(c)
	m.drawFooter(c)
	m.drawOverlays(c)
	return c
}

func (m *model) drawTooSmall(c *canvas) {
	words := fmt.Sprintf("the window is %dx%d; sleeptalk needs %dx%d. Resize, or run sleeptalk --plain", m.w, m.h, minWidth, minHeight)
	for i, line := range wrap(words, m.w) {
		c.put(0, i, m.w, line, text)
	}
}

// bottom is the first row under the panels.
func (m *model) bottom() int {
	if m.caption != "" {
		return m.h - 2
	}
	return m.h - 1
}

func (m *model) layout() layout {
	return arrange(m.w, m.h, 1, m.bottom(), m.zoom, m.focus, len(m.deviceFacts()) > 0)
}

func (m *model) drawPanels(c *canvas) {
	l := m.layout()
	for p := devicePanel; p < panels; p++ {
		r := l.at[p]
		if r.h <= 0 {
			continue
		}
		if l.small {
			m.drawFolded(c, p, r)
		} else {
			m.drawBox(c, p, r)
		}
	}
	if m.fold.Banner != nil && (!l.wide || l.at[devicePanel].h == 0) {
		m.drawBannerOver(c)
	}
}

// drawBox draws a panel with its border, its number and a note in the border.
func (m *model) drawBox(c *canvas, p panel, r rect) {
	head, edge := m.frameInks(p)
	box(c, r, fmt.Sprintf("%d %s", p, m.panelName(p)), m.panelNote(p), head, edge)
	m.drawPanel(p, pane{c, r.inset()})
}

// frameInks are those of a panel's title and border: the tour lights up the
// border of the panel that it speaks of.
func (m *model) frameInks(p panel) (head, edge style) {
	switch {
	case m.caption != "" && p == m.captioned:
		return keycap, open
	case p == m.focus:
		return keycap, faint
	}
	return title, faint
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
	l := pane{c, rect{r.x + 2, r.y, r.w - 4, 1}}.line(0)
	if name != "" {
		l.put(head, " "+name+" ")
	}
	if note != "" {
		l.gap(1).right(edge&grounds|dim, " "+note+" ")
	}
}

// drawFolded draws a panel of a small window: a title line with the gist of
// it, and what rows it has under that.
func (m *model) drawFolded(c *canvas, p panel, r rect) {
	head, edge := m.frameInks(p)
	l := pane{c, rect{r.x, r.y, r.w, 1}}.line(0)
	l.put(edge, "─").put(head, fmt.Sprintf(" %d %s ", p, m.panelName(p))).right(edge, "─")
	if r.h == 1 {
		l.put(edge, "─ ")
		m.drawGist(p, l)
		l.put(text, " ")
	} else if note := m.panelNote(p); note != "" {
		l.right(dim, " "+note+" ")
	}
	c.fill(l.x, r.y, l.left(), "─", edge)
	m.drawPanel(p, pane{c, rect{r.x + 1, r.y + 1, r.w - 2, r.h - 1}})
}

func (m *model) drawPanel(p panel, to pane) {
	if to.h <= 0 {
		return
	}
	switch p {
	case devicePanel:
		m.drawDevice(to)
	case timersPanel:
		m.drawTimers(to)
	case timelinePanel:
		m.drawTimeline(to)
	case wakesPanel:
		m.drawWakes(to)
	case callPanel:
		m.drawCall(to)
	case sipPanel:
		m.drawSIP(to)
	}
}

func (m *model) panelNote(p panel) string {
	switch p {
	case devicePanel:
		return m.settingsNote(m.layout().at[p].w - len(" 1 device ") - 8)
	case timelinePanel:
		return m.timelineNote()
	case wakesPanel:
		return m.wakesNote()
	case callPanel:
		return m.callNote()
	case sipPanel:
		return m.sipNote()
	}
	return ""
}

// drawGist says in a few words what a folded panel would show.
func (m *model) drawGist(p panel, l *pen) {
	switch p {
	case devicePanel:
		m.stateGist(l)
	case timersPanel:
		m.timersGist(l)
	case timelinePanel:
		l.put(dim, m.timelineNote())
	case wakesPanel:
		m.wakesGist(l)
	case callPanel:
		l.put(text, m.callNote())
	case sipPanel:
		m.sipGist(l)
	}
}

// drawCaption is the line of the tour.
func (m *model) drawCaption(c *canvas) {
	if m.caption == "" {
		return
	}
	r := rect{0, m.h - 2, m.w, 1}
	c.clear(r, onCard)
	l := pane{c, r}.line(0)
	words, hint := strings.TrimSpace(m.caption), "  esc ends the tour "
	l.put(open|onCard, "▌")
	if ansi.StringWidth(words+hint) <= l.left() {
		l.right(dim|onCard, hint)
	}
	l.put(strong|onCard, words)
}
