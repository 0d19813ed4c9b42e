package ui

import (
	"slices"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// drawSeveral lists the calls by their numbers, each with its own state and numbers, and
// the keys that act on it. All have a line; the one under the bar gets what room there is
// first.
//
//	▌2 █ up 00:38   Bob <sip:bob@pbx.example.test>                 7f3c9b2e@198.51.
//	   audio PCMU/8000, 20 ms, 192.0.2.10:40064 ⇄ 198.51.100.7:40000
//	   mic   ▂▂▂▂▂▂▂▂ −18 dB ✓ Bob hears us
//	   ear   ▂▂▂▂▂▂▂▂ −20 dB ✓ we hear Bob
//	         ········ we lost 0 of 500
//	   e end Bob  o hold Bob  m mute Bob
//	 3 ▒ waiting 00:04   Carol <sip:carol@pbx.example.test>        c91e0a44@198.51.
//	   a answer Carol  A answer Carol, end Bob
func (v callView) drawSeveral(p area) {
	rows, bar := v.rows(), v.call()
	at := v.barAt(rows)
	if first := max(0, min(at-p.h/2, len(rows)-p.h)); len(rows) > p.h {
		rows = rows[first : first+p.h]
	}
	spare := p.h - len(rows)
	take := func(lines []func(*pen)) []func(*pen) {
		lines = lines[:min(len(lines), spare)]
		spare -= len(lines)
		return lines
	}
	more := map[int][]func(*pen){bar.ID: take(v.underBar(bar, spare))}
	for _, c := range rows {
		if c != bar {
			more[c.ID] = take(v.under(c))
		}
	}
	row := 0
	for _, c := range rows {
		if c == bar {
			p.c.put(p.x-1, p.y+row, p.x, "▌", open)
		}
		v.head(p.line(row), c)
		for i, line := range more[c.ID] {
			line(p.line(row + 1 + i).gap(2))
		}
		row += 1 + len(more[c.ID])
	}
	if spare > 0 {
		v.rowLast(p.line(p.h - 1))
	}
}

// head is a call in a line. Its state comes first, and the Call-ID is at its end: no name
// pushes them away.
func (v callView) head(l *pen, c *event.CallRow) {
	v.putState(l.put(dim, strconv.Itoa(c.ID)+" "), c)
	if id := event.Printable(c.CallID); id != "" && l.left() > 60 {
		l.right(dim, middle(id, 16)).right(dim, "  ")
	}
	if c.Ended != 0 {
		for _, part := range slices.Backward(outcome(c)) { // the pen goes to the left
			l.right(part.ink, part.words)
		}
		l.right(dim, " ")
	} else if ink, words := v.flow(c); words != "" {
		l.right(ink, words).right(dim, "  ")
	}
	v.as(l.gap(2), middle(event.Printable(c.Account), l.left()/4))
	v.putPeer(l, c)
}

// flow is who does not hear whom, and for how long.
func (v callView) flow(c *event.CallRow) (style, string) {
	w := v.oneWay(c)
	if !w.Dead() {
		return dim, ""
	}
	return text | strong | onLate, " " + w.Tag() + " " + event.Round(w.Longest()) + " "
}

// underBar are the lines of the call under the bar, so many at most.
func (v callView) underBar(c *event.CallRow, room int) []func(*pen) {
	media := func(l *pen) { v.rowMedia(l, c) }
	keys := func(l *pen) { v.rowKeys(l, c) }
	switch {
	case c.Ended != 0:
		return []func(*pen){v.rowNumbers}
	case !c.Connected() && room >= 4:
		return []func(*pen){media, keys}
	case !c.Connected():
		return []func(*pen){keys, media}
	}
	return v.soundRows(c, []soundRow{{35, media}}, []soundRow{{12, keys}}, room)
}

// under are those of another call.
func (v callView) under(c *event.CallRow) []func(*pen) {
	keys := func(l *pen) { v.rowKeys(l, c) }
	media := func(l *pen) { v.rowMedia(l, c) }
	if c.Rings() {
		return []func(*pen){keys, media}
	}
	return []func(*pen){media, keys}
}

// rowKeys are the keys that act on a call.
func (v callView) rowKeys(l *pen, c *event.CallRow) {
	for _, h := range v.hints {
		if h.call == c.ID {
			l.key(h)
		}
	}
	if c.ID == v.after() {
		l.key(hint{key: v.keyOf("next call"), label: "choose " + v.scene.name(c)})
	}
}

// key writes a key and what it does, if there is room for both.
func (l *pen) key(h hint) *pen {
	if words := " " + h.label; len(h.key)+len(words) <= l.left() {
		l.put(keycap, h.key).put(dim, words).gap(2)
	}
	return l
}
