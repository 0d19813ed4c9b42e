package ui

import (
	"slices"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A cell is one column of one line: a grapheme and its style. The right half
// of a wide grapheme is a cell with an empty one.
type cell struct {
	s  string
	st style
}

// A canvas is the screen as cells. Drawing outside of it does nothing, so no
// line can become longer than the window, whatever is written.
type canvas struct {
	w, h  int
	ascii bool
	cells []cell
	caret *tea.Cursor // the terminal's own cursor; nil: hidden
}

func newCanvas(w, h int, ascii bool) *canvas {
	c := &canvas{w: w, h: h, ascii: ascii, cells: make([]cell, w*h)}
	for i := range c.cells {
		c.cells[i].s = " "
	}
	return c
}

// set writes one grapheme of the given width and keeps wide neighbours whole.
func (c *canvas) set(x, y int, s string, width int, st style) {
	if y < 0 || y >= c.h || x < 0 || x+width > c.w {
		return
	}
	row := c.cells[y*c.w : (y+1)*c.w]
	if row[x].s == "" && x > 0 {
		row[x-1].s = " "
	}
	if end := x + width; end < c.w && row[end].s == "" {
		row[end].s = " "
	}
	row[x] = cell{s, st}
	if width == 2 {
		row[x+1] = cell{"", st}
	}
}

// fade draws what is in a part faintly, whatever its inks were.
func (c *canvas) fade(r rect) {
	for y := max(0, r.y); y < min(c.h, r.y+r.h); y++ {
		for x := max(0, r.x); x < min(c.w, r.x+r.w); x++ {
			c.cells[y*c.w+x].st = faint
		}
	}
}

// put writes s from column x up to column end, cut with an ellipsis if it is
// longer, and returns the column after it.
func (c *canvas) put(x, y, end int, s string, st style) int {
	end = min(end, c.w)
	if x >= end || s == "" {
		return x
	}
	if len(s) > end-x && ansi.StringWidth(s) > end-x {
		s = ansi.Truncate(event.Printable(s), end-x, "…")
	}
	for len(s) > 0 && x < end {
		g, width := s[:1], 1
		if s[0] >= utf8.RuneSelf {
			g, width = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		}
		s = s[len(g):]
		g, width = c.glyph(g, width)
		if width == 0 {
			continue
		}
		if x+width > end {
			g, width = " ", 1
		}
		c.set(x, y, g, width, st)
		x += width
	}
	return x
}

// glyph is g made safe to print, and for an ASCII terminal.
func (c *canvas) glyph(g string, width int) (string, int) {
	switch {
	case len(g) == 1 && g[0] >= ' ' && g[0] < 0x7f:
		return g, 1
	case len(g) == 1 || clean.Cell(g) != g:
		if c.ascii {
			return "?", 1
		}
		return "\uFFFD", 1
	case c.ascii:
		if a, ok := plain[g]; ok {
			return a, 1
		}
		return "?", 1
	}
	return g, width
}

// equal reports whether two canvases show the same.
func (c *canvas) equal(other *canvas) bool {
	same := c.w == other.w && slices.Equal(c.cells, other.cells)
	if c.caret == nil || other.caret == nil {
		return same && c.caret == other.caret
	}
	return same && c.caret.Position == other.caret.Position
}

// at is the grapheme of a cell.
func (c *canvas) at(x, y int) string {
	if x < 0 || x >= c.w || y < 0 || y >= c.h {
		return ""
	}
	return c.cells[y*c.w+x].s
}

// fill writes the same one-cell glyph n times.
func (c *canvas) fill(x, y, n int, g string, st style) {
	g, _ = c.glyph(g, 1)
	for i := range n {
		c.set(x+i, y, g, 1, st)
	}
}

// restyle changes the style of a rectangle and keeps its text.
func (c *canvas) restyle(r rect, change func(style) style) {
	for y := max(0, r.y); y < min(c.h, r.y+r.h); y++ {
		for x := max(0, r.x); x < min(c.w, r.x+r.w); x++ {
			cell := &c.cells[y*c.w+x]
			cell.st = change(cell.st)
		}
	}
}

// clear makes a rectangle blank.
func (c *canvas) clear(r rect, st style) {
	for y := r.y; y < r.y+r.h; y++ {
		c.fill(r.x, y, r.w, " ", st)
	}
}

// render writes the cells as lines of text with the palette's escapes.
func (c *canvas) render(p *palette) string {
	var b strings.Builder
	b.Grow(c.w * c.h * 3)
	for y := range c.h {
		if y > 0 {
			b.WriteByte('\n')
		}
		c.renderLine(&b, p, c.cells[y*c.w:(y+1)*c.w])
	}
	return b.String()
}

func (c *canvas) renderLine(b *strings.Builder, p *palette, row []cell) {
	n := len(row)
	for n > 0 && row[n-1].s == " " && row[n-1].st.plain() {
		n--
	}
	last, off := style(0), ""
	for _, cell := range row[:n] {
		if cell.st != last && cell.s != "" {
			b.WriteString(off)
			e := p.escapes(cell.st)
			b.WriteString(e.on)
			last, off = cell.st, e.off
		}
		b.WriteString(cell.s)
	}
	b.WriteString(off)
}

// A rect is a rectangle of cells.
type rect struct{ x, y, w, h int }

// inset is r without its border, and one column of air at each side.
func (r rect) inset() rect { return rect{r.x + 2, r.y + 1, max(0, r.w-4), max(0, r.h-2)} }

// An area is a rectangle to draw in; what does not fit is clipped.
type area struct {
	c *canvas
	rect
}

// line is the pen for row i of the area.
func (p area) line(i int) *pen {
	if i < 0 || i >= p.h {
		return &pen{c: p.c, y: -1}
	}
	return &pen{c: p.c, y: p.y + i, start: p.x, x: p.x, end: p.x + p.w}
}

// A pen writes a line from left to right, and from the right end inwards.
type pen struct {
	c                *canvas
	y, start, x, end int
}

// put writes s after what is there.
func (l *pen) put(st style, s string) *pen {
	if l.y >= 0 {
		l.x = l.c.put(l.x, l.y, l.end, s, st)
	}
	return l
}

// gap leaves n columns free.
func (l *pen) gap(n int) *pen {
	l.x += n
	return l
}

// at goes on at column n of the area, or where it is if that is further.
func (l *pen) at(n int) *pen {
	l.x = max(l.x, l.start+n)
	return l
}

// whole writes s if all of it fits, and nothing otherwise.
func (l *pen) whole(st style, s string) *pen {
	if ansi.StringWidth(s) <= l.end-l.x {
		l.put(st, s)
	}
	return l
}

// right writes s at the right end, which moves inwards by it. What does not
// fit beside the text that is there is left out.
func (l *pen) right(st style, s string) *pen {
	n := ansi.StringWidth(s)
	if l.y < 0 || n > l.end-l.x {
		return l
	}
	l.c.put(l.end-n, l.y, l.end, s, st)
	l.end -= n
	return l
}

// cut ends the line at column n of the area: for the columns of a table.
func (l *pen) cut(n int, st style, s string) *pen {
	if end := min(l.end, l.start+n); l.y >= 0 && l.x < end {
		l.x = l.c.put(l.x, l.y, end, middle(s, end-l.x), st)
	}
	return l
}

// left is how many columns are free.
func (l *pen) left() int { return max(0, l.end-l.x) }
