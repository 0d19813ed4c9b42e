package ui

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// callLook is the state of a call in a word.
func (m *model) callLook(c *event.CallRow) (word string, ink style, glyph string, since time.Duration) {
	switch {
	case c.Held:
		return "held", woken, m.glyphs.of(picture.Ring), c.Up
	case c.Connected():
		return "up", talk, m.glyphs.of(picture.Connected), c.Up
	case c.Phase == "answered":
		return "answered", talk, m.glyphs.of(picture.Connected), c.At
	case c.Out:
		return c.Phase, talk, m.glyphs.of(picture.Ring), c.At
	}
	return "ringing", talk, m.glyphs.of(picture.Ring), c.At
}

func (m *model) callNote() string {
	c := m.fold.Call()
	if c == nil {
		return "no call"
	}
	word, _, _, since := m.callLook(c)
	if m.w >= wideWidth && len(m.fold.Calls) > 1 {
		return fmt.Sprintf("%d calls", len(m.fold.Calls))
	}
	if c.Connected() && !c.Held {
		return c.Who() + " " + event.Clock(m.now-since)
	}
	return c.Who() + " " + word + " " + event.Clock(m.now-since)
}

// drawCall is the call: who, what was agreed, the meters, what RTP says.
//
//	▒ ringing 00:02   Bob <sip:bob@pbx.example.test>              7f3c9b2e@198.51
//	mic   ▁▂▂▃▅▆▇▆▅▃▂▁  −18 dB
//	ear   ▁▁▁▁▁▁▁▁▁▁▁▁  silent
func (m *model) drawCall(p pane) {
	c := m.fold.Call()
	if c == nil {
		m.drawNoCall(p)
		return
	}
	rows := []func(*pen){m.rowMic, m.rowEar, m.rowPackets, m.rowJitter}
	who := func(l *pen) { m.rowWho(l, c) }
	switch {
	case p.h >= 6:
		rows = []func(*pen){who, m.rowMedia, m.rowPacketsAll, m.rowMic, m.rowEar, m.rowLast}
	case !c.Connected():
		rows = []func(*pen){who, m.rowMedia, m.rowMic, m.rowEar}
	}
	for i, row := range rows {
		row(p.line(i))
	}
}

func (m *model) drawNoCall(p pane) {
	row := 0
	if p.h >= 6 {
		p.line(0).put(dim, "no call")
		row = 2
	}
	row += m.drawLastProblem(pane{p.c, rect{p.x, p.y + row, p.w, p.h - row}})
	recent := m.fold.Recent
	if len(recent) == 0 && row < p.h {
		if k := m.byID("dial"); p.h >= 2 && k.why(m) == "" {
			p.line(row).put(keycap, "d").put(dim, " dials; another phone may call ").put(text, m.address())
		}
		return
	}
	for i := len(recent) - 1; i >= 0 && row < p.h; i-- {
		m.rowEnded(p.line(row), &recent[i])
		row++
	}
}

// drawLastProblem is the last error, whole, where no call needs the room, and
// returns the rows it used.
func (m *model) drawLastProblem(p pane) int {
	n := len(m.fold.Problems)
	for n > 0 && m.fold.Problems[n-1].Warning {
		n--
	}
	if n == 0 || p.h < 2 {
		return 0
	}
	e := &m.fold.Problems[n-1]
	lines := wrap("error: "+event.Printable(e.What+": "+e.Detail), p.w)
	said := len(lines)
	if e.Hint != "" {
		lines = append(lines, wrap("try: "+event.Printable(e.Hint), p.w)...)
	}
	lines = lines[:min(len(lines), p.h)]
	for i, s := range lines {
		ink := fault
		if i >= said {
			ink = text
		}
		p.line(i).put(ink, s)
	}
	return len(lines)
}

// rowEnded is a call that is over.
func (m *model) rowEnded(l *pen, c *event.CallRow) {
	way := "◀"
	if c.Out {
		way = "▶"
	}
	l.put(dim, m.clock(c.Ended)).gap(1).put(open, way).gap(1).put(text, c.Who()).gap(2)
	switch {
	case c.Up != 0:
		l.put(talk, event.Clock(c.Ended-c.Up)).put(dim, " ended by "+endedBy(c))
	case !c.Out && c.By != "us":
		l.put(fault, "missed")
	default:
		l.put(woken, "not answered")
	}
	if c.Status >= 300 {
		l.whole(fault, fmt.Sprintf(" %d %s", c.Status, c.Reason))
	}
}

func endedBy(c *event.CallRow) string {
	if c.By == "" {
		return "somebody"
	}
	return event.Printable(c.By)
}

func (m *model) rowWho(l *pen, c *event.CallRow) {
	word, ink, glyph, since := m.callLook(c)
	l.put(ink|strong, glyph+" ").put(ink, word+" "+event.Clock(m.now-since)).gap(3)
	if id := event.Printable(c.CallID); len(id) > 16 && l.left() > 60 {
		l.right(dim, id[:16]).right(dim, "  ")
	}
	if c.Name != "" {
		l.put(strong, c.Name).put(text, " <"+c.Peer+">")
	} else {
		l.put(strong, c.Peer)
	}
}

func (m *model) rowMedia(l *pen) {
	md := m.fold.Media
	if md.Phase == "" {
		l.put(dim, "no audio agreed yet")
		return
	}
	if md.Phase == "start" {
		l.put(dim, "audio ")
	} else {
		l.put(dim, md.Phase+" ")
	}
	if md.Codec != "" {
		l.put(text, event.Printable(md.Codec))
		if md.PTime > 0 {
			l.put(text, ", "+span(md.PTime.D()))
		}
	}
	if md.Remote != "" {
		l.put(dim, ", ").put(text, event.Printable(joinEnds(md.Local, md.Remote)))
	}
	if md.Detail != "" {
		l.put(dim, "  "+event.Printable(md.Detail))
	}
}

func joinEnds(local, remote string) string {
	if local == "" {
		return remote
	}
	return local + " ⇄ " + remote
}

func (m *model) rowLast(l *pen) {
	if n := len(m.fold.Recent); n > 0 {
		l.put(dim, "last ")
		m.rowEnded(l, &m.fold.Recent[n-1])
	}
}
