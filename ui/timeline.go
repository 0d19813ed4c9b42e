package ui

import (
	"time"
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

// A window is the part of device time that the timeline shows.
type window struct {
	from time.Duration // the beginning of the first column
	per  time.Duration // the length of a column
	cols int
	live bool // whether its last column is now
}

// column is the column of d, which may lie outside.
func (w window) column(d time.Duration) int { return int((d - w.from) / w.per) }

func (w window) start(col int) time.Duration { return w.from + time.Duration(col)*w.per }

// timeline holds the scale and the cursor of the timeline.
type timeline struct {
	scaleAt int           // index in scales; -1: as fits
	cursor  time.Duration // noCursor: it follows
}

// noCursor is the timeline without a cursor.
const noCursor time.Duration = -1

func (t *timeline) bindings() []binding {
	return []binding{
		{id: "in", group: panelGroup, Binding: bind("zoom in", "+"), help: "fewer seconds per column of the timeline", foot: replaying, do: t.scale(-1), idle: "fewer there cannot be"},
		{id: "out", group: panelGroup, Binding: bind("zoom out", "-"), help: "more seconds per column", foot: replaying, do: t.scale(+1), idle: "more there cannot be"},
		{id: "left", group: panelGroup, Binding: bind("earlier", "left"), help: "timeline cursor to the left", foot: replaying, do: t.move(-1), idle: "the log begins here"},
		{id: "right", group: panelGroup, Binding: bind("later", "right"), help: "timeline cursor to the right", foot: replaying, do: t.move(+1), idle: "this is now"},
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

// show moves the cursor to a moment.
func (t *timeline) show(at time.Duration, s situation) {
	per := scales[t.scaleIndex(s.scene, s.cols)]
	t.cursor = max(0, at/per*per)
}

// follow takes the cursor away.
func (t *timeline) follow() { t.cursor = noCursor }

// pointed is the column under the cursor; ok is false without one.
func (t *timeline) pointed(s situation) (p spot, ok bool) {
	w := t.window(s.scene, s.cols)
	col := w.column(t.cursor)
	return spot{from: w.start(col), to: w.start(col + 1), where: "at the cursor"}, t.cursor != noCursor
}

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
