package report

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// The measures of the lanes, in pixels.
const (
	lanesWidth  = 1120.0
	lanesLeft   = 74.0
	lanesRight  = 14.0
	lanesTop    = 44.0 // the axis, and above it the words on the shaded part
	lanesFoot   = 30.0 // the legend
	flagHigh    = 20.0 // above the lanes: where calls were lost
	spanHigh    = 22.0 // below them: since when they could not come
	laneHeight  = 30.0
	narrowest   = 3.0 // of a bar: a wake of 40 ms shows beside an hour of sleep
	maxLaneMark = 2000
)

// A laneView is the part of the time that the lanes show.
type laneView struct {
	title  string
	shown  stretch
	shaded []shade // windows in which something failed
	cuts   []cutAt // where test cases begin
}

// A shade is a part of the time that is highlighted.
type shade struct {
	stretch
	label string
}

// A cutAt is where a test case begins.
type cutAt struct {
	at   time.Duration
	name string
}

// lanesDrawing is one drawing of the lanes.
type lanesDrawing struct {
	drawing
	line  *picture.Timeline
	view  laneView
	lanes []lane
	top   float64           // of the first lane
	lost  []picture.LossPin // those in view
	marks int               // drawn so far
	over  int               // left out
}

// A lane is a row of the drawing.
type lane struct {
	name string
	draw func(d *lanesDrawing, y float64)
}

// rows are the lanes that have something to show: idleness only of a device that dozes, the
// network only if something became of it, and the callers only of calls that were lost.
func (d *lanesDrawing) rows() []lane {
	t := d.line
	list := []lane{{"app", (*lanesDrawing).app}}
	if len(t.Idle.Runs) > 0 {
		list = append(list, lane{"idle", (*lanesDrawing).idle})
	}
	list = append(list,
		lane{"wake", (*lanesDrawing).wake},
		lane{"notify", (*lanesDrawing).notify},
		lane{"socket", (*lanesDrawing).socketLane},
	)
	if len(t.Joined.Runs)+len(t.Broken.Runs)+len(t.Cut.Runs) > 0 {
		list = append(list, lane{"network", (*lanesDrawing).network})
	}
	list = append(list,
		lane{"reg", (*lanesDrawing).reg},
		lane{"call", (*lanesDrawing).callLane},
		lane{"mic", (*lanesDrawing).mic},
		lane{"ear", (*lanesDrawing).ear},
	)
	if len(d.lost) > 0 {
		list = append(list, lane{callers(d.lost), (*lanesDrawing).far})
	}
	return list
}

// bottom returns the end of the last lane.
func (d *lanesDrawing) bottom() float64 { return d.top + float64(len(d.lanes))*laneHeight }

// drawLanes draws what happened to a phone on the axis of device time: a row
// for each kind of thing, so that one sees that a message came while the app
// was suspended.
//
//	        00:00         05:00         10:00
//	app     ████▓▓····················┃·····█
//	wake                              K
//	socket  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
func drawLanes(t *picture.Timeline, v laneView, th theme) []byte {
	d := &lanesDrawing{line: t, view: v, top: lanesTop}
	d.theme, d.w = th, lanesWidth
	if v.shown.length() <= 0 {
		d.view.shown.to = d.view.shown.from + time.Second
	}
	foot := lanesFoot
	if d.lost = lostIn(t, v.shown); len(d.lost) > 0 {
		d.top, foot = lanesTop+flagHigh, lanesFoot+spanHigh
	}
	d.lanes = d.rows()
	d.h = d.bottom() + foot
	d.shades()
	d.axis()
	d.cuts()
	for i, lane := range d.lanes {
		y, f := d.top+float64(i)*laneHeight, font{ink: picture.Dim, size: 12.5}
		d.text(8, y+laneHeight/2+4, cut(lane.name, f, lanesLeft-14), f)
		d.rule(lanesLeft, y+laneHeight, d.w-lanesRight, y+laneHeight, stroke{ink: picture.Rule, width: 0.6})
		lane.draw(d, y+laneHeight/2)
	}
	d.pins()
	d.legend()
	return d.bytes(v.title, lanesInWords(t, v))
}

// x returns the place of a device time on the axis.
func (d *lanesDrawing) x(at time.Duration) float64 {
	part := float64(at-d.view.shown.from) / float64(d.view.shown.length())
	return lanesLeft + part*(d.w-lanesLeft-lanesRight)
}

// within clips a run to the visible part; ok is false if there is none. A run
// that takes no room is widened so that it can be seen.
func within[S comparable](d *lanesDrawing, r picture.Run[S]) (x, width float64, ok bool) {
	return d.within(stretch{r.From, r.To})
}

func (d *lanesDrawing) within(s stretch) (x, width float64, ok bool) {
	v := d.view.shown
	if s.to < v.from || s.from > v.to {
		return 0, 0, false
	}
	left, right := d.x(max(s.from, v.from)), d.x(min(s.to, v.to))
	return left, max(narrowest, right-left), true
}

