package ui

import (
	"fmt"
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
	switch g := r.row.Rung; g.Kind {
	case picture.RungMessage, picture.RungFar:
		r.message()
	case picture.RungPing:
		r.ping()
	case picture.RungHeld:
		r.held()
	case picture.RungCut:
		r.cut()
	case picture.RungMedia:
		r.across("═", talk, strings.TrimSpace(g.Title+"  "+g.Losses()), talk)
		r.head(picture.App, false, talk)
		r.head(g.To, true, talk)
	case picture.RungSocket:
		r.socket()
	case picture.RungFault:
		r.beside(picture.Link, "", strings.TrimSpace(g.Title+" "+g.Note), inkOf(g.Ink))
	case picture.RungProblem:
		l := r.from(picture.Server)
		ink, word := fault, "error"
		if g.Problem.Warning {
			ink, word = woken, "warning"
		}
		l.put(ink, "╳ "+word+": ").put(strong, event.Printable(g.Problem.What)).put(text, ": "+event.Printable(g.Problem.Detail))
	default:
		r.atApp(g.Title, inkOf(g.Ink))
	}
}

// message is an arrow with its name in it.
func (r rungPen) message() {
	g := r.row.Rung
	ink := r.arrowInk()
	if g.Kind == picture.RungFar && r.shape.at[picture.Far] == 0 { // their lifeline is folded
		words := event.Printable(g.Far.Who) + " ▶ "
		if g.To == picture.Far {
			words = event.Printable(g.Far.Who) + " ◀ "
		}
		l := r.from(picture.Server)
		l.end = min(l.end, r.x(picture.App)-1)
		l.put(dim, words).put(text, strings.TrimSuffix(g.Title, " (SDP)"))
		return
	}
	name := strong
	if g.Ink == picture.Fault {
		name = fault
	}
	if r.row.Released {
		r.released(ink, name)
		return
	}
	r.across("─", ink, g.Title, name)
	if g.From > g.To {
		r.head(g.To, false, ink)
	} else {
		r.head(g.To, true, ink)
	}
}

// held is what waits in the kernel, with a bar there; and for how long.
func (r rungPen) held() {
	g := r.row.Rung
	r.across("─", open, g.Title, strong)
	r.head(picture.Kernel, false, open)
	words := " " + g.HeldWords()
	if r.shape.at[picture.Kernel] == 0 {
		r.atApp(words, inkOf(g.Ink))
		return
	}
	at := r.x(picture.Kernel)
	if ansi.StringWidth(words) > r.x(picture.App)-at-1 {
		words, _, _ = strings.Cut(words, ",")
	}
	r.p.c.fill(at, r.p.y, 1, "▐", woken)
	r.p.c.put(at+1, r.p.y, r.x(picture.App), words, inkOf(g.Ink))
}

// released is a message that is read after it has waited in the kernel: its way there has a
// row of its own.
func (r rungPen) released(ink, name style) {
	at := r.x(picture.Kernel)
	if r.shape.at[picture.Kernel] == 0 {
		at = r.x(picture.Link)
	}
	z := r.x(picture.App)
	r.p.c.fill(at+1, r.p.y, z-at-1, "─", ink)
	r.head(picture.App, false, ink)
	if r.shape.at[picture.Kernel] > 0 {
		r.p.c.fill(at, r.p.y, 1, "▐", woken)
	}
	r.label(at+1, z, fmt.Sprintf("%d B", r.row.Bytes), name)
}

