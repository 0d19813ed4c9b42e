package ui

import (
	"fmt"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A ladderView is what is drawn of the ladder, a row a rung. The app's lifeline is the
// ribbon of its state, so that one sees what came while it slept.
//
//	                bob        pbx.example.test   link  kernel   app
//	14:24:41.206  │── INVITE ──▶│                  │       │       ·
//	      +1.2 ms │             │── INVITE ────────╳  LOST HERE    ·
//	        03:34 ┊             ┊                  ┊       ┊       · 03:34
type ladderView struct {
	scene
	*ladder
	cursor cursor // of the timeline
	rows   []picture.Row
	sel    int // the index of the selected row; -1: the newest
}

// ladderShape has the columns of the parts of a ladder.
type ladderShape struct {
	time int                   // the end of the times
	at   [picture.Stations]int // of each lifeline; 0: it is folded
	note int                   // where the notes begin
}

// The widths from which on a ladder has all its lifelines, and wide times.
const (
	unfoldedWidth = 64
	wideTimes     = 48
)

// shapeFor is the shape of a ladder of w columns. far says that somebody else is in it.
func shapeFor(w int, far bool) ladderShape {
	s := ladderShape{time: 8}
	if w >= wideTimes {
		s.time = 12
	}
	left, notes := s.time+1, 6
	if w >= wideTimes {
		notes = 8
	}
	right := w - 1 - notes
	s.note = right + 2
	part := func(percent int) int { return left + (right-left)*percent/100 }
	s.at[picture.App] = right
	switch {
	case w < unfoldedWidth:
		s.at[picture.Server], s.at[picture.Link] = left, part(55)
	case far:
		s.at[picture.Far], s.at[picture.Server], s.at[picture.Link], s.at[picture.Kernel] = left, part(29), part(57), part(75)
	default:
		s.at[picture.Server], s.at[picture.Link], s.at[picture.Kernel] = left, part(46), part(74)
	}
	return s
}

func (v ladderView) draw(p area) {
	far := event.Printable(picture.Others(v.rows))
	shape := shapeFor(p.w, far != "")
	v.drawHead(p, shape, far)
	body := area{p.c, rect{p.x, p.y + 1, p.w, p.h - 1}}
	if len(v.rows) == 0 {
		body.line(1).put(dim, unless(!v.filter.Everything() || len(v.calls.chosen) > 0, "no messages yet"))
		body.line(1).put(dim, unless(v.filter.Everything(), "nothing passes the filter "+v.filter.String()))
		return
	}
	last := lastShown(len(v.rows), v.sel, body.h)
	if v.cursor.held() && v.sel < 0 { // nothing has happened yet
		last = min(len(v.rows), body.h) - 1
	}
	first := max(0, last-body.h+1)
	for i := first; i <= last; i++ {
		rungPen{v, shape, area{body.c, rect{body.x, body.y + i - first, body.w, 1}}, &v.rows[i]}.draw(i == first, i == v.sel)
		if v.toCome(&v.rows[i]) {
			body.c.fade(rect{body.x, body.y + i - first, body.w, 1})
		}
	}
}

// toCome reports whether a row has not happened at the cursor of the timeline.
func (v ladderView) toCome(r *picture.Row) bool {
	if r.Rung == nil {
		return v.cursor.before(r.Before, 0)
	}
	return v.cursor.before(r.At, r.Seq)
}

// drawHead names the lifelines.
func (v ladderView) drawHead(p area, s ladderShape, far string) {
	names := [picture.Stations]string{
		picture.App: v.me(), picture.Kernel: "kernel", picture.Link: "link", picture.Far: far,
		picture.Server: event.Printable(hostOf(v.history.rungs.Remote)),
	}
	before := 0
	for st := picture.Stations - 1; st >= picture.App; st-- {
		x := s.at[st]
		if x == 0 {
			continue
		}
		end := p.w
		if next := v.next(s, st); next > 0 {
			end = (x + next) / 2
		}
		name := middle(names[st], max(1, end-before-1))
		at := max(before, min(x-ansi.StringWidth(name)/2, p.w-ansi.StringWidth(name)))
		p.c.put(p.x+at, p.y, p.x+p.w, name, strong)
		before = at + ansi.StringWidth(name) + 1
	}
}

// next is the column of the lifeline right of one; 0: there is none.
func (v ladderView) next(s ladderShape, st picture.Station) int {
	for st--; st >= picture.App; st-- {
		if s.at[st] > 0 {
			return s.at[st]
		}
	}
	return 0
}

// hostOf is the host of an address.
func hostOf(address string) string {
	if host, _, ok := cutLast(address, ':'); ok {
		return host
	}
	return address
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == sep {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// when is the time of a row.
func (v ladderView) when(r *picture.Row, first bool) (string, style) {
	ink := dim
	switch {
	case r.Rung == nil:
		return "+" + delay(r.Lasted), faint
	case r.Ink == picture.Fault:
		ink = fault
	}
	switch {
	case v.times == sinceTimes:
		return event.Clock(r.At-v.rows[0].At) + fmt.Sprintf(".%03d", (r.At-v.rows[0].At)/time.Millisecond%1000), ink
	case v.times == deltaTimes && !first && r.At-r.Before < time.Second:
		return "+" + delay(r.At-r.Before), ink
	case r.Kind == picture.RungCut && r.Lost():
		return v.stamp(r.At), fault | strong
	}
	return v.stamp(r.At), ink
}
