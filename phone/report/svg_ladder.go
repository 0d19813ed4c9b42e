package report

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
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
	ladder *picture.Ladder
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
func drawLadder(l *picture.Ladder, title string, shaded []shade, th theme) []byte {
	d := &ladderDrawing{ladder: l, shaded: shaded}
	d.theme, d.w = th, ladderWidth
	y := ladderHead + 10
	for _, r := range l.Rungs {
		d.tops = append(d.tops, y)
		y += heightOf(r)
	}
	d.tops = append(d.tops, y)
	d.h = y + 14
	if l.Over > 0 {
		d.h += rungLow
	}
	d.shade()
	d.lifelines()
	d.ribbon()
	before := time.Duration(-1)
	for i, r := range l.Rungs {
		d.rung(i, r, before)
		if r.Ours() {
			before = r.At
		}
	}
	if l.Over > 0 {
		d.text(noteColumn, d.h-12, fmt.Sprintf("%d rows shown, %d more in events.jsonl", len(l.Rungs), l.Over), font{ink: picture.Fault, size: 12.5})
	}
	return d.bytes(title, ladderInWords(l))
}

func heightOf(r picture.Rung) float64 {
	switch r.Kind {
	case picture.RungMessage, picture.RungPing, picture.RungMedia, picture.RungCut:
		return rungHigh
	}
	return rungLow
}

