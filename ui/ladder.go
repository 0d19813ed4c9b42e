package ui

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// messagePane is how wide the message beside the ladder is.
const messagePane = 54

// drawLadderView is the SIP ladder, with the message beside it where there is
// room.
func (m *model) drawLadderView(c *canvas) {
	area := rect{0, 1, m.w, m.bottom() - 1}
	if m.w >= wideWidth {
		area.w -= messagePane
		m.drawMessageBox(c)
	}
	note := "keepalives hidden"
	if m.pings {
		note = "with keepalives"
	}
	if m.filter != "" {
		note = "filter /" + m.filter + "/ · " + note
	}
	box(c, area, "ladder", note, keycap, faint)
	m.drawLadder(pane{c, area.inset()})
}

// ladderShape is where the parts of a ladder stand in a pane.
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

// drawLadder draws the messages between two lifelines, two rows each. The
// ribbon at the left is the app's state, so that one sees that a message came
// while the app was suspended.
//
//	·               │          INVITE (SDP)           │
//	┃ I14:32:06.031 │◀────────────────────────────────│
func (m *model) drawLadder(p pane) {
	shape := shapeFor(p.w)
	m.drawLadderHead(p, shape)
	body := pane{p.c, rect{p.x, p.y + 1, p.w, p.h - 1}}
	for y := range max(0, body.h) {
		p.c.put(p.x+shape.left, body.y+y, p.x+p.w, "│", faint)
		p.c.put(p.x+shape.right, body.y+y, p.x+p.w, "│", faint)
	}
	lines := m.sipLines(m.pings)
	if len(lines) == 0 {
		body.line(1).put(dim, "no messages yet")
		return
	}
	last := m.lastShown(lines, max(1, body.h/2))
	first := max(0, last-max(1, body.h/2)+1)
	first += m.ladderOverflow(lines[first:last+1], body.h)
	y := 0
	for i := first; i <= last; i++ {
		var before *sipLine
		if i > 0 {
			before = &lines[i-1]
		}
		m.drawRung(body, y, shape, before, &lines[i])
		y += 2
		if m.mediaFollows(lines, i) {
			m.drawMediaRung(body, y, shape, lines[i].row.State)
			y += 2
		}
	}
}

// ladderOverflow is how many rungs must go for the media's to have room.
func (m *model) ladderOverflow(lines []sipLine, rows int) int {
	need := len(lines) * 2
	for i := range lines {
		if m.mediaFollows(lines, i) {
			need += 2
		}
	}
	if m.sipSel != 0 {
		return 0
	}
	return max(0, (need-rows+1)/2)
}

func (m *model) drawLadderHead(p pane, s ladderShape) {
	l := p.line(0)
	l.put(dim, "app").at(max(6, s.left-10)).put(strong, m.me())
	local, remote := m.fold.Socket.Local, m.fold.Socket.Remote
	if p.w >= 60 {
		l.put(dim, " "+event.Printable(local))
	}
	l.right(strong, event.Printable(remote))
}

func (m *model) drawRung(p pane, y int, s ladderShape, before, line *sipLine) {
	if line.problem != nil {
		if line.seq == m.sipSel {
			p.c.put(p.x-1, p.y+y, p.x, "▌", open)
		}
		m.drawProblem(p.line(y), line.problem)
		return
	}
	r := line.row
	m.drawRibbon(p, y, before, r)
	label := sipWhat(r)
	if r.Message.SDP {
		label += " (SDP)"
	}
	between := pane{p.c, rect{p.x + s.left + 1, p.y + y, s.right - s.left - 1, p.h - y}}
	centre(between.line(0), strong, label)
	if r.Note.Kind == "fault" {
		centre(between.line(0), fault, label)
	}
	arrow(between, 1, r.Message.Out, "─", wayInk(r))
	when := m.stamp(r.At)
	if before != nil && r.Wake == 0 {
		when = "+" + delay(r.At-before.at)
	}
	l := p.line(y + 1)
	l.end = min(l.end, l.start+s.time)
	l.gap(5).right(dim, when)
}

// arrow draws an arrow across a pane.
func arrow(p pane, row int, out bool, shaft string, ink style) {
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

// drawRibbon is the app's state beside a message: what it was before, what it
// was when the message was read or sent, and what happened in between.
func (m *model) drawRibbon(p pane, y int, before *sipLine, r *event.SIPRow) {
	state := r.State
	first := state
	if before != nil && m.sleptBetween(before.at, r.At) {
		first = event.Suspended
	}
	m.ribbonCell(p, y, first)
	m.ribbonCell(p, y+1, state)
	if r.Seq == m.sipSel && y+1 < p.h {
		p.c.put(p.x-1, p.y+y+1, p.x, "▌", open)
	}
	l := p.line(y + 1).gap(2)
	from := time.Duration(0)
	if before != nil {
		from = before.at
	}
	if r.Wake != 0 {
		l.put(woken|strong, "I")
	} else if letter, ok := lastWithin(&m.tape.hand, from+1, r.At+1); ok {
		l.put(dim, letter)
	} else {
		l.gap(1)
	}
	if phase, ok := lastWithin(&m.tape.notify, from+1, r.At+1); ok {
		glyph := m.glyphs.tapped
		if phase == "posted" || phase == "updated" {
			glyph = m.glyphs.posted
		}
		l.put(banner, glyph)
	}
}

// sleptBetween reports whether the app was suspended at any time from a to b.
func (m *model) sleptBetween(a, b time.Duration) bool {
	t := &m.tape.life
	if s, _ := t.before(a); s == event.Suspended {
		return true
	}
	from, to := t.within(a, b+1)
	return slices.Contains(t.val[from:to], event.Suspended)
}

func (m *model) ribbonCell(p pane, y int, s event.Lifecycle) {
	if y >= p.h {
		return
	}
	look := m.look(s)
	glyph, ink := look.glyph, look.ink
	if s == event.Awake {
		glyph = m.glyphs.wake
	}
	p.c.fill(p.x, p.y+y, 1, glyph, ink)
}

// lastWithin is the last entry of a track from a up to, not including, b.
func lastWithin(t *track[string], a, b time.Duration) (string, bool) {
	from, to := t.within(a, b)
	if from == to {
		return "", false
	}
	return t.val[to-1], true
}

// mediaFollows reports whether the media of the last call belongs under line
// i: under its last ACK.
func (m *model) mediaFollows(lines []sipLine, i int) bool {
	if !m.fold.RTPSeen || lines[i].row == nil || lines[i].row.Message.Method != "ACK" {
		return false
	}
	for _, l := range lines[i+1:] {
		if l.row != nil && l.row.Message.Method == "ACK" {
			return false
		}
	}
	return true
}

func (m *model) drawMediaRung(p pane, y int, s ladderShape, state event.Lifecycle) {
	if y+1 >= p.h {
		return
	}
	m.ribbonCell(p, y, state)
	m.ribbonCell(p, y+1, state)
	rtp := &m.fold.RTP
	between := pane{p.c, rect{p.x + s.left + 1, p.y + y, s.right - s.left - 1, p.h - y}}
	centre(between.line(0), talk, fmt.Sprintf("RTP %s  lost %d/%d", event.Printable(m.fold.Media.Codec), rtp.Lost, rtp.Received+rtp.Lost))
	arrow(between, 1, true, "═", talk)
	between.c.fill(between.x, between.y+1, 1, "◀", talk)
}