// A moment is an event with a time.
type moment interface{ Moment() time.Duration }

// eachPin calls do for the visible pins, up to [maxLaneMark] in all.
func eachPin[T moment](d *lanesDrawing, list []T, do func(x float64, m T)) {
	v := d.view.shown
	for _, m := range picture.Between(list, v.from, v.to+1) {
		if d.marks >= maxLaneMark {
			d.over++
			continue
		}
		d.marks++
		do(d.x(m.Moment()), m)
	}
}

func (d *lanesDrawing) shades() {
	bottom := d.bottom()
	for _, s := range d.view.shaded {
		x, width, ok := d.within(s.stretch)
		if !ok {
			continue
		}
		d.rect(x, 24, width, bottom-24, 0, picture.Fault, 0.13)
		edge := stroke{ink: picture.Fault, width: 1, dash: "3 3"}
		d.rule(x, 24, x, bottom, edge)
		d.rule(x+width, 24, x+width, bottom, edge)
		f := font{ink: picture.Fault, size: 12, bold: true}
		label := cut(s.label, f, d.w-lanesLeft-lanesRight)
		at := min(max(x+width/2, lanesLeft+widthOf(label, f)/2), d.w-lanesRight-widthOf(label, f)/2)
		f.anchor = "middle"
		d.text(at, 16, label, f)
	}
}

// axis writes round times along the top.
func (d *lanesDrawing) axis() {
	v := d.view.shown
	step := roundStep(v.length() / 8)
	bottom := d.bottom()
	for n := v.from / step; n <= v.to/step; n++ {
		at := n * step
		if at < v.from || at < 0 {
			continue
		}
		x := d.x(at)
		d.rule(x, lanesTop-6, x, bottom, stroke{ink: picture.Rule, width: 0.8})
		anchor := "middle"
		if x > d.w-40 {
			anchor = "end"
		}
		d.text(x, lanesTop-10, tickLabel(at, step), font{ink: picture.Dim, size: 11, anchor: anchor, mono: true})
	}
}

// roundStep returns the shortest round time that is not shorter than d.
func roundStep(d time.Duration) time.Duration {
	for unit := time.Millisecond; unit <= 100*time.Millisecond; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if n*unit >= d {
				return n * unit
			}
		}
	}
	for _, s := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400} {
		if step := s * time.Second; step >= d {
			return step
		}
	}
	const day = 24 * time.Hour
	return max(1, d/day+1) * day
}

func tickLabel(at, step time.Duration) string {
	switch {
	case step >= time.Second:
		return event.Clock(at)
	case step >= 10*time.Millisecond:
		return event.Stamp(at)
	}
	return fmt.Sprintf("%s.%03d", event.Clock(at), at/time.Millisecond%1000)
}

// cuts marks where test cases begin.
func (d *lanesDrawing) cuts() {
	free := 0.0
	f := font{ink: picture.Dim, size: 11}
	for _, c := range d.view.cuts {
		x := d.x(c.at)
		d.rule(x, lanesTop-6, x, d.bottom(), stroke{ink: picture.Dim, width: 1, dash: "1 3"})
		if len(d.view.shaded) == 0 && x >= free && x+widthOf(c.name, f) < d.w {
			d.text(x+2, 16, c.name, f)
			free = x + widthOf(c.name, f) + 12
		}
	}
}

func (d *lanesDrawing) legend() {
	x, y := lanesLeft, d.h-10
	f := font{ink: picture.Dim, size: 11.5}
	for _, s := range []event.Lifecycle{event.Foreground, event.Entering, event.Suspended, event.Awake, event.InCall} {
		look := picture.LookOf(s)
		d.bar(x, 16, y-4, look)
		d.text(x+22, y, look.Word, f)
		x += 22 + widthOf(look.Word, f) + 22
	}
	d.diamond(x+5, y-4, true, picture.Banner)
	d.text(x+16, y, "banner", f)
	x += 16 + widthOf("banner", f) + 22
	d.cross(x+5, y-4)
	d.text(x+16, y, "lost", f)
	note := "device time"
	if d.over > 0 {
		note = fmt.Sprintf("device time · %d marks shown, %d left out", d.marks, d.over)
	}
	d.text(d.w-lanesRight, y, note, font{ink: picture.Dim, size: 11.5, anchor: "end"})
}

// bar draws a span of the app's life around the middle y of its lane.
func (d *lanesDrawing) bar(x, width, y float64, look picture.Look) {
	if look.Height == 0 {
		d.rule(x+1.5, y, x+max(width-1.5, 1.6), y, stroke{ink: look.Ink, width: 2.2, dash: "0.1 6", round: true})
		return
	}
	h := look.Height * (laneHeight - 6)
	d.rect(x, y-h/2, width, h, min(2, width/2), look.Ink, 1)
}
