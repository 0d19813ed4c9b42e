package ui

import (
	"time"
)

// scales are the lengths of a column that the keys step through.
var scales = []time.Duration{
	50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
}

// How far the timeline widens by itself: up to 20 s per column, so that it
// shows the last keepalives, and in a call, where things happen within
// seconds, up to 5 s on a narrow screen.
const autoFirst, autoCall, autoLast = 4, 6, 8

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
	scaleAt int // index in scales; -1: as fits
	cursor
	playback
}

func (t *timeline) bindings() []binding {
	return []binding{
		{id: "in", group: panelGroup, Binding: bind("zoom in", "+"), help: "less time per column of the timeline", foot: browsing, do: t.scale(-1), idle: "fewer there cannot be"},
		{id: "out", group: panelGroup, Binding: bind("zoom out", "-"), help: "more time per column", foot: browsing, do: t.scale(+1), idle: "more there cannot be"},
		{id: "left", group: panelGroup, modes: mainMode | ladderMode, Binding: bind("earlier", "left"), help: "timeline cursor to the left", foot: replaying, do: t.move(-1), idle: "the log begins here"},
		{id: "right", group: panelGroup, modes: mainMode | ladderMode, Binding: bind("later", "right"), help: "timeline cursor to the right", foot: replaying, do: t.move(+1), idle: "this is now"},
		{id: "event before", group: panelGroup, modes: mainMode | ladderMode, Binding: bind("event", "["), help: "timeline cursor to the event before", foot: t.rests, do: t.steps(false), idle: stepped},
		{id: "event after", group: panelGroup, modes: mainMode | ladderMode, Binding: bind("event", "]"), help: "timeline cursor to the next event", foot: t.rests, do: t.steps(true), idle: stepped},
		{id: "play", group: panelGroup, Binding: bind("play on", "space"), help: "let time pass from the timeline cursor on, and hold it", why: t.present, foot: either(t.rests, replaying), do: t.play, name: t.playLabel},
	}
}

// stepped is said where the event that was gone to is not on the screen.
const stepped = "an event that shows nothing here"

func (t *timeline) scale(step int) func(situation) request {
	return func(s situation) request {
		i := t.scaleIndex(s.whole, s.cols)
		t.scaleAt = max(0, min(len(scales)-1, i+step))
		return nil
	}
}

// rests reports whether a cursor is held, on the main screen.
func (t *timeline) rests(s situation) bool { return s.mode == mainMode && t.held() }

// move moves the cursor by a column, to its end. At the right end it goes away, and the
// timeline follows again.
func (t *timeline) move(step int) func(situation) request {
	return func(s situation) request {
		per := scales[t.scaleIndex(s.whole, s.cols)]
		at := t.cursor.at
		if !t.held() {
			at = s.whole.now
		}
		t.stop()
		t.set(int(at/per)+step, per, s)
		return nil
	}
}

// set moves the cursor to a column, counted from the beginning of the log; beyond the last
// one, the timeline follows.
func (t *timeline) set(col int, per time.Duration, s situation) {
	switch last := int(s.whole.now / per); {
	case col > last:
		t.follow()
	case col == last:
		t.cursor = cursor{at: s.whole.now}
	default:
		t.cursor = columnOf(max(0, col), per)
	}
}

// point moves the cursor to a column that is shown. The one that is now has the timeline follow.
func (t *timeline) point(col int, s situation) {
	w := t.window(s.whole, s.cols)
	if at := int(w.from/w.per) + col; at >= 0 {
		t.stop()
		if at == int(s.whole.now/w.per) {
			at++
		}
		t.set(at, w.per, s)
	}
}

// show moves the cursor to a moment.
func (t *timeline) show(at time.Duration, _ situation) {
	t.stop()
	t.cursor = cursor{at: max(0, at)}
}

// follow takes the cursor away.
func (t *timeline) follow() {
	t.stop()
	t.cursor = cursor{at: noCursor}
}

// pointed is the column under the cursor; ok is false without one.
func (t *timeline) pointed(s situation) (p spot, ok bool) {
	w := t.window(s.whole, s.cols)
	col := w.column(t.cursor.at)
	return spot{from: w.start(col), to: w.start(col + 1), at: t.cursor.at, where: "at the cursor"}, t.held()
}

// window is what a timeline of n columns shows.
func (t *timeline) window(s scene, n int) window {
	n = max(1, n)
	w := window{per: scales[t.scaleIndex(s, n)], cols: n, live: true}
	last := s.now / w.per
	if t.held() {
		at := t.cursor.at / w.per
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
