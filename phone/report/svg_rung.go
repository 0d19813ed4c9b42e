package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A rungDrawing draws a row of a ladder.
type rungDrawing struct {
	*ladderDrawing
	row       *picture.Row
	top, high float64
	taken     row // where there are words: no lifeline goes through them
}

func (d *rungDrawing) middle() float64 { return d.top + d.high/2 }

// draw draws the row: its time, what passed, the words beside it, and the lifelines, which go
// around the words.
func (d *rungDrawing) draw(i int) {
	var f picture.Figure
	if d.row.Rung == nil {
		d.quiet(deltaColumn, "+"+delta(d.row.Lasted))
	} else {
		d.quiet(timeColumn, stamp(d.row.At))
		if before := d.row.At - d.row.Before; i > 0 && before > 0 && d.view.rows[i-1].Rung != nil {
			d.quiet(deltaColumn, "+"+delta(before))
		}
		f = d.row.Figure()
		d.rung(f)
	}
	d.notes(f)
	d.lifelines()
}

// quiet writes a time, which ends at x.
func (d *rungDrawing) quiet(x float64, s string) {
	d.text(x, d.middle()+4, s, font{ink: picture.Dim, size: 11.5, anchor: "end", mono: true})
}

func (d *rungDrawing) rung(f picture.Figure) {
	if f.From != f.To {
		d.arrow(f)
	}
	if f.Held {
		x := d.at[picture.Kernel]
		d.rect(x-3, d.top, 6, d.high, 0, picture.Woken, 1)
	}
	if f.Cut {
		d.cross()
	}
	d.beside(f)
}

// cross is where something was cut, or forgotten.
func (d *rungDrawing) cross() {
	x, y := d.at[picture.Link], d.middle()
	d.rect(x-7, y-8, 14, 16, 2, picture.Fault, 1)
	s := stroke{ink: picture.Ground, width: 2, round: true}
	d.rule(x-3.5, y-4, x+3.5, y+4, s)
	d.rule(x-3.5, y+4, x+3.5, y-4, s)
}

// arrow is a line from one lifeline to another, or to where it was cut, with its name in it.
func (d *rungDrawing) arrow(f picture.Figure) {
	from, to, y := d.at[f.From], d.at[f.To], d.middle()
	s := stroke{ink: f.Ink, width: 1.8}
	if f.Ink == picture.Faint {
		s = stroke{ink: picture.Dim, width: 1.3, dash: "4 3"}
	}
	if f.Double {
		s.width = 4
	}
	if f.Cut {
		to = d.at[picture.Link]
	}
	a, z := min(from, to)+d.edge(min(from, to)), max(from, to)-d.edge(max(from, to))
	label := font{ink: f.Label.Ink, size: 12.5, anchor: "middle", bold: f.Label.Strong}
	words := cut(event.Printable(f.Label.Text), label, z-a-26)
	half := widthOf(words, label)/2 + 5
	d.rule(a, y, (a+z)/2-half, y, s)
	d.rule((a+z)/2+half, y, z, y, s)
	d.text((a+z)/2, y+4, words, label)
	d.taken.take((a+z)/2-half, (a+z)/2+half)
	if !f.Cut {
		d.point(to, from, s)
	}
	if f.Both {
		d.point(from, to, s)
	}
}

// edge is how far from a lifeline an arrow ends: the app's is a ribbon.
func (d *rungDrawing) edge(x float64) float64 {
	if x == d.at[picture.App] {
		return ribbonWidth/2 + 2
	}
	return 2
}

// point is the head of an arrow at a lifeline, which comes from another.
func (d *rungDrawing) point(at, from float64, s stroke) {
	y, way := d.middle(), 1.0
	if from > at {
		way = -1
	}
	tip := at - way*d.edge(at)
	d.polygon(s.ink, s.ink, tip, y, tip-way*9, y-4.5, tip-way*9, y+4.5)
}

