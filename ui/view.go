package ui

import (
	"fmt"
	"slices"
)

// scene returns what every pane may see: the phone as it was at the cursor, if there is one.
func (m *model) scene() scene {
	s := m.whole()
	if t := &m.selections.timeline; t.held() && !m.running() {
		s.fold, s.now = m.history.asOf(m.phone.Log(), t.cursor), t.cursor.at
	}
	return s
}

// whole is the scene of the phone as far as the display goes.
func (m *model) whole() scene {
	return scene{
		fold: &m.history.fold, now: m.clock.now, place: m.opt.Location, glyphs: glyphs{m.opt.ASCII}, legend: m.legend,
		w: m.display.w, h: m.display.h, top: 1, chosen: m.selections.calls.chosen,
	}
}

// phoneNow is the scene of the phone as it is now, paused or not.
func (m *model) phoneNow() scene {
	s := m.whole()
	if m.ahead != nil {
		s.fold, s.now = m.ahead, m.ahead.Now(m.clock.real)
	}
	return s
}

// situation returns what the keys depend on.
func (m *model) situation(key string) situation {
	s := situation{
		scene: m.scene(), phone: m.phoneNow(), whole: m.whole(), mode: m.modes.top(), below: m.modes.below(), base: m.modes.base, key: key, focus: m.desk.focus, zoom: m.desk.zoom,
		verbs: m.verbs, running: m.running(), bottom: m.display.h - 1, inLadder: m.modes.has(ladderMode), paused: m.ahead != nil,
		past: m.selections.timeline.held() && !m.running(), recording: m.replay.on(),
		script: &m.history.script, others: &m.history.others, seen: m.history.seen,
	}
	s.cursor = cursor{at: noCursor}
	if s.past {
		s.cursor = m.selections.timeline.cursor
		s.seen = m.history.recall.instant.Seq
	}
	if m.caption.words != "" {
		s.bottom--
	}
	m.arrange(&s)
	s.listed = s.lists()
	if s.strips(m.modes.all()) {
		s.top, s.phone.top, s.whole.top = 2, 2, 2
		m.arrange(&s)
	}
	s.cols = timelineCols(&s.layout)
	if s.zoom == timelinePanel || s.base == hostMode {
		s.events = m.history.lastEvents(m.phone.Log(), s.seen, s.h)
	}
	return s
}

// arrange lays the panels out under the top.
func (m *model) arrange(s *situation) {
	facts := deviceView{scene: s.scene}.deviceFacts()
	if s.replayed() && s.zoom == noPanel && s.w >= middleWidth && s.h >= middleHeight {
		s.layout = arrangeReplay(rect{0, s.top, s.w, s.bottom - s.top})
		return
	}
	lanes := 0
	if len(s.whole.fold.Losses) > 0 && len(s.rows()) == 0 {
		lanes = m.selections.timelineView(*s, &m.history).rows()
	}
	s.layout = arrange(s.w, s.h, s.top, s.bottom, s.zoom, s.focus, len(facts) > 0, len(s.rows()), s.connected(), lanes)
}

// lists reports whether the panel of the calls has the keys and a line for each of them; of
// one it says in its border who it is.
func (s situation) lists() bool {
	n := len(s.phone.rows())
	h := s.layout.at[callPanel].h
	return s.mode == mainMode && !s.paused && !s.past && h > 0 && (n < 2 || h-2 >= n || s.layout.small && h-1 >= n)
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
	if !s.paused && !s.past { // else it shows what was, and keys are about what is
		st.hints = m.hints(s, p)
	}
	return st
}

// hints are the keys that a panel names, and that are of use.
func (m *model) hints(s situation, p panel) (list []hint) {
	for i := range m.keys {
		if b := &m.keys[i]; slices.Contains(b.shown, p) && b.active(s.mode) && b.useless(s) == "" {
			list = append(list, b.hint(s))
		}
	}
	return list
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
	base := m.base()
	switch {
	case base != nil:
		base.header(c, s)
	case s.running:
		run.header(c)
	case s.recording:
		moves := ""
		if s.past {
			moves = m.selections.timeline.playback.words()
		}
		replayHeader{s, m.replay.name, m.loading(), moves}.draw(c)
	default:
		headerView{s.scene, m.keeper.recording, m.loading(), s.paused, m.behind, m.veil.on(), m.selections.timeline.pastWords(s)}.draw(c)
	}
	switch {
	case s.inLadder:
		m.layers.ladder.draw(c, s)
	case base != nil:
		base.draw(c, s)
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
	if s.top > 1 {
		stripView{s.asItIs(), m.modes.typing(), m.callHints(s)}.draw(c)
	}
	if s.mode&lastLineModes != 0 && m.remark.words != "" { // what is typed stands in its place
		drawRemark(c, s.h-2, &m.remark)
	}
	return c
}

// callHints are the keys of the strip.
func (m *model) callHints(s situation) (list []hint) {
	for i := range m.keys {
		if b := &m.keys[i]; b.about != nil && b.foot != nil && b.active(s.mode) && b.useless(s) == "" {
			list = append(list, b.hint(s))
		}
	}
	return list
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
		v, right := m.selections.pane(p, s, m.stance(p, s), &m.history), 2
		if s.past && p != timelinePanel {
			v = pastPane{v, p}
		}
		if l.small {
			drawFolded(c, p, v, r, head, edge)
			right = 1
		} else {
			drawBox(c, p, v, r, head, edge)
		}
		if was, ok := v.(pastPane); ok && (r.h > 1 || !l.small) {
			was.mark(c, r, right)
		}
	}
	replayView{s, &m.replay, m.selections.pane(sipPanel, s, stance{}, &m.history)}.draw(c)
	if s.fold.Banner != nil && s.top == 1 && (!l.wide || l.at[devicePanel].h == 0) {
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
	if in := r.inset(); in.h > 0 { // as [layout.inside]
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
