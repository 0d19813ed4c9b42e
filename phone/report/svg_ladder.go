package report

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The measures of the ladder, in pixels.
const (
	ladderWidth = 1120.0
	ladderHead  = 40.0
	rungHigh    = 36.0 // a message: its name, and the arrow below
	rungLow     = 25.0 // anything else
	timeColumn  = 96.0 // where times end
	deltaColumn = 166.0
	ribbonX     = 182.0
	ribbonWidth = 14.0
	leftLine    = 232.0
	rightLine   = 662.0
	noteColumn  = 690.0
)

// ladderDrawing is one drawing of the SIP ladder.
type ladderDrawing struct {
	drawing
	ladder *ladder
	shaded []shade
	tops   []float64 // of each rung, and the end
}

// drawLadder draws the messages between the phone and its server, one below
// the other, and beside them the app's state as a ribbon:
//
//	     time   +delta  ▮   alice                         server
//	00:30.020      +92  ·     │          INVITE (SDP)        │
//	                    ┃ I   │◀─────────────────────────────│ arrived while suspended
//	                    ┃ ◆   │                              │ banner posted
func drawLadder(l *ladder, title string, shaded []shade, th theme) []byte {
	d := &ladderDrawing{ladder: l, shaded: shaded}
	d.theme, d.w = th, ladderWidth
	y := ladderHead + 10
	for _, r := range l.rungs {
		d.tops = append(d.tops, y)
		y += heightOf(r)
	}
	d.tops = append(d.tops, y)
	d.h = y + 14
	if l.over > 0 {
		d.h += rungLow
	}
	d.shade()
	d.lifelines()
	d.ribbon()
	before := time.Duration(-1)
	for i, r := range l.rungs {
		d.rung(i, r, before)
		if r.dated {
			before = r.at
		}
	}
	if l.over > 0 {
		d.text(noteColumn, d.h-12, fmt.Sprintf("%d rows shown, %d more in events.jsonl", len(l.rungs), l.over), font{ink: fault, size: 12.5})
	}
	return d.bytes(title, fmt.Sprintf("SIP ladder of %d rows between %s and %s", len(l.rungs), l.me, l.server))
}

func heightOf(r rung) float64 {
	if r.kind == rungMessage || r.kind == rungPing || r.kind == rungMedia {
		return rungHigh
	}
	return rungLow
}

