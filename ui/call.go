package ui

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A callView is the panel of the call.
type callView struct {
	scene
	stance
}

func (v callView) name() string { return "call" }

func (v callView) gist(l *pen) { l.put(text, v.note(0)) }

func (v callView) note(int) string {
	c := v.call()
	if c == nil {
		return "no call"
	}
	word, _, _, since := v.callLook(c)
	if v.w >= wideWidth && len(v.fold.Calls) > 1 {
		return fmt.Sprintf("%d calls", len(v.fold.Calls))
	}
	who := c.Who()
	if v.w < wideWidth && v.fold.Several() && c.Account != "" { // there may be no row for it
		who = c.Account + " " + who
	}
	if c.Connected() && !c.Held && !c.HeldByPeer {
		return who + " " + event.Clock(v.now-since)
	}
	return who + " " + word + " " + event.Clock(v.now-since)
}

// draw is the call: who, what was agreed, the meters, what RTP says.
//
//	▒ ringing 00:02   Bob <sip:bob@pbx.example.test>              7f3c9b2e@198.51
//	mic   ▁▂▂▃▅▆▇▆▅▃▂▁  −18 dB
//	ear   ▁▁▁▁▁▁▁▁▁▁▁▁  silent
func (v callView) draw(p area) {
	c := v.call()
	if c == nil {
		v.drawNoCall(p)
		return
	}
	rows := []func(*pen){v.rowMic, v.rowEar, v.rowPackets, v.rowJitter}
	who := func(l *pen) { v.rowWho(l, c) }
	switch {
	case p.h >= 6:
		rows = []func(*pen){who, v.rowMedia, v.rowPacketsAll, v.rowMic, v.rowEar, v.rowLast}
	case !c.Connected():
		rows = []func(*pen){who, v.rowMedia, v.rowMic, v.rowEar}
	case v.several():
		rows = slices.Insert(rows, 0, who)
	}
	if others := v.rowsOther(); len(others) > 0 {
		rows = slices.Insert(rows, 1, others...)
	}
	for i, row := range rows[:min(len(rows), p.h)] {
		row(p.line(i))
	}
}

func (v callView) drawNoCall(p area) {
	row := 0
	if p.h >= 6 {
		p.line(0).put(dim, "no call")
		row = 2
	}
	row += v.drawLastProblem(area{p.c, rect{p.x, p.y + row, p.w, p.h - row}})
	recent := v.fold.Recent
	if len(recent)+len(v.fold.Losses) == 0 && row < p.h {
		if p.h >= 2 && len(v.hints) > 0 {
			v.reachable(p.line(row).put(keycap, v.hints[0].key).put(dim, " dials; "))
		}
		return
	}
	lost := v.fold.Losses
	for i := len(recent) - 1; (i >= 0 || len(lost) > 0) && row < p.h; row++ {
		if last := len(lost) - 1; last >= 0 && (i < 0 || lost[last].At >= recent[i].Ended) {
			v.rowLost(p.line(row), &lost[last])
			lost = lost[:last]
			continue
		}
		v.rowEnded(p.line(row), &recent[i])
		i--
	}
}

// drawLastProblem is the last error, whole, where no call needs the room, and
// returns the rows it used.
func (v callView) drawLastProblem(p area) int {
	n := len(v.fold.Problems)
	for n > 0 && v.fold.Problems[n-1].Warning {
		n--
	}
	if n == 0 || p.h < 2 {
		return 0
	}
	e := &v.fold.Problems[n-1]
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

// rowLost is a call that did not get through.
func (v callView) rowLost(l *pen, c *event.LossRow) {
	l.put(fault|strong, v.clock(c.Began)+" ").put(open, "◀ ").put(text|strong, orCaller(c.From)).gap(2)
	word := "LOST "
	if !c.Certain() {
		word = "likely LOST "
	}
	l.put(fault|strong, word+lossPlace(c, v.fold)).gap(2).put(fault, lossOutcome(c))
	if c.After > 0 {
		l.whole(dim, " after "+span(c.After.D()))
	}
}

// rowEnded is a call that is over.
func (v callView) rowEnded(l *pen, c *event.CallRow) {
	way := "◀"
	if c.Out {
		way = "▶"
	}
	l.put(dim, v.clock(c.Ended)).gap(1).put(open, way).gap(1)
	v.as(l, c.Account).put(text, c.Who()).gap(2)
	switch {
	case c.Up != 0:
		l.put(talk, event.Clock(c.Ended-c.Up)).put(dim, " ended by "+endedBy(c))
	case c.Elsewhere != "":
		l.put(woken, event.Printable(c.Elsewhere))
		return
	case !c.Out && (c.By != "us" || c.Missed):
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

func (v callView) rowWho(l *pen, c *event.CallRow) {
	word, ink, glyph, since := v.callLook(c)
	v.as(l.put(ink|strong, glyph+" ").put(ink, word+" "+event.Clock(v.now-since)).gap(3), c.Account)
	if id := event.Printable(c.CallID); len(id) > 16 && l.left() > 60 {
		l.right(dim, id[:16]).right(dim, "  ")
	}
	if c.Name != "" {
		l.put(strong, c.Name).put(text, " <"+c.Peer+">")
	} else {
		l.put(strong, c.Peer)
	}
	if intro := c.Introduction(); intro != "" {
		l.gap(2).put(dim, event.Printable(intro))
	}
}

func (v callView) rowMedia(l *pen) {
	md := v.sound().Media
	if md.Phase == "" {
		l.put(dim, "no audio agreed yet")
		return
	}
	if md.Phase == event.MediaStart {
		l.put(dim, "audio ")
	} else {
		l.put(dim, string(md.Phase)+" ")
	}
	if md.Codec != "" {
		l.put(text, event.Printable(md.Codec))
		if md.PTime > 0 {
			l.put(text, ", "+span(md.PTime.D()))
		}
	}
	if md.SRTP != "" {
		l.put(dim, ", srtp ").put(text, event.Printable(md.SRTP))
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

func (v callView) rowLast(l *pen) {
	if n := len(v.fold.Recent); n > 0 {
		l.put(dim, "last ")
		v.rowEnded(l, &v.fold.Recent[n-1])
	}
}

// callLook is the state of a call in a word.
func (v callView) callLook(c *event.CallRow) (word string, ink style, glyph string, since time.Duration) {
	switch {
	case c.Held && c.HeldByPeer:
		return "held by both", woken, v.glyphs.of(picture.Ring), c.Up
	case c.HeldByPeer:
		return "held by peer", woken, v.glyphs.of(picture.Ring), c.Up
	case c.Held:
		return "held", woken, v.glyphs.of(picture.Ring), c.Up
	case c.Connected():
		return "up", talk, v.glyphs.of(picture.Connected), c.Up
	case c.Phase == event.CallAnswered:
		return "answered", talk, v.glyphs.of(picture.Connected), c.At
	case c.Out:
		return string(c.Phase), talk, v.glyphs.of(picture.Ring), c.At
	}
	return "ringing", talk, v.glyphs.of(picture.Ring), c.At
}
