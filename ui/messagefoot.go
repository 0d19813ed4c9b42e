package ui

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// foot says how the message arrived, and how far it came.
func (v messageView) foot() (rows []func(*pen)) {
	g := v.rung
	if g == nil {
		return nil
	}
	say := func(ink style, words string) {
		rows = append(rows, func(l *pen) { l.put(ink, words) })
	}
	if g.Bytes > 0 {
		s := fmt.Sprintf("%d B", g.Bytes)
		if g.Segments > 0 {
			s = fmt.Sprintf("arrived as %s, %s", words.Count(g.Segments, "tcp segment"), s)
		}
		say(dim, s)
	}
	if g.Wake != 0 {
		for i := range v.fold.Wakes {
			if w := &v.fold.Wakes[i]; w.N == g.Wake {
				say(dim, "the app was suspended; read "+span(w.Latency)+" after the wake")
			}
		}
	}
	if stops := v.history.rungs.Way(g); len(stops) > 0 {
		say(strong, "how far it came")
		for _, stop := range stops {
			rows = append(rows, func(l *pen) { v.stop(l, stop) })
		}
	}
	return rows
}

// stop is a station of its way.
//
//	link    ╳ 14:24:41.207  nat expired
func (v messageView) stop(l *pen, s picture.Stop) {
	name := [...]string{"app", "kernel", "link", "server", s.Who}[s.Station]
	l.cut(8, text, event.Printable(name)).at(8)
	switch s.Reached {
	case picture.Came:
		l.put(talk, "✓ ")
	case picture.CutThere:
		l.put(fault, "╳ ")
	case picture.Never:
		l.put(dim, "– never ")
	default:
		l.put(dim, "? ")
	}
	if s.At > 0 {
		l.put(text, v.stamp(s.At)).gap(2)
	}
	ink := dim
	if s.Reached == picture.CutThere {
		ink = fault
	}
	l.put(ink, event.Printable(s.Words))
}
