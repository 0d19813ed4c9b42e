package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// messageWidth is how wide the message beside the ladder is.
const messageWidth = 54

// ladder is the view of what went between the phone and its server, with the
// message beside it where there is room.
type ladder struct {
	*messages
	history *history
}

func (d *ladder) bindings() []binding {
	return []binding{
		{id: "sip", group: viewGroup, modes: mainMode | runMode, Binding: bind("sip", "s"), help: "SIP ladder, with the app's state beside it", foot: unzoomed, do: opens(ladderMode)},
		{id: "pings", group: showGroup, modes: ladderMode, Binding: bind("keepalives", "i"), help: "show or hide keepalives in the ladder", foot: always, do: d.togglePings},
		{id: "leave", group: leaveGroup, modes: ladderMode | messageMode | eventsMode, Binding: bind("back", "q"), do: goesBack},
	}
}

func (d *ladder) togglePings(situation) request {
	d.pings = !d.pings
	return nil
}

// draw draws the view.
func (d *ladder) draw(c *canvas, s situation) {
	whole := rect{0, s.top, s.w, s.bottom - s.top}
	if s.w >= wideWidth {
		whole.w -= messageWidth
		drawMessage(c, s, d.messages, messagePlace(s), 0)
	}
	note := "keepalives hidden"
	if d.pings {
		note = "with keepalives"
	}
	if d.filter != "" {
		note = "filter /" + d.filter + "/ · " + note
	}
	box(c, whole, "ladder", note, keycap, faint)
	ladderView{s.scene, *d.messages, &d.history.rungs, &d.history.line}.draw(area{c, whole.inset()})
}

// A ladderView is what is drawn of it.
type ladderView struct {
	scene
	messages
	ladder *picture.Ladder
	line   *picture.Timeline
}

// ladderShape has the columns of the parts of a ladder.
type ladderShape struct {
	time        int // the end of the time column
	left, right int // the lifelines
}

func shapeFor(w int) ladderShape {
	if w < 60 {
		return ladderShape{time: 13, left: 14, right: w - 1}
	}
	return ladderShape{time: 19, left: 21, right: w - 8}
}

// rungs are the rungs of the ladder that the screen has room for: what passed
// between the lifelines, and what went wrong. The list of messages knows which
// of them pass the filter.
func (v ladderView) rungs() []*picture.Rung {
	lines := v.lines(v.fold, v.pings)
	listed := map[uint64]bool{}
	for i := range lines {
		listed[lines[i].seq] = true
	}
	var list []*picture.Rung
	for i := range v.ladder.Rungs {
		g := &v.ladder.Rungs[i]
		if listed[g.Seq] || g.Kind == picture.RungMedia && v.filter == "" {
			list = append(list, g)
		}
	}
	return list
}

// draw draws the messages between two lifelines, two rows each. The
// ribbon at the left is the app's state, so that one sees that a message came
// while the app was suspended.
//
//	·               │          INVITE (SDP)           │
//	┃ I14:32:06.031 │◀────────────────────────────────│
func (v ladderView) draw(p area) {
	shape := shapeFor(p.w)
	v.drawLadderHead(p, shape)
	body := area{p.c, rect{p.x, p.y + 1, p.w, p.h - 1}}
	for y := range max(0, body.h) {
		p.c.put(p.x+shape.left, body.y+y, p.x+p.w, "│", faint)
		p.c.put(p.x+shape.right, body.y+y, p.x+p.w, "│", faint)
	}
	rungs := v.rungs()
	if len(rungs) == 0 {
		body.line(1).put(dim, "no messages yet")
		return
	}
	rows := max(1, body.h/2)
	at := slices.IndexFunc(rungs, func(g *picture.Rung) bool { return g.Seq == v.sel && v.sel != 0 })
	last := lastShown(len(rungs), at, rows)
	for i := max(0, last-rows+1); i <= last; i++ {
		var before *picture.Rung
		if i > 0 {
			before = rungs[i-1]
		}
		v.drawRung(body, 2*(i-max(0, last-rows+1)), shape, before, rungs[i])
	}
}

func (v ladderView) drawLadderHead(p area, s ladderShape) {
	l := p.line(0)
	l.put(dim, "app").at(max(6, s.left-10)).put(strong, v.me())
	if p.w >= 60 {
		l.put(dim, " "+v.ladder.Local)
	}
	l.right(strong, v.ladder.Remote)
}