// arrowInk is the colour of a message.
func (r rungPen) arrowInk() style {
	g := r.row.Rung
	switch {
	case g.Ink == picture.Fault:
		return fault
	case g.Wake != 0:
		return woken
	case r.colours == callColours:
		if d := r.history.dialogs.Of(g.Message.CallID); d != nil {
			return [...]style{open, talk, banner, woken, grace}[d.N%5]
		}
		return dim
	case r.colours == answerColours:
		return answerInk(g.Message.Status)
	case g.From == picture.App || g.From == picture.Server && g.To == picture.Far:
		return talk
	}
	return open
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

// ping is a keepalive, or as many as followed each other.
func (r rungPen) ping() {
	g := r.row.Rung
	words := g.Title
	switch {
	case r.row.Folded > 1:
		words = fmt.Sprintf("%d pings", r.row.Folded)
	case r.row.Folded == 1:
		words = "ping"
	}
	if g.Title == "pong" && r.row.Folded > 0 {
		words += strings.TrimRight(" ⇄ pong "+strings.TrimPrefix(g.Note, "after "), " ")
	}
	r.across("─", faint, words, dim)
	if r.row.Folded > 0 && g.Title == "pong" {
		r.head(picture.Server, true, faint)
		r.head(picture.App, false, faint)
	} else {
		r.head(g.To, g.To > g.From, faint)
	}
}

// cut is what the network has lost, up to there; or a flow that it has forgotten.
func (r rungPen) cut() {
	g := r.row.Rung
	at := r.x(picture.Link)
	left := ""
	if g.Lost() {
		from := r.x(g.From)
		a, z := min(at, from)+1, max(at, from)
		r.p.c.fill(a, r.p.y, z-a, "─", fault)
		r.crossings(a, z, fault)
		r.label(a, z, g.Title[len("swallowed "):], fault|strong)
	} else if g.Silent > 0 {
		left = seconds(g.Silent) + " silent"
	}
	right := "forgets " + g.PortWord()
	ink := fault
	if g.Lost() {
		right = event.Printable(g.Why)
	}
	r.p.c.fill(at, r.p.y, 1, "╳", fault|inverted)
	switch {
	case g.Lost() && g.Out():
		left, right = right, ""
	case g.Lost() && r.lostHere():
		right, ink = " LOST HERE ", text|strong|onLate
	}
	if n := ansi.StringWidth(left); n > 0 && at-n-1 > r.x(picture.Server) {
		r.p.c.put(at-n-1, r.p.y, at-1, left, fault)
	}
	r.p.c.put(at+2, r.p.y, r.x(picture.App), right, ink)
}

// lostHere reports whether a call was lost with it.
func (r rungPen) lostHere() bool {
	for i := range r.fold.Losses {
		if r.fold.Losses[i].Moment == r.row.Seq {
			return true
		}
	}
	return false
}

// socket is a step of the connection.
func (r rungPen) socket() {
	g := r.row.Rung
	ink := inkOf(g.Ink)
	switch {
	case g.From == g.To:
		r.p.c.fill(r.x(picture.Link), r.p.y, 1, "╳", fault|inverted)
		r.beside(picture.Link, "", g.Title+" "+g.Note, fault)
	case g.Ink == picture.Bright:
		r.across("═", ink, "connect", strong)
		r.head(g.To, true, ink)
	default:
		r.across("─", ink, strings.TrimPrefix(g.Title, "control socket "), ink)
		r.head(g.To, g.To > g.From, ink)
	}
}

// across draws a line from one end of the rung to the other, with its name in it.
func (r rungPen) across(shaft string, ink style, name string, nameInk style) {
	a, z := r.x(r.row.From), r.x(r.row.To)
	a, z = min(a, z)+1, max(a, z)
	if z <= a {
		return
	}
	r.p.c.fill(a, r.p.y, z-a, shaft, ink)
	r.crossings(a, z, ink)
	r.label(a, z, name, nameInk)
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

// beside writes words left and right of a lifeline.
func (r rungPen) beside(s picture.Station, left, right string, ink style) {
	if n := ansi.StringWidth(left); n > 0 {
		r.p.c.put(r.x(s)-n-1, r.p.y, r.x(s)-1, left, ink)
	}
	r.p.c.put(r.x(s)+2, r.p.y, r.x(picture.App)-1, right, ink)
}

// atApp writes words left of the app, as far as there is room.
func (r rungPen) atApp(words string, ink style) {
	end := r.x(picture.App) - 1
	words = middle(event.Printable(words), end-r.x(picture.Server)-2)
	r.p.c.put(end-ansi.StringWidth(words), r.p.y, end, words, ink)
}
