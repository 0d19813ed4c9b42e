package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// lostIn are the lost calls in a part of the time.
func lostIn(t *picture.Timeline, s stretch) []picture.LossPin {
	return picture.Between(t.Lost, s.from, s.to+1)
}

// callers is the name of the lane of those who called in vain.
func callers(lost []picture.LossPin) string {
	for _, l := range lost {
		if l.Label == "" || l.Label != lost[0].Label {
			return "callers"
		}
	}
	return lost[0].Label
}

// far draws how long each lost call rang at its caller, and what the caller got.
func (d *lanesDrawing) far(y float64) {
	f := font{ink: picture.Fault, size: 11.5, bold: true}
	free := 0.0
	for _, l := range d.lost {
		over := l.Over
		switch over {
		case 0:
			continue // nothing is known of the caller
		case picture.Ongoing:
			over = d.line.End
		}
		x, width, ok := d.within(stretch{l.At, over})
		if !ok {
			continue
		}
		d.rect(x, y-8, width, 16, min(2, width/2), picture.Talk, 0.4)
		if l.Over > d.view.shown.to {
			continue
		}
		d.cross(x+width, y)
		if at := x + width + 9; at >= free && at+widthOf(l.Outcome, f) < d.w {
			d.text(at, y+4, l.Outcome, f)
			free = at + widthOf(l.Outcome, f) + 6
		}
	}
}

// pins draws each lost call through all lanes: dashed where its bytes never came, cut where
// it was lost, and a line for how far it came. The newest has its words first.
//
//	                 LOST HERE 09:21.37 ▼
//	app      ···························┊··
//	network  ══════════╳ NAT forgets ╌╌╌╳╌╌
//	reg      ───────────────────────────│──
//	         ├ 240 s silent ┤ unreachable ┘
func (d *lanesDrawing) pins() {
	var flags, spans row
	for _, l := range slices.Backward(d.lost) {
		x := d.x(l.At)
		d.pin(x, l)
		d.flag(&flags, x, l)
		d.since(&spans, x, l)
	}
}

// pin draws a lost call through the lanes.
func (d *lanesDrawing) pin(x float64, l picture.LossPin) {
	at := slices.IndexFunc(d.lanes, func(row lane) bool { return row.name == picture.CutLane(l.Where) })
	if at < 0 {
		at = len(d.lanes) - 1
	}
	y := d.top + (float64(at)+0.5)*laneHeight
	s := stroke{ink: picture.Fault, width: 2}
	d.rule(x, y, x, d.bottom(), s)
	s.dash = "3 2"
	d.rule(x, d.top-4, x, y, s)
	d.rect(x-7, y-8, 14, 16, 2, picture.Fault, 1)
	s = stroke{ink: picture.Ground, width: 2, round: true}
	d.rule(x-3.5, y-4, x+3.5, y+4, s)
	d.rule(x-3.5, y+4, x+3.5, y-4, s)
}

// flag writes above the lanes where a call was lost: left of its pin, or right of it where
// there is more room, or as a mere point where there is none.
func (d *lanesDrawing) flag(taken *row, x float64, l picture.LossPin) {
	word := "LOST HERE "
	if !l.Certain() {
		word = "LOST HERE? "
	}
	word += event.Stamp(l.At)
	f := font{on: picture.Fault, size: 11.5, bold: true}
	y, width := d.top-flagHigh+1, widthOf(word, f)+14
	left := x + 7 - width
	if left < lanesLeft {
		left = x - 7
	}
	if taken.take(left, left+width) {
		d.rect(left, y-2, width, 16, 2, picture.Fault, 1)
		f.anchor = "middle"
		d.text(left+width/2, y+10, word, f)
	}
	d.polygon(picture.Fault, picture.Fault, x-5, y+13, x+5, y+13, x, y+18)
}

// since draws below the lanes for how long the phone had been cut off when it was called, and
// how long nothing had passed before that.
func (d *lanesDrawing) since(taken *row, x float64, l picture.LossPin) {
	if l.CutAt == 0 {
		return
	}
	cutAt := d.span(taken, l.CutAt, l.At, "unreachable "+event.Clock(l.At-l.CutAt), picture.Fault)
	if l.Idle > 0 && cutAt {
		d.span(taken, l.CutAt-l.Idle, l.CutAt, fmt.Sprintf("%.0f s silent", l.Idle.Seconds()), picture.Dim)
	}
}

// span is a measure below the lanes, with its words in it or, where they do not fit, right of
// it. It reports whether its beginning is in view.
func (d *lanesDrawing) span(taken *row, from, to time.Duration, words string, ink picture.Ink) bool {
	v := d.view.shown
	x1, x2 := d.x(max(from, v.from)), d.x(to)
	if !taken.take(x1+1, x2-1) {
		return from >= v.from
	}
	y, s := d.bottom()+spanHigh/2+2, stroke{ink: ink, width: 1.2}
	d.rule(x2, y-5, x2, y+5, s)
	if from >= v.from {
		d.rule(x1, y-5, x1, y+5, s)
	}
	f := font{ink: ink, size: 11.5}
	width := widthOf(words, f)
	switch {
	case width+24 < x2-x1:
		middle := (x1 + x2) / 2
		d.rule(x1, y, middle-width/2-6, y, s)
		d.rule(middle+width/2+6, y, x2, y, s)
		f.anchor = "middle"
		d.text(middle, y+4, words, f)
	default:
		d.rule(x1, y, x2, y, s)
		if x2+6+width < d.w && taken.take(x2+2, x2+6+width) {
			d.text(x2+6, y+4, words, f)
		}
	}
	return from >= v.from
}

// A row knows which parts of it are taken.
type row []struct{ from, to float64 }

// free reports whether nothing of a part is taken.
func (r row) free(from, to float64) bool {
	for _, t := range r {
		if from < t.to && to > t.from {
			return false
		}
	}
	return true
}

// take takes a part, if all of it is free.
func (r *row) take(from, to float64) bool {
	if !r.free(from, to) {
		return false
	}
	*r = append(*r, struct{ from, to float64 }{from, to})
	return true
}
