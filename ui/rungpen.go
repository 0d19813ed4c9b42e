package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A rungPen draws a row of the ladder.
type rungPen struct {
	ladderView
	shape ladderShape
	p     area
	row   *picture.Row
}

// draw draws the row: its time, the lifelines, what passed between them, and notes.
func (r rungPen) draw(first, selected bool) {
	if selected {
		r.p.c.put(r.p.x-1, r.p.y, r.p.x, "▌", open)
	}
	l := r.p.line(0)
	l.end = min(l.end, l.start+r.shape.time)
	when, ink := r.when(r.row, first)
	if ansi.StringWidth(when) > r.shape.time && strings.HasSuffix(when, when[max(0, len(when)-4):]) && len(when) > 8 {
		when = when[:8] // to the second
	}
	l.right(ink, when)
	r.lifelines()
	r.notes()
	if r.row.Rung == nil {
		return
	}
	if r.marked() {
		r.p.c.fill(r.p.x+r.shape.time, r.p.y, 1, "●", open)
	}
	r.rung()
}

func (r rungPen) marked() bool {
	for _, seq := range r.marks {
		if seq == r.row.Seq {
			return true
		}
	}
	return false
}

// x is the column of a lifeline on the screen; of one that is folded, that of its neighbour.
func (r rungPen) x(s picture.Station) int {
	switch at := r.shape.at[s]; {
	case at > 0:
		return r.p.x + at
	case s == picture.Kernel:
		return r.x(picture.App)
	}
	return r.x(picture.Server)
}

// lifelines are dotted where nothing passed. The link's is broken while it has forgotten the
// phone.
func (r rungPen) lifelines() {
	line := "│"
	if r.row.Rung == nil {
		line = "┊"
	}
	for s := picture.Kernel; s < picture.Stations; s++ {
		if at := r.shape.at[s]; at > 0 {
			glyph, ink := line, faint
			switch {
			case s == picture.Link && r.row.LostSince:
				glyph, ink = "╎", fault
			case s == picture.Kernel && r.row.Holding:
				glyph, ink = "▐", woken
			}
			r.p.c.fill(r.p.x+at, r.p.y, 1, glyph, ink)
		}
	}
	glyph, ink := r.glyphs.state(r.row.State)
	if r.row.State == "" {
		glyph = line
	}
	r.p.c.fill(r.x(picture.App), r.p.y, 1, glyph, ink)
}

// notes are right of the app: why it woke, for how long it slept, what the user did.
func (r rungPen) notes() {
	l := r.p.line(0)
	l.x = r.p.x + r.shape.note
	if r.row.Rung == nil {
		if r.row.Asleep > 0 {
			l.put(dim, span(r.row.Asleep))
		}
		return
	}
	if r.row.Letter != "" {
		l.put(woken|strong, r.row.Letter)
	}
	if r.row.Hand != "" {
		l.put(dim, r.row.Hand)
	}
	if r.row.LostHere && r.row.To == picture.App && r.row.Kind == picture.RungMessage {
		l.put(text|strong|onLate, " LOST ")
	}
	switch r.row.Kind {
	case picture.RungCard:
		l.put(inkOf(r.row.Sign.Ink()), r.glyphs.of(r.row.Sign))
	case picture.RungSocket:
		if r.row.Ink == picture.Bright {
			l.put(dim, r.row.PortWord())
		}
	}
}

// rung draws what passed.
func (r rungPen) rung() {
	f := r.row.Figure()
	if r.row.Kind == picture.RungFar && r.shape.at[picture.Far] == 0 {
		r.toldFar()
		return
	}
	if f.From != f.To {
		r.arrow(&f)
	}
	if f.Cut {
		r.p.c.fill(r.x(picture.Link), r.p.y, 1, "╳", fault|inverted)
	}
	if f.Held && r.shape.at[picture.Kernel] > 0 {
		r.p.c.fill(r.x(picture.Kernel), r.p.y, 1, "▐", woken)
	}
	r.besides(&f)
}

// toldFar is a message of somebody whose lifeline is folded, in words.
func (r rungPen) toldFar() {
	g := r.row.Rung
	words := event.Printable(g.Far.Who) + " ▶ "
	if g.To == picture.Far {
		words = event.Printable(g.Far.Who) + " ◀ "
	}
	l := r.from(picture.Server)
	l.end = min(l.end, r.x(picture.App)-1)
	l.put(dim, words).put(text, strings.TrimSuffix(g.Title, " (SDP)"))
}