// shade marks the rungs in which the failed step waited.
func (d *ladderDrawing) shade() {
	for _, s := range d.shaded {
		first, last := -1, -1
		for i, r := range d.ladder.Rungs {
			if r.Ours() && r.At >= s.from && r.At <= s.to {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
		if first >= 0 {
			d.rect(0, d.tops[first], d.w, d.tops[last+1]-d.tops[first], 0, picture.Fault, 0.09)
			d.rect(0, d.tops[first], 3, d.tops[last+1]-d.tops[first], 0, picture.Fault, 1)
		}
	}
}

func (d *ladderDrawing) lifelines() {
	end := d.tops[len(d.tops)-1]
	for _, x := range []float64{leftLine, rightLine} {
		d.rule(x, ladderHead, x, end, stroke{ink: picture.Rule, width: 1.5})
	}
	f := font{ink: picture.Text, size: 12.5, bold: true, mono: true}
	room := (rightLine - leftLine) / 2
	f.anchor = "start"
	d.text(leftLine-42, 26, cut(lifeline(d.ladder), f, room+30), f)
	f.anchor = "middle"
	d.text(rightLine, 26, cut(d.ladder.Remote, f, room), f)
	quiet := font{ink: picture.Dim, size: 11.5, anchor: "end"}
	d.text(timeColumn, 26, "device time", quiet)
	d.text(ribbonX+ribbonWidth/2-10, 26, "app", quiet)
	d.rule(10, ladderHead, d.w-10, ladderHead, stroke{ink: picture.Rule, width: 1})
}

// ribbon draws the app's state from one rung to the next.
func (d *ladderDrawing) ribbon() {
	state := d.ladder.First
	from := ladderHead + 2
	flush := func(to float64) {
		if to > from && state != "" {
			d.ribbonPart(from, to, state)
		}
		from = to
	}
	for i, r := range d.ladder.Rungs {
		if r.State != state {
			flush(d.tops[i] + 4)
			state = r.State
		}
	}
	flush(d.tops[len(d.tops)-1])
}

func (d *ladderDrawing) ribbonPart(from, to float64, state event.Lifecycle) {
	look := picture.LookOf(state)
	middle := ribbonX + ribbonWidth/2
	if look.Height == 0 {
		d.rule(middle, from+4, middle, to-2, stroke{ink: look.Ink, width: 2.4, dash: "0.1 6", round: true})
		return
	}
	w := ribbonWidth * look.Height / 0.86
	d.rect(middle-w/2, from, w, to-from, 1.5, look.Ink, 1)
}

func (d *ladderDrawing) rung(i int, r picture.Rung, before time.Duration) {
	top := d.tops[i]
	middle := top + heightOf(r)/2
	if r.Ours() {
		d.when(top+heightOf(r)-8, r.At, before)
	}
	switch r.Kind {
	case picture.RungOther, picture.RungFar:
		d.circle(rightLine, middle, 3, r.Ink)
		f := font{ink: r.Ink, size: 12.5, anchor: "end"}
		d.text(rightLine-12, middle+4, cut(farTitle(r), f, rightLine-leftLine-30), f)
		d.note(middle+4, r.Note, picture.Dim)
	case picture.RungMessage, picture.RungPing, picture.RungMedia, picture.RungCut:
		d.across(top, r)
	case picture.RungCard:
		d.diamond(leftLine, middle, r.Sign == picture.Posted, r.Ink)
		d.aside(middle+4, r)
	default:
		d.circle(leftLine, middle, 3, r.Ink)
		d.aside(middle+4, r)
	}
}

// farTitle is what somebody else did or, of a message, who sent or got it.
func farTitle(r picture.Rung) string {
	switch {
	case r.Kind != picture.RungFar:
		return r.Title
	case r.To == picture.Far:
		return r.Far.Who + " ← " + r.Title
	}
	return r.Far.Who + " → " + r.Title
}

// when writes the time of a rung, and how long it came after the one before.
func (d *ladderDrawing) when(y float64, at, before time.Duration) {
	f := font{ink: picture.Dim, size: 11.5, anchor: "end", mono: true}
	d.text(timeColumn, y, stamp(at), f)
	if before >= 0 && at > before {
		d.text(deltaColumn, y, "+"+delta(at-before), f)
	}
}

// stamp returns a device time to the thousandth of a second.
func stamp(d time.Duration) string {
	return fmt.Sprintf("%s.%03d", event.Clock(d), d/time.Millisecond%1000)
}

// delta returns a short time between two rungs as text.
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
func (d *ladderDrawing) across(top float64, r picture.Rung) {
	y := top + rungHigh - 10
	s := stroke{ink: picture.Bright, width: 1.8}
	switch {
	case r.Kind == picture.RungPing:
		s.ink, s.dash, s.width = picture.Dim, "4 3", 1.3
	case r.Ink == picture.Fault:
		s.ink = picture.Fault
	case r.Out():
		s.ink = picture.Talk
	}
	f := font{ink: r.Ink, size: 13, anchor: "middle", bold: r.Kind == picture.RungMessage}
	if r.Kind == picture.RungMedia {
		s.ink, s.width = picture.Talk, 4
		if lost := r.Losses(); lost != "" {
			r.Note += ", " + lost
		}
	}
	if r.Wake != 0 {
		f.ink, s.ink = picture.Woken, picture.Woken
	}
	d.text((leftLine+rightLine)/2, y-6, cut(r.Title, f, rightLine-leftLine-40), f)
	d.arrow(y, r, s)
	if r.Bytes > 0 {
		size := fmt.Sprintf("%d B", r.Bytes)
		if r.Note != "" {
			size += ", "
		}
		r.Note = size + r.Note
	}
	quiet := picture.Dim
	if r.Wake != 0 || r.Ink == picture.Fault {
		quiet = r.Ink
	}
	d.note(y+4, r.Note, quiet)
}

// arrow draws the way of a rung: to the other end, or to where it was cut.
func (d *ladderDrawing) arrow(y float64, r picture.Rung, s stroke) {
	left, right, middle := leftLine+3, rightLine-3, (leftLine+rightLine)/2
	switch {
	case r.Kind == picture.RungCut && !r.Lost():
		s.dash = "4 3"
	case r.Lost() && r.Out():
		right = middle
	case r.Lost():
		left = middle
	}
	d.rule(left, y, right, y, s)
	if r.Kind == picture.RungCut {
		s.dash = ""
		d.rule(middle-5, y-5, middle+5, y+5, s)
		d.rule(middle-5, y+5, middle+5, y-5, s)
		return
	}
	if r.Out() || r.Kind == picture.RungMedia {
		d.polygon(s.ink, s.ink, rightLine-2, y, rightLine-11, y-4.5, rightLine-11, y+4.5)
	}
	if !r.Out() || r.Kind == picture.RungMedia {
		d.polygon(s.ink, s.ink, leftLine+2, y, leftLine+11, y-4.5, leftLine+11, y+4.5)
	}
}

// note writes a remark right of the server's lifeline.
func (d *ladderDrawing) note(y float64, s string, i picture.Ink) {
	f := font{ink: i, size: 12}
	d.text(noteColumn, y, cut(s, f, d.w-noteColumn-10), f)
}

// aside writes what happened on the phone beside its lifeline.
func (d *ladderDrawing) aside(y float64, r picture.Rung) {
	f := font{ink: r.Ink, size: 12.5, bold: r.Ink != picture.Dim}
	title := cut(r.Title, f, rightLine-leftLine-30)
	d.text(leftLine+14, y, title, f)
	d.note(y, r.Note, picture.Dim)
}
