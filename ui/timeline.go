package ui

import (
	"slices"
	"time"

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

// timeline is how the timeline is looked at.
type timeline struct {
	scaleAt int           // index in scales; -1: as fits
	cursor  time.Duration // noCursor: it follows
}

// noCursor is the timeline without a cursor.
const noCursor time.Duration = -1

func (t *timeline) bindings() []binding {
	return []binding{
		{id: "in", group: panelGroup, Binding: bind("zoom in", "+"), help: "fewer seconds per column of the timeline", foot: replaying, do: t.scale(-1)},
		{id: "out", group: panelGroup, Binding: bind("zoom out", "-"), help: "more seconds per column", foot: replaying, do: t.scale(+1)},
		{id: "left", group: panelGroup, Binding: bind("earlier", "left"), help: "timeline cursor to the left", foot: replaying, do: t.move(-1)},
		{id: "right", group: panelGroup, Binding: bind("later", "right"), help: "timeline cursor to the right", foot: replaying, do: t.move(+1)},
	}
}

func (t *timeline) scale(step int) func(situation) request {
	return func(s situation) request {
		i := t.scaleIndex(s.scene, s.cols)
		t.scaleAt = max(0, min(len(scales)-1, i+step))
		return nil
	}
}

// move moves the cursor by a column. At the right end it goes away, and the
// timeline follows again.
func (t *timeline) move(step int) func(situation) request {
	return func(s situation) request {
		per := scales[t.scaleIndex(s.scene, s.cols)]
		at := t.cursor
		if at == noCursor {
			at = s.now
		}
		at = at/per*per + time.Duration(step)*per
		if t.cursor = max(0, at); at > s.now {
			t.follow()
		}
		return nil
	}
}

// follow takes the cursor away.
func (t *timeline) follow() { t.cursor = noCursor }

// pointed is the column under the cursor; ok is false without one.
func (t *timeline) pointed(s situation) (p spot, ok bool) {
	w := t.window(s.scene, s.cols)
	col := w.column(t.cursor)
	return spot{from: w.start(col), to: w.start(col + 1), where: "at the cursor"}, t.cursor != noCursor
}

// A timelineView is the panel.
type timelineView struct {
	scene
	timeline
	line *picture.Timeline
	wake *event.WakeRow // the one that is told of where there is no cursor; nil: none
	cols int            // of the panel
}

func (v timelineView) window(n int) window { return v.timeline.window(v.scene, n) }

// window is what a timeline of n columns shows.
func (t *timeline) window(s scene, n int) window {
	n = max(1, n)
	w := window{per: scales[t.scaleIndex(s, n)], cols: n, live: true}
	last := s.now / w.per
	if t.cursor != noCursor {
		at := t.cursor / w.per
		if at <= last-time.Duration(n) {
			last, w.live = at+time.Duration(n/2), false
		}
	}
	w.from = (last - time.Duration(n) + 1) * w.per
	return w
}

func (t *timeline) scaleIndex(s scene, cols int) int {
	if t.scaleAt >= 0 {
		return t.scaleAt
	}
	i, limit := autoFirst, autoLast
	if c := s.fold.Call(); c != nil && c.Connected() && s.w < wideWidth {
		limit = autoCall
	}
	for i < limit && scales[i]*time.Duration(cols) <= s.now {
		i++
	}
	return i
}

func (v timelineView) name() string { return "timeline" }

func (v timelineView) gist(l *pen) { l.put(dim, v.note(0)) }

func (v timelineView) note(int) string {
	w := v.window(v.cols)
	per := span(w.per) + " per column"
	switch {
	case v.w < wideWidth:
		return per
	case !w.live:
		return per + " · at " + v.clock(v.cursor)
	}
	return per + " · following"
}

// A lane is a row of the timeline.
type lane struct {
	name string
	draw func(v timelineView, p area, w window)
	rank int // those of a low rank stay where there is little room
}

// lanes are those that have something to say: only a device that dozes has one
// for that, and only a phone whose network has changed one for the network.
func (v timelineView) lanes() []lane {
	list := []lane{
		{"app", timelineView.laneApp, 10},
		{"idle", timelineView.laneIdle, 30},
		{"wake", timelineView.laneWake, 20},
		{"notify", timelineView.laneNotify, 60},
		{"socket", timelineView.laneSocket, 40},
		{"reg", timelineView.laneBound, 80},
		{"call", timelineView.laneCall, 50},
		{"audio", timelineView.laneAudio, 70},
	}
	if len(v.line.Joined.Runs)+len(v.line.Broken.Runs) > 0 {
		list = append(list, lane{"network", timelineView.laneNetwork, 65})
	}
	if len(v.line.Pushes) > 0 {
		list[3].rank = 35 // the pushes are in it
	}
	if len(v.line.Idle.Runs) == 0 {
		return slices.Delete(list, 1, 2)
	}
	return list
}

// lanesFor are the lanes that n rows have room for, the most telling ones.
func (v timelineView) lanesFor(n int) []lane {
	list := v.lanes()
	for len(list) > max(0, n) {
		last := slices.MaxFunc(list, func(a, b lane) int { return a.rank - b.rank })
		list = slices.DeleteFunc(list, func(l lane) bool { return l.rank == last.rank })
	}
	return list
}

// draw draws the axis, the lanes and, where there is room, what the
// last wake led to and what the glyphs mean.
func (v timelineView) draw(p area) {
	w := v.window(p.w - labelWidth)
	row := 0
	if p.h > 3 {
		v.drawAxis(area{p.c, rect{p.x + labelWidth, p.y, w.cols, 1}}, w)
		row = 1
	}
	foot := 0
	if p.h-row >= len(v.lanes())+2 {
		foot = 2
	}
	for _, ln := range v.lanesFor(p.h - row - foot) {
		p.line(row).put(dim, ln.name)
		ln.draw(v, area{p.c, rect{p.x + labelWidth, p.y + row, w.cols, 1}}, w)
		row++
	}
	v.drawCursor(p, w, row)
	if foot > 0 {
		v.drawChain(p.line(p.h - 2))
		v.drawLegend(p.line(p.h - 1))
	}
}

// drawAxis writes times of day at round times, a dozen columns apart.
func (v timelineView) drawAxis(p area, w window) {
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
	first := v.day(max(0, w.from))
	at := first.Truncate(step)
	for at.Before(first) {
		at = at.Add(step)
	}
	for ; ; at = at.Add(step) {
		col := int(at.Sub(v.day(w.from)) / w.per)
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
func (v timelineView) drawCursor(p area, w window, rows int) {
	if v.cursor == noCursor {
		return
	}
	if col := w.column(v.cursor); col >= 0 && col < w.cols {
		p.c.restyle(rect{p.x + labelWidth + col, p.y, 1, rows}, func(s style) style { return s | inverted })
	}
}

func (v timelineView) drawLegend(l *pen) {
	g := v.glyphs
	l.put(dim, "woken for ").put(text, span(v.fold.Woken(v.now))).put(dim, " of "+span(v.now)).gap(3)
	sign := func(s picture.Sign, words string) { l.whole(inkOf(s.Ink()), g.of(s)).whole(dim, words) }
	state := func(s event.Lifecycle, words string) {
		glyph, ink := g.state(s)
		l.whole(ink, glyph).whole(dim, words)
	}
	if len(v.line.Idle.Runs) > 0 {
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

// drawChain is what the wake at the cursor, or else the last one, led to.
//
//	▸ 14:32:06.031 INVITE, 812 B → awake 38 ms → 180 sent 124 ms → banner 131 ms
func (v timelineView) drawChain(l *pen) {
	w := v.chainWake()
	if w == nil {
		if v.cursor != noCursor {
			l.put(dim, "▸ "+v.clock(v.cursor)+"  no wake here")
		}
		return
	}
	chainView{v.scene, v.line}.draw(l, w)
}

// chainWake is the wake in the cursor's column; without a cursor, the selected
// one, or else the last.
func (v timelineView) chainWake() *event.WakeRow {
	if v.cursor == noCursor || v.wake == nil {
		return v.wake
	}
	w := v.window(v.cols)
	for i := range v.fold.Wakes {
		if row := &v.fold.Wakes[i]; w.column(row.At) == w.column(v.cursor) {
			return row
		}
	}
	return nil
}