// beside writes words left and right of a lifeline.
func (d *rungDrawing) beside(f picture.Figure) {
	const gap = 12
	x, y, end := d.at[f.Beside], d.middle()+4, d.at[picture.App]-gap
	if left := d.fontOf(f.Left); f.Left.Text != "" {
		left.anchor = "end"
		words := cut(event.Printable(f.Left.Text), left, x-gap-d.at[picture.Server]-gap)
		d.text(x-gap, y, words, left)
		d.taken.take(x-gap-widthOf(words, left), x-gap)
	}
	from := x + gap
	if f.LostHere && f.Beside != picture.App {
		words := f.Lost()
		flag := font{on: picture.Fault, size: 11.5, bold: true, anchor: "middle"}
		width := widthOf(words, flag) + 14
		d.rect(from, d.middle()-8, width, 16, 2, picture.Fault, 1)
		d.text(from+width/2, y, words, flag)
		d.taken.take(from, from+width)
		from += width + 6
	}
	for _, w := range f.Right {
		f := d.fontOf(w)
		words := cut(event.Printable(w.Text), f, end-from)
		d.text(from, y, words, f)
		d.taken.take(from, from+widthOf(words, f))
		from += widthOf(words, f)
	}
}

func (d *rungDrawing) fontOf(w picture.Word) font {
	return font{ink: w.Ink, size: 12.5, bold: w.Strong}
}

// notes are right of the app: why it woke, what the user did, for how long it slept, and what
// else is known.
func (d *rungDrawing) notes(f picture.Figure) {
	x, y := noteColumn, d.middle()+4
	put := func(s string, in font) {
		if s = cut(event.Printable(s), in, d.w-10-x); s != "" {
			d.text(x, y, s, in)
			x += widthOf(s, in) + 8
		}
	}
	quiet := font{ink: picture.Dim, size: 12}
	if d.row.Rung == nil {
		if d.row.Asleep > 0 {
			put("asleep "+delta(d.row.Asleep), quiet)
		}
		return
	}
	put(d.row.Letter, font{ink: picture.Woken, size: 12.5, bold: true, mono: true})
	put(d.row.Hand, font{ink: picture.Dim, size: 12.5, mono: true})
	if d.row.Kind == picture.RungCard {
		d.diamond(x+5, d.middle(), d.row.Sign == picture.Posted, d.row.Sign.Ink())
		x += 18
	}
	put(f.Connected, quiet)
	ink := picture.Dim
	if d.row.Wake != 0 || d.row.Ink == picture.Fault {
		ink = d.row.Ink
	}
	put(d.remark(), font{ink: ink, size: 12})
}

// remark is what else is known of a row.
func (d *rungDrawing) remark() string {
	g := d.row.Rung
	switch g.Kind {
	case picture.RungPing, picture.RungSocket, picture.RungFault, picture.RungProblem, picture.RungHeld:
		return "" // the row says it
	case picture.RungCut:
		if !g.Lost() {
			return ""
		}
	}
	var parts []string
	if d.row.Lost() {
		parts = append(parts, event.Printable(g.Why))
	} else if g.Note != "" {
		parts = append(parts, g.Note)
	}
	if g.Bytes > 0 && !d.row.Released {
		parts = append(parts, fmt.Sprintf("%d B", g.Bytes))
	}
	return strings.Join(parts, ", ")
}

// lifelines go through the row, but not through words: dotted where nothing passed, broken
// where the network has forgotten the phone, and thick where something lies in the kernel.
func (d *rungDrawing) lifelines() {
	for s := picture.Kernel; s < picture.Stations; s++ {
		x := d.at[s]
		if x == 0 || !d.taken.free(x-2, x+2) {
			continue
		}
		line := stroke{ink: picture.Rule, width: 1.5}
		switch {
		case s == picture.Kernel && d.row.Holding:
			line = stroke{ink: picture.Woken, width: 6}
		case s == picture.Link && d.row.LostSince:
			line = stroke{ink: picture.Fault, width: 1.5, dash: "4 4"}
		case d.row.Rung == nil:
			line.dash = "1.5 4"
		}
		d.rule(x, d.top, x, d.top+d.high, line)
	}
}

// hostOf is the host of an address.
func hostOf(address string) string {
	if i := strings.LastIndexByte(address, ':'); i > 0 {
		return address[:i]
	}
	return cmp.Or(address, "server")
}