// arrow is a line from one lifeline to another with its name in it, up to where it was cut.
func (r rungPen) arrow(f *picture.Figure) {
	from, to, ink, shaft := r.x(f.From), r.x(f.To), inkOf(f.Ink), "─"
	if r.row.Kind == picture.RungMessage || r.row.Kind == picture.RungFar {
		ink = r.arrowInk(f.Ink)
	}
	if f.Double {
		shaft = "═"
	}
	if f.Cut {
		to = r.x(picture.Link)
	}
	if r.row.Released && r.shape.at[picture.Kernel] == 0 {
		from = r.x(picture.Link)
	}
	a, z := min(from, to)+1, max(from, to)
	if z <= a {
		return
	}
	r.p.c.fill(a, r.p.y, z-a, shaft, ink)
	r.crossings(a, z, ink)
	r.label(a, z, f.Label.Text, wordInk(f.Label))
	if !f.Cut {
		r.head(f.To, f.To > f.From, ink)
	}
	if f.Both {
		r.head(f.From, f.From > f.To, ink)
	}
}

// arrowInk is the colour of a message.
func (r rungPen) arrowInk(byWay picture.Ink) style {
	g := r.row.Rung
	switch {
	case byWay == picture.Fault || byWay == picture.Woken:
		return inkOf(byWay)
	case r.colours == callColours:
		if d := r.history.dialogs.Of(g.Message.CallID); d != nil {
			return [...]style{open, talk, banner, woken, grace}[d.N%5]
		}
		return dim
	case r.colours == answerColours:
		return answerInk(g.Message.Status)
	}
	return inkOf(byWay)
}

// wordInk is the style of words.
func wordInk(w picture.Word) style {
	switch ink := inkOf(w.Ink); {
	case w.Strong && w.Ink == picture.Text:
		return strong
	case w.Strong:
		return ink | strong
	default:
		return ink
	}
}

// besides are the words beside a lifeline.
func (r rungPen) besides(f *picture.Figure) {
	if f.Beside == picture.App {
		r.atApp(f.Left.Text, wordInk(f.Left))
		return
	}
	at, end := r.x(f.Beside), r.x(picture.App)-1
	if f.Held || r.row.Kind == picture.RungCut {
		end++
	}
	if f.Beside == picture.Kernel && r.shape.at[picture.Kernel] == 0 {
		r.atApp(f.Right[0].Text, wordInk(f.Right[0]))
		return
	}
	if n := ansi.StringWidth(f.Left.Text); n > 0 && at-n-1 > r.x(picture.Server) {
		r.p.c.put(at-n-1, r.p.y, at-1, f.Left.Text, wordInk(f.Left))
	}
	x := at + 2
	if f.LostHere {
		x = r.p.c.put(x, r.p.y, end, " "+f.Lost()+" ", text|strong|onLate)
	}
	for _, w := range f.Right {
		words := w.Text
		if f.Held && ansi.StringWidth(words) > end-x {
			words, _, _ = strings.Cut(words, ",")
		}
		x = r.p.c.put(x, r.p.y, end, words, wordInk(w))
	}
}

// answerInk is the colour of a class of answers (RFC 3261 §7.2).
func answerInk(status int) style {
	switch {
	case status == 0:
		return open
	case status < 200:
		return dim
	case status < 300:
		return talk
	case status < 400:
		return woken
	}
	return fault
}

// crossings are where a line passes a lifeline.
func (r rungPen) crossings(a, z int, ink style) {
	for s := picture.Kernel; s < picture.Stations; s++ {
		if at := r.p.x + r.shape.at[s]; r.shape.at[s] > 0 && at >= a && at < z {
			glyph := "┼"
			if r.p.c.at(at-1, r.p.y) == "═" || r.p.c.at(at+1, r.p.y) == "═" {
				glyph = "╪"
			}
			r.p.c.fill(at, r.p.y, 1, glyph, ink)
		}
	}
}

// label writes a name into the middle of a line.
func (r rungPen) label(a, z int, name string, ink style) {
	name = event.Printable(name)
	if room := z - a - 3; ansi.StringWidth(name) > room { // its beginning tells it from others
		name = ansi.Truncate(strings.TrimSuffix(name, " (SDP)"), room, "…")
	}
	if name == "" {
		return
	}
	x := a + (z-a-ansi.StringWidth(name)-2)/2
	r.p.c.put(x, r.p.y, z, " "+name+" ", ink)
}

// head is the head of an arrow at a lifeline: one that points to the left is right of it.
func (r rungPen) head(s picture.Station, left bool, ink style) {
	if left {
		r.p.c.fill(r.x(s)+1, r.p.y, 1, "◀", ink)
	} else {
		r.p.c.fill(r.x(s)-1, r.p.y, 1, "▶", ink)
	}
}

// from is a pen right of a lifeline.
func (r rungPen) from(s picture.Station) *pen {
	l := r.p.line(0)
	l.x = r.x(s) + 2
	return l
}

// atApp writes words left of the app, as far as there is room.
func (r rungPen) atApp(words string, ink style) {
	end := r.x(picture.App) - 1
	words = middle(event.Printable(words), end-r.x(picture.Server)-2)
	r.p.c.put(end-ansi.StringWidth(words), r.p.y, end, words, ink)
}
