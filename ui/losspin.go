package ui

import (
	"slices"
	"strconv"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A lossPin draws a lost call through all lanes of the timeline: how far it came, and where
// it was cut.
//
//	                     LOST HERE 14:24:41 ▼
//	app       ····························┊····
//	network   wi-fi ═══╳ NAT forgets ╌╌╌╌╌╳╌╌╌
//	reg       ╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶╶│╶╶╶
//	          ├ 240 s silent ┤ unreachable 03:34 ┘
type lossPin struct {
	timelineView
	loss *event.LossRow
}

// others draws the pins of the other lost calls, with a point for a flag.
func (v lossPin) others(p area, w window, lanes []lane, first int) {
	for i := range v.fold.Losses {
		l := &v.fold.Losses[i]
		if col := w.column(l.Began); keyOf(l) != keyOf(v.loss) && col >= 0 && col < w.cols {
			lossPin{v.timelineView, l}.stick(p, w, lanes, first)
			if first > 0 {
				area{p.c, rect{p.x + labelWidth, p.y + first - 1, w.cols, 1}}.banner(col, "▼")
			}
		}
	}
}

// draw draws the pin into the lanes, which begin at a row of p, and the flag above them.
func (v lossPin) draw(p area, w window, lanes []lane, first int) {
	col := w.column(v.loss.Began)
	if col < 0 || col >= w.cols {
		return
	}
	v.stick(p, w, lanes, first)
	if first > 0 {
		v.flag(area{p.c, rect{p.x + labelWidth, p.y + first - 1, w.cols, 1}}, col)
	}
}

// stick draws the pin without a flag. What woke the app in its column, or was shown, stays to
// be seen.
func (v lossPin) stick(p area, w window, lanes []lane, first int) {
	col := w.column(v.loss.Began)
	cut := slices.IndexFunc(lanes, func(l lane) bool { return l.name == picture.CutLane(v.loss.Where) })
	if cut < 0 {
		cut = len(lanes) - 1
	}
	x := p.x + labelWidth + col
	woke := len(picture.Between(v.line.Wakes, w.start(col), w.start(col+1))) > 0
	for i := range lanes {
		glyph, ink := "┊", fault
		switch name := lanes[i].name; {
		case i != cut && (name == "wake" || name == "notify" || name == "app" && woke) && p.c.at(x, p.y+first+i) != " ":
			p.c.restyle(rect{x, p.y + first + i, 1, 1}, func(s style) style { return s | strong })
			continue
		case i == cut:
			glyph, ink = "╳", fault|inverted
		case i > cut:
			glyph = "│"
		}
		p.c.fill(x, p.y+first+i, 1, glyph, ink)
	}
}

// lostFlag marks where a call was lost, or is likely to be.
func lostFlag(l *event.LossRow) string {
	if l.Certain() {
		return "LOST HERE"
	}
	return "LOST HERE?"
}

// flag is the word above the pin.
func (v lossPin) flag(p area, col int) {
	word := lostFlag(v.loss) + " "
	left := " " + word + v.clock(v.loss.Began) + " ▼"
	n := ansi.StringWidth(left)
	if at := col - n + 1; at >= 0 {
		p.banner(at, left)
		return
	}
	p.banner(col, "▼ "+word+v.clock(v.loss.Began)+" ")
}

// banner writes a flag over the axis. Of a time of day that it would cut nothing is left.
func (p area) banner(col int, words string) {
	for at := col - 1; at >= 0 && p.c.at(p.x+at, p.y) != " "; at-- {
		p.c.fill(p.x+at, p.y, 1, " ", text)
	}
	for at := col + ansi.StringWidth(words); at < p.w && p.c.at(p.x+at, p.y) != " "; at++ {
		p.c.fill(p.x+at, p.y, 1, " ", text)
	}
	p.c.put(p.x+col, p.y, p.x+p.w, words, text|strong|onLate)
}

// measure is the row below the lanes: for how long nothing had passed when the phone was cut
// off, and for how long it was cut off when it was called.
func (v lossPin) measure(p area, w window) {
	at := w.column(v.loss.Began)
	if v.loss.Cause == 0 || at <= 0 || at >= w.cols {
		return
	}
	cut := w.column(v.loss.CutAt)
	x := func(col int) int { return p.x + labelWidth + col }
	gone := "unreachable " + event.Clock(v.loss.Began-v.loss.CutAt)
	v.span(p, x(max(0, cut)), x(at), gone, "┘", fault)
	if c := picture.SilentBefore(v.fold, v.loss.Cause); c > 0 && cut > 0 {
		from := w.column(v.loss.CutAt - c)
		v.span(p, x(max(0, from)), x(cut), seconds(c)+" silent", "┤", dim)
		if from >= 0 {
			p.c.fill(x(from), p.y, 1, "├", dim)
		}
	}
}

// span is a line from one column up to another, with a word in it where there is room.
func (v lossPin) span(p area, from, to int, word, end string, ink style) {
	p.c.fill(from, p.y, max(0, to-from), "─", ink)
	p.c.fill(to, p.y, 1, end, ink)
	if n := ansi.StringWidth(word) + 2; n < to-from {
		p.c.put(from+(to-from-n)/2+1, p.y, to, " "+word+" ", ink)
	} else if n := ansi.StringWidth(word) + 1; from == to || n >= to-from { // beside it, where that is free
		p.line(0).gap(to+2-p.x).whole(ink, word)
	}
}

// far is the lane of the caller, as far as they are known: it rang there, and then it was over.
func (v lossPin) far(p area, w window) {
	end := min(picture.CallerOver(v.loss), v.now)
	from, to := w.column(v.loss.Began), w.column(end)
	for col := max(0, from); col <= min(to, w.cols-1); col++ {
		v.put(p, col, picture.Ring)
	}
	if !v.loss.Waits && to >= 0 && to < w.cols {
		v.put(p, min(to+1, w.cols-1), picture.Lost)
		p.line(0).gap(min(to+3, w.cols)).whole(fault|strong, statusWord(v.loss))
	}
}

func statusWord(l *event.LossRow) string {
	if l.Status != 0 {
		return strconv.Itoa(l.Status)
	}
	return "gave up"
}

// drawChain is how far the call came.
//
//	▸ 14:24:41.207 bob ✓ → server ✓ → link ╳ → app −  Bob got 408
func (v lossPin) drawChain(l *pen) {
	l.put(open, "▸ ").put(strong, v.stamp(v.loss.Began)).gap(1).put(text, orCaller(v.loss.From)).put(talk, " ✓")
	reached := slices.Index(event.Places(), v.loss.Where)
	for i, place := range event.Places() {
		l.put(dim, " → ")
		switch {
		case i == reached:
			l.put(fault|strong, string(place)+" ╳")
		case i < reached:
			l.put(text, string(place)).put(talk, " ✓")
		default:
			l.put(dim, string(place)+" −")
		}
	}
	l.gap(2).put(fault, lossOutcome(v.loss))
	if v.loss.After > 0 {
		l.whole(dim, " after "+span(v.loss.After.D()))
	}
}

func orCaller(name string) string {
	if name == "" {
		return "caller"
	}
	return name
}
