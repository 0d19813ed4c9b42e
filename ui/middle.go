package ui

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// middle is s in at most n columns. What is cut out is in the middle, where an ellipsis
// stands: the ends tell names and addresses apart.
func middle(s string, n int) string {
	if n <= 0 {
		return ""
	}
	if len(s) <= n || ansi.StringWidth(s) <= n {
		return s
	}
	s = event.Printable(s)
	var ends []int // of the graphemes
	var widths []int
	for at := 0; at < len(s); {
		g, w := ansi.FirstGraphemeCluster(s[at:], ansi.GraphemeWidth)
		if at += len(g); g == "" {
			break
		}
		ends, widths = append(ends, at), append(widths, w)
	}
	room, head, tail := n-1, 0, len(ends)
	for head < tail && widths[head] <= room-(n-1)/2 {
		room -= widths[head]
		head++
	}
	for tail > head && widths[tail-1] <= room {
		room -= widths[tail-1]
		tail--
	}
	return s[:endOf(ends, head)] + "…" + s[endOf(ends, tail):]
}

// endOf is where the first n graphemes end.
func endOf(ends []int, n int) int {
	if n == 0 {
		return 0
	}
	return ends[n-1]
}

// middle writes s, cut in its middle where there is too little room for all of it.
func (l *pen) middle(st style, s string) *pen { return l.put(st, middle(s, l.left())) }
