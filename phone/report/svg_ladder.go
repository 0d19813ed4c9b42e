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
	ladderHead  = 48.0
	rungHigh    = 26.0
	pauseHigh   = 22.0 // a time in which nothing passed
	ribbonWidth = 14.0
	timeColumn  = 96.0 // where times end
	deltaColumn = 166.0
	firstLine   = 214.0
	lastLine    = 806.0
	noteColumn  = 832.0
)

// A ladderView is a ladder as it is drawn, and told in words.
type ladderView struct {
	*picture.Ladder
	rows   []picture.Row
	title  string
	words  string // what it shows
	shaded []shade
}

// ladderDrawing is one drawing of a ladder.
type ladderDrawing struct {
	drawing
	view ladderView
	at   [picture.Stations]float64 // of each lifeline; 0: there is none
	tops []float64                 // of each row, and the end
}

// drawLadder draws what went between the phone, its server and whoever else is known, one
// below the other, as the screen does: a row a rung, the lifelines from end to end, that of
// the app a ribbon of its state.
//
//	time          +delta    bob        server      link   kernel   app
//	14:24.206                │── INVITE ─▶│           ┊      │      ·
//	14:24.207       +1 ms    │            │── INVITE ─╳ LOST HERE   ·
//	               +03:34    ┊            ┊           ┊      ┊      ·  asleep 03:34
func drawLadder(v ladderView, th theme) []byte {
	d := &ladderDrawing{view: v}
	d.theme, d.w = th, ladderWidth
	far := picture.Others(v.rows)
	d.lines(far != "")
	y := ladderHead + 8
	for i := range v.rows {
		d.tops = append(d.tops, y)
		y += heightOf(&v.rows[i])
	}
	d.tops = append(d.tops, y)
	d.h = y + 14
	if v.Over > 0 {
		d.h += rungHigh
	}
	d.shade()
	d.head(far)
	for i := range v.rows {
		(&rungDrawing{ladderDrawing: d, row: &v.rows[i], top: d.tops[i], high: d.tops[i+1] - d.tops[i]}).draw(i)
	}
	d.ribbon()
	if v.Over > 0 {
		d.text(firstLine, d.h-12, fmt.Sprintf("up to %s; %d more in events.jsonl", stamp(v.Rungs[len(v.Rungs)-1].At), v.Over), font{ink: picture.Fault, size: 12.5})
	}
	return d.bytes(v.title, v.words)
}

func heightOf(r *picture.Row) float64 {
	if r.Rung == nil {
		return pauseHigh
	}
	return rungHigh
}

// lines places the lifelines.
func (d *ladderDrawing) lines(far bool) {
	part := func(percent float64) float64 { return firstLine + (lastLine-firstLine)*percent/100 }
	d.at[picture.App] = lastLine
	if far {
		d.at[picture.Far], d.at[picture.Server], d.at[picture.Link], d.at[picture.Kernel] = firstLine, part(29), part(57), part(75)
		return
	}
	d.at[picture.Server], d.at[picture.Link], d.at[picture.Kernel] = firstLine, part(46), part(74)
}

// shade marks the rows in which the failed step waited.
func (d *ladderDrawing) shade() {
	for _, s := range d.view.shaded {
		first, last := -1, -1
		for i := range d.view.rows {
			if r := &d.view.rows[i]; r.Rung != nil && r.At >= s.from && r.At <= s.to {
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

// head names the lifelines.
func (d *ladderDrawing) head(far string) {
	names := [picture.Stations]string{
		picture.App: d.view.Phone, picture.Kernel: "kernel", picture.Link: "link",
		picture.Server: hostOf(d.view.Remote), picture.Far: far,
	}
	under := [picture.Stations]string{picture.App: d.view.Local, picture.Server: d.view.Remote}
	f := font{ink: picture.Text, size: 12.5, bold: true, mono: true, anchor: "middle"}
	small := font{ink: picture.Dim, size: 11, mono: true, anchor: "middle"}
	for s, x := range d.at {
		if x > 0 {
			d.text(x, 20, cut(event.Printable(names[s]), f, 150), f)
			d.text(x, 36, cut(event.Printable(under[s]), small, 170), small)
		}
	}
	quiet := font{ink: picture.Dim, size: 11.5, anchor: "end"}
	d.text(timeColumn, 20, "device time", quiet)
	d.rule(10, ladderHead-4, d.w-10, ladderHead-4, stroke{ink: picture.Rule, width: 1})
}

// ribbon draws the app's state from one row to the next.
func (d *ladderDrawing) ribbon() {
	from := d.tops[0]
	for i := range d.view.rows {
		r := &d.view.rows[i]
		if i+1 < len(d.view.rows) && d.view.rows[i+1].State == r.State {
			continue
		}
		if r.State != "" {
			d.ribbonPart(from, d.tops[i+1], r.State)
		}
		from = d.tops[i+1]
	}
}

func (d *ladderDrawing) ribbonPart(from, to float64, state event.Lifecycle) {
	look, x := picture.LookOf(state), d.at[picture.App]
	if look.Height == 0 {
		d.rule(x, from+4, x, to-2, stroke{ink: look.Ink, width: 2.4, dash: "0.1 6", round: true})
		return
	}
	w := ribbonWidth * look.Height / 0.86
	d.rect(x-w/2, from, w, to-from, 1.5, look.Ink, 1)
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
