package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A timelineView is the panel.
type timelineView struct {
	scene
	timeline
	line   *picture.Timeline
	wake   *event.WakeRow      // the one to draw where there is no cursor; nil: none
	loss   *event.LossRow      // that is pinned; nil: no call was lost
	events []event.Record      // the last until then, for a zoomed timeline
	cols   int                 // of the panel
	failed *picture.ScriptLine // the line of a scenario that failed; nil: none
}

func (v timelineView) window(n int) window { return v.timeline.window(v.scene, n) }

func (v timelineView) name() string { return "timeline" }

func (v timelineView) gist(l *pen) { l.put(dim, v.note(0)) }

func (v timelineView) note(int) string {
	w := v.window(v.cols)
	per := span(w.per) + " per column"
	switch {
	case v.held() && v.failed != nil:
		return per + " · cursor " + strings.TrimLeft(v.playback.words(), "■▶ ")
	case v.held():
		return per + " · cursor " + strings.TrimLeft(v.playback.words(), "■▶ ") + ", " + event.Clock(v.now-v.cursor.at) + " ago"
	case v.w < wideWidth:
		return per
	}
	return per + " · following"
}

// draw draws the axis, the lanes and, where there is room, the consequences of
// the last wake and a legend.
func (v timelineView) draw(p area) {
	w := v.window(p.w - labelWidth)
	row := 0
	if p.h > 3 {
		v.drawAxis(area{p.c, rect{p.x + labelWidth, p.y, w.cols, 1}}, w)
		row = 1
	}
	foot, gap := 0, 0
	if p.h-row >= len(v.lanes())+2 {
		foot = 2
	}
	if v.loss != nil && p.h-foot >= v.rows() {
		gap = 1
	}
	first, lanes := row, v.lanesFor(p.h-row-foot-gap)
	for _, ln := range lanes {
		p.line(row).cut(labelWidth-1, dim, ln.name)
		ln.draw(v, area{p.c, rect{p.x + labelWidth, p.y + row, w.cols, 1}}, w)
		row++
	}
	if v.loss != nil {
		pin := lossPin{v, v.loss}
		pin.others(p, w, lanes, first)
		pin.draw(p, w, lanes, first)
		if gap > 0 {
			pin.measure(area{p.c, rect{p.x, p.y + row, p.w, 1}}, w)
		}
	}
	v.drawFailed(p, w, first, row)
	v.drawCursor(p, w, first, row)
	if foot > 0 {
		v.drawChain(p.line(p.h - 2))
		v.drawLegend(p.line(p.h - 1))
	}
	if from := row + gap + 1; len(v.events) > 0 && p.h-foot-from >= 3 {
		v.drawEvents(area{p.c, rect{p.x, p.y + from, p.w, p.h - foot - from - 1}})
	}
}

// drawEvents lists what happened last, in the rows that a zoomed timeline has left.
func (v timelineView) drawEvents(p area) {
	p.c.fill(p.x, p.y, p.w, "─", faint)
	p.line(0).gap(2).put(dim, " what happened until then ")
	list := v.events[max(0, len(v.events)-p.h+1):]
	for i := range list {
		r := &list[i]
		what, detail := r.Event.Text()
		l := p.line(1+i).put(dim, v.stamp(r.Device)).gap(2)
		ink := text
		if i == len(list)-1 {
			ink |= strong
		}
		l.put(ink, event.Printable(what)).gap(1).put(dim, middle(event.Printable(detail), l.left()))
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
	if w.live && v.failed == nil {
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

// drawFailed shades the time in which a line of a scenario waited in vain, with a flag at its
// end.
func (v timelineView) drawFailed(p area, w window, first, end int) {
	if v.failed == nil {
		return
	}
	from, to := max(0, w.column(v.failed.From)), w.column(v.failed.To)
	if to < 0 || from >= w.cols {
		return
	}
	p.c.restyle(rect{p.x + labelWidth + from, p.y + first, min(to, w.cols-1) - from + 1, end - first}, func(s style) style { return s&^grounds | onFail })
	if first == 0 || to >= w.cols {
		return
	}
	word := fmt.Sprintf(" line %d: %s gone ▼", v.failed.Line, span(v.failed.To-v.failed.From))
	if v.loss != nil { // its flag is there too
		if free := to - w.column(v.loss.Began); free >= 0 && free <= ansi.StringWidth(word) {
			word = "▼"
		}
	}
	at := max(0, to-ansi.StringWidth(word)+1)
	area{p.c, rect{p.x + labelWidth, p.y + first - 1, w.cols, 1}}.banner(at, word)
}

// drawCursor marks the cursor's column in the lanes, which have the rows from first up to end:
// what comes after it had not happened.
func (v timelineView) drawCursor(p area, w window, first, end int) {
	if !v.held() {
		return
	}
	col := w.column(v.cursor.at)
	x := p.x + labelWidth + col
	if col < w.cols {
		from := max(x+1, p.x+labelWidth)
		p.c.restyle(rect{from, p.y + first, p.x + labelWidth + w.cols - from, end - first}, func(s style) style { return s&inverted | faint })
	}
	if col >= 0 && col < w.cols {
		p.c.restyle(rect{x, p.y, 1, end}, func(s style) style { return s&^(grounds|inverted) | onPast })
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

// drawChain draws the consequences of the wake at the cursor, or else of the
// last one.
//
//	▸ 14:32:06.031 INVITE, 812 B → read 38 ms → 180 sent 124 ms → banner 131 ms  (after the wake)
func (v timelineView) drawChain(l *pen) {
	w := v.chainWake()
	if v.tellsOfLoss(w) {
		lossPin{v, v.loss}.drawChain(l)
		return
	}
	if w == nil {
		if v.held() {
			l.put(dim, "▸ "+v.stamp(v.cursor.at)+"  no wake here")
		}
		return
	}
	chainView{v.scene, v.line}.draw(l, w)
}

// tellsOfLoss reports whether the last thing that counts is a lost call: in the cursor's
// column, or, without one, after the wake that would be told of.
func (v timelineView) tellsOfLoss(w *event.WakeRow) bool {
	switch {
	case v.loss == nil:
		return false
	case v.held():
		win := v.window(v.cols)
		return win.column(v.loss.Began) == win.column(v.cursor.at)
	}
	return w == nil || v.loss.Began > w.At
}

// chainWake is the wake in the cursor's column; without a cursor, the selected
// one, or else the last.
func (v timelineView) chainWake() *event.WakeRow {
	if !v.held() || v.wake == nil {
		return v.wake
	}
	w := v.window(v.cols)
	for i := range v.fold.Wakes {
		if row := &v.fold.Wakes[i]; w.column(row.At) == w.column(v.cursor.at) {
			return row
		}
	}
	return nil
}