// shade marks the rungs in which the failed step waited.
func (d *ladderDrawing) shade() {
	for _, s := range d.shaded {
		first, last := -1, -1
		for i, r := range d.ladder.rungs {
			if r.dated && r.at >= s.from && r.at <= s.to {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
		if first >= 0 {
			d.rect(0, d.tops[first], d.w, d.tops[last+1]-d.tops[first], 0, fault, 0.09)
			d.rect(0, d.tops[first], 3, d.tops[last+1]-d.tops[first], 0, fault, 1)
		}
	}
}

func (d *ladderDrawing) lifelines() {
	end := d.tops[len(d.tops)-1]
	for _, x := range []float64{leftLine, rightLine} {
		d.line(x, ladderHead, x, end, stroke{ink: faint, width: 1.5})
	}
	f := font{ink: text, size: 12.5, bold: true, mono: true}
	room := (rightLine - leftLine) / 2
	f.anchor = "start"
	d.text(leftLine-42, 26, cut(d.ladder.me, f, room+30), f)
	f.anchor = "middle"
	d.text(rightLine, 26, cut(d.ladder.server, f, room), f)
	quiet := font{ink: dim, size: 11.5, anchor: "end"}
	d.text(timeColumn, 26, "device time", quiet)
	d.text(ribbonX+ribbonWidth/2-10, 26, "app", quiet)
	d.line(10, ladderHead, d.w-10, ladderHead, stroke{ink: faint, width: 1})
}

// ribbon draws the app's state from one rung to the next.
func (d *ladderDrawing) ribbon() {
	state := d.ladder.first
	from := ladderHead + 2
	flush := func(to float64) {
		if to > from && state != "" {
			d.ribbonPart(from, to, state)
		}
		from = to
	}
	for i, r := range d.ladder.rungs {
		if r.state != state {
			flush(d.tops[i] + 4)
			state = r.state
		}
	}
	flush(d.tops[len(d.tops)-1])
}

func (d *ladderDrawing) ribbonPart(from, to float64, state event.Lifecycle) {
	look := lookOf(state)
	middle := ribbonX + ribbonWidth/2
	if look.height == 0 {
		d.line(middle, from+4, middle, to-2, stroke{ink: look.ink, width: 2.4, dash: "0.1 6", round: true})
		return
	}
	w := ribbonWidth * look.height / 0.86
	d.rect(middle-w/2, from, w, to-from, 1.5, look.ink, 1)
}

func (d *ladderDrawing) rung(i int, r rung, before time.Duration) {
	top := d.tops[i]
	middle := top + heightOf(r)/2
	if r.dated {
		d.when(top+heightOf(r)-8, r.at, before)
	}
	switch r.kind {
	case rungOther:
		d.circle(rightLine, middle, 3, r.ink)
		f := font{ink: r.ink, size: 12.5, anchor: "end"}
		d.text(rightLine-12, middle+4, cut(r.title, f, rightLine-leftLine-30), f)
		d.note(middle+4, r.note, dim)
	case rungMessage, rungPing, rungMedia:
		d.across(top, r)
	case rungCard:
		d.diamond(leftLine, middle, r.out, r.ink)
		d.aside(middle+4, r)
	default:
		d.circle(leftLine, middle, 3, r.ink)
		d.aside(middle+4, r)
	}
}

// when writes the time of a rung, and how long after the one before it came.
func (d *ladderDrawing) when(y float64, at, before time.Duration) {
	f := font{ink: dim, size: 11.5, anchor: "end", mono: true}
	d.text(timeColumn, y, stamp(at), f)
	if before >= 0 && at > before {
		d.text(deltaColumn, y, "+"+delta(at-before), f)
	}
}

// stamp is a device time to the thousandth of a second.
func stamp(d time.Duration) string {
	return fmt.Sprintf("%s.%03d", event.Clock(d), d/time.Millisecond%1000)
}

// delta is a short time between two rungs.
func delta(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 100*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return event.Clock(d)
}

// across draws an arrow between the lifelines with its name above.
func (d *ladderDrawing) across(top float64, r rung) {
	y := top + rungHigh - 10
	s := stroke{ink: open, width: 1.8}
	switch {
	case r.kind == rungPing:
		s.ink, s.dash, s.width = dim, "4 3", 1.3
	case r.ink == fault:
		s.ink = fault
	case r.out:
		s.ink = talk
	}
	f := font{ink: r.ink, size: 13, anchor: "middle", bold: r.kind == rungMessage}
	if r.kind == rungMedia {
		s.ink, s.width = talk, 4
	}
	if r.late {
		f.ink, s.ink = woken, woken
	}
	d.text((leftLine+rightLine)/2, y-6, cut(r.title, f, rightLine-leftLine-40), f)
	d.line(leftLine+3, y, rightLine-3, y, s)
	if r.out || r.kind == rungMedia {
		d.polygon(s.ink, s.ink, rightLine-2, y, rightLine-11, y-4.5, rightLine-11, y+4.5)
	}
	if !r.out || r.kind == rungMedia {
		d.polygon(s.ink, s.ink, leftLine+2, y, leftLine+11, y-4.5, leftLine+11, y+4.5)
	}
	if r.bytes > 0 {
		size := fmt.Sprintf("%d B", r.bytes)
		if r.note != "" {
			size += ", "
		}
		r.note = size + r.note
	}
	quiet := dim
	if r.late || r.ink == fault {
		quiet = r.ink
	}
	d.note(y+4, r.note, quiet)
}

// note writes what there is to remark, right of the server's lifeline.
func (d *ladderDrawing) note(y float64, s string, i ink) {
	f := font{ink: i, size: 12}
	d.text(noteColumn, y, cut(s, f, d.w-noteColumn-10), f)
}

// aside writes what happened on the phone beside its lifeline.
func (d *ladderDrawing) aside(y float64, r rung) {
	f := font{ink: r.ink, size: 12.5, bold: r.ink != dim}
	title := cut(r.title, f, rightLine-leftLine-30)
	d.text(leftLine+14, y, title, f)
	d.note(y, r.note, dim)
}
