package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// scales are the lengths of a column that the keys step through.
var scales = []time.Duration{
	500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
}

// How far the timeline widens by itself: up to 20 s per column, so that it
// shows the last keepalives, and in a call, where things happen within
// seconds, up to 5 s on a narrow screen.
const autoFirst, autoCall, autoLast = 1, 3, 5

// labelWidth is the column in which the lanes begin.
const labelWidth = 8

// A window is the part of the tape that the timeline shows.
type window struct {
	from time.Duration // the beginning of the first column
	per  time.Duration // the length of a column
	cols int
	live bool // whether its last column is now
}

// column is the column of d, which may lie outside.
func (w window) column(d time.Duration) int { return int((d - w.from) / w.per) }

func (w window) start(col int) time.Duration { return w.from + time.Duration(col)*w.per }

// window is what a timeline of n columns shows.
func (m *model) window(n int) window {
	n = max(1, n)
	w := window{per: scales[m.scaleIndex(n)], cols: n, live: true}
	last := m.now / w.per
	if m.cursor != noCursor {
		at := m.cursor / w.per
		if at <= last-time.Duration(n) {
			last, w.live = at+time.Duration(n/2), false
		}
	}
	w.from = (last - time.Duration(n) + 1) * w.per
	return w
}

func (m *model) scaleIndex(cols int) int {
	if m.scaleAt >= 0 {
		return m.scaleAt
	}
	i, limit := autoFirst, autoLast
	if c := m.fold.Call(); c != nil && c.Connected() && m.w < wideWidth {
		limit = autoCall
	}
	for i < limit && scales[i]*time.Duration(cols) <= m.now {
		i++
	}
	return i
}

// timelineCols is how many columns the timeline has in the present layout.
func (m *model) timelineCols() int {
	l := m.layout()
	r := l.at[timelinePanel]
	if l.small {
		return max(1, r.w-2-labelWidth)
	}
	return max(1, r.w-4-labelWidth)
}

func (m *model) timelineNote() string {
	w := m.window(m.timelineCols())
	per := span(w.per) + " per column"
	switch {
	case m.w < wideWidth:
		return per
	case !w.live:
		return per + " · at " + m.clock(m.cursor)
	}
	return per + " · following"
}

func scale(step int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		i := m.scaleIndex(m.timelineCols())
		m.scaleAt = max(0, min(len(scales)-1, i+step))
		return nil
	}
}

// cursor moves the cursor by a column. At the right end it goes away, and the
// timeline follows again.
func cursor(step int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		per := scales[m.scaleIndex(m.timelineCols())]
		at := m.cursor
		if at == noCursor {
			at = m.now
		}
		at = at/per*per + time.Duration(step)*per
		switch {
		case at > m.now:
			m.cursor = noCursor
		default:
			m.cursor = max(0, at)
		}
		return nil
	}
}

// A lane is a row of the timeline.
type lane struct {
	name string
	draw func(m *model, p pane, w window)
	rank int // those of a low rank stay where there is little room
}

// lanes are those that have something to say: only a device that dozes has one
// for that, and only a phone whose network has changed one for the network.
func (m *model) lanes() []lane {
	list := []lane{
		{"app", (*model).laneApp, 10},
		{"idle", (*model).laneIdle, 30},
		{"wake", (*model).laneWake, 20},
		{"notify", (*model).laneNotify, 60},
		{"socket", (*model).laneSocket, 40},
		{"reg", (*model).laneBound, 80},
		{"call", (*model).laneCall, 50},
		{"audio", (*model).laneAudio, 70},
	}
	if len(m.line.Joined.Runs)+len(m.line.Broken.Runs) > 0 {
		list = append(list, lane{"network", (*model).laneNetwork, 65})
	}
	if len(m.line.Pushes) > 0 {
		list[3].rank = 35 // the pushes are in it
	}
	if len(m.line.Idle.Runs) == 0 {
		return slices.Delete(list, 1, 2)
	}
	return list
}

// lanesFor are the lanes that n rows have room for, the most telling ones.
func (m *model) lanesFor(n int) []lane {
	list := m.lanes()
	for len(list) > max(0, n) {
		last := slices.MaxFunc(list, func(a, b lane) int { return a.rank - b.rank })
		list = slices.DeleteFunc(list, func(l lane) bool { return l.rank == last.rank })
	}
	return list
}

// drawTimeline draws the axis, the lanes and, where there is room, what the
// last wake led to and what the glyphs mean.
func (m *model) drawTimeline(p pane) {
	w := m.window(p.w - labelWidth)
	row := 0
	if p.h > 3 {
		m.drawAxis(pane{p.c, rect{p.x + labelWidth, p.y, w.cols, 1}}, w)
		row = 1
	}
	foot := 0
	if p.h-row >= len(m.lanes())+2 {
		foot = 2
	}
	for _, ln := range m.lanesFor(p.h - row - foot) {
		p.line(row).put(dim, ln.name)
		ln.draw(m, pane{p.c, rect{p.x + labelWidth, p.y + row, w.cols, 1}}, w)
		row++
	}
	m.drawCursor(p, w, row)
	if foot > 0 {
		m.drawChain(p.line(p.h - 2))
		m.drawLegend(p.line(p.h - 1))
	}
}

// drawAxis writes times of day at round times, a dozen columns apart.
func (m *model) drawAxis(p pane, w window) {
	step := axisStep(w.per * 12)
	layout := "15:04"
	if step < time.Minute {
		layout = "15:04:05"
	}
	end := w.cols
	if w.live {
		p.line(0).right(dim, "now")
		end -= 5
	}
	first := m.day(max(0, w.from))
	at := first.Truncate(step)
	for at.Before(first) {
		at = at.Add(step)
	}
	for ; ; at = at.Add(step) {
		col := int(at.Sub(m.day(w.from)) / w.per)
		if col+len(layout) > end {
			return
		}
		p.line(0).gap(col).put(dim, at.Format(layout))
	}
}

// axisStep is the next round time that is not shorter than d.
func axisStep(d time.Duration) time.Duration {
	for _, s := range []int{5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200} {
		if step := time.Duration(s) * time.Second; step >= d {
			return step
		}
	}
	return 24 * time.Hour
}

// drawCursor marks the cursor's column in every lane.
func (m *model) drawCursor(p pane, w window, rows int) {
	if m.cursor == noCursor {
		return
	}
	if col := w.column(m.cursor); col >= 0 && col < w.cols {
		p.c.restyle(rect{p.x + labelWidth + col, p.y, 1, rows}, func(s style) style { return s | inverted })
	}
}

func (m *model) drawLegend(l *pen) {
	g := m.glyphs
	l.put(dim, "woken for ").put(text, span(m.fold.Woken(m.now))).put(dim, " of "+span(m.now)).gap(3)
	sign := func(s picture.Sign, words string) { l.whole(inkOf(s.Ink()), g.of(s)).whole(dim, words) }
	state := func(s event.Lifecycle, words string) {
		glyph, ink := g.state(s)
		l.whole(ink, glyph).whole(dim, words)
	}
	if len(m.line.Idle.Runs) > 0 {
		state(event.Awake, " woken ")
		state(event.Suspended, " suspended ")
		sign(picture.LightIdle, " light idle ")
		sign(picture.DeepIdle, " deep idle ")
		sign(picture.Maintenance, " window")
		return
	}
	state(event.Foreground, " open ")
	state(event.Entering, " grace ")
	state(event.Suspended, " suspended ")
	state(event.Awake, " woken ")
	sign(picture.Lost, " lost")
}