func (v ladderView) drawRung(p area, y int, s ladderShape, before, g *picture.Rung) {
	if g.Seq == v.sel {
		p.c.put(p.x-1, p.y+y+min(1, p.h-y-1), p.x, "▌", open)
	}
	if g.Kind == picture.RungProblem {
		drawProblem(v.scene, p.line(y), g.Problem)
		return
	}
	v.drawRibbon(p, y, before, g)
	between := area{p.c, rect{p.x + s.left + 1, p.y + y, s.right - s.left - 1, p.h - y}}
	if g.Kind == picture.RungMedia {
		drawMediaRung(between, g)
		return
	}
	ink := strong
	if g.Ink == picture.Fault {
		ink = fault
	}
	centre(between.line(0), ink, g.Title)
	if g.Kind == picture.RungCut {
		cutArrow(between, 1, g)
	} else {
		arrow(between, 1, g.Out(), "─", wayInk(g.Out()))
	}
	when := v.stamp(g.At)
	if before != nil && g.Wake == 0 {
		when = "+" + delay(g.At-before.At)
	}
	l := p.line(y + 1)
	l.end = min(l.end, l.start+s.time)
	l.gap(5).right(dim, when)
}

// drawMediaRung draws the audio of a call, which goes both ways.
func drawMediaRung(between area, g *picture.Rung) {
	if between.h < 2 {
		return
	}
	centre(between.line(0), talk, strings.TrimSpace(g.Title+"  "+g.Losses()))
	arrow(between, 1, true, "═", talk)
	between.c.fill(between.x, between.y+1, 1, "◀", talk)
}

// arrow draws an arrow across an area.
func arrow(p area, row int, out bool, shaft string, ink style) {
	if row >= p.h || p.w < 2 {
		return
	}
	p.c.fill(p.x, p.y+row, p.w, shaft, ink)
	if out {
		p.c.fill(p.x+p.w-1, p.y+row, 1, "▶", ink)
	} else {
		p.c.fill(p.x, p.y+row, 1, "◀", ink)
	}
}

// cutArrow draws an arrow that ends half-way, or a line that is cut there.
func cutArrow(p area, row int, g *picture.Rung) {
	if row >= p.h || p.w < 2 {
		return
	}
	middle := p.w / 2
	switch y := p.y + row; {
	case !g.Lost():
		p.c.fill(p.x, y, p.w, "╌", fault)
	case g.Out():
		p.c.fill(p.x, y, middle, "─", fault)
	default:
		p.c.fill(p.x+middle, y, p.w-middle, "─", fault)
	}
	p.c.fill(p.x+middle, p.y+row, 1, "╳", fault)
}

// drawRibbon draws the app's state beside a message: before it, when it was read
// or sent, and what happened in between.
func (v ladderView) drawRibbon(p area, y int, before, g *picture.Rung) {
	from, first := time.Duration(0), g.State
	if before != nil {
		from = before.At
		if v.line.App.Had(event.Suspended, before.At, g.At) {
			first = event.Suspended
		}
	}
	v.ribbonCell(p, y, first)
	v.ribbonCell(p, y+1, g.State)
	if g.Kind == picture.RungMedia {
		return
	}
	l := p.line(y + 1).gap(2)
	hands := picture.Between(v.line.Hands, from+1, g.At+1)
	switch {
	case g.Wake != 0:
		l.put(woken|strong, v.wakeLetter(g.Wake))
	case len(hands) > 0:
		l.put(dim, string(hands[len(hands)-1].Kind))
	default:
		l.gap(1)
	}
	if posts := picture.Between(v.line.Posts, from+1, g.At+1); len(posts) > 0 {
		s := picture.PostSign(posts[len(posts)-1].Kind)
		l.put(inkOf(s.Ink()), v.glyphs.of(s))
	}
}

// wakeLetter is that of a wake in the timeline.
func (v ladderView) wakeLetter(n int) string {
	for _, w := range slices.Backward(v.line.Wakes) {
		if w.N == n {
			return w.Letter
		}
	}
	return event.BySocket.Letter()
}

func (v ladderView) ribbonCell(p area, y int, s event.Lifecycle) {
	if y < p.h {
		glyph, ink := v.glyphs.state(s)
		p.c.fill(p.x, p.y+y, 1, glyph, ink)
	}
}
