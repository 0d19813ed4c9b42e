package report

import (
	"sort"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// app draws the app's life. What is short is drawn last, so that a wake of a
// few milliseconds is not hidden by the sleep that follows it.
func (d *lanesDrawing) app(y float64) {
	for _, awake := range []bool{false, true} {
		for _, s := range d.tape.app {
			look := lookOf(event.Lifecycle(s.kind))
			x, width, ok := d.within(s.stretch)
			if !ok || awake != (look.ink == woken) {
				continue
			}
			d.bar(x, width, y, look)
			f := font{ink: ground, size: 11, anchor: "middle", bold: true}
			if look.height > 0.4 && width > widthOf(look.word, f)+8 {
				d.text(x+width/2, y+4, look.word, f)
			}
		}
	}
	d.each(d.tape.faults, func(x float64, m mark) {
		if m.label == "killed" {
			d.cross(x, y)
			d.text(x+9, y+4, m.label, font{ink: fault, size: 11, bold: true})
		}
	})
}

// wake has a letter for the cause of each wake, and in grey what a person or
// the scenario did.
func (d *lanesDrawing) wake(y float64) {
	free := 0.0
	d.each(d.tape.wakes, func(x float64, m mark) {
		if x < free {
			d.rect(x-1, y-8, 2, 16, 0, woken, 1)
			return
		}
		d.circle(x, y, 8, woken)
		d.text(x, y+4, m.kind, font{ink: ground, size: 11, anchor: "middle", bold: true})
		free = x + 17
	})
	f := font{ink: dim, size: 10.5}
	d.each(d.tape.hands, func(x float64, m mark) {
		d.line(x, y-12, x, y+12, stroke{ink: dim, width: 1})
		end := x + widthOf(m.label, f) + 10
		if end < d.w-lanesRight && !d.crowded(d.tape.wakes, x-9, end+9) && !d.crowded(d.tape.hands, x, end) {
			d.text(x+4, y+4, m.label, f)
		}
	})
}

// crowded reports whether a mark stands between two places.
func (d *lanesDrawing) crowded(list []mark, from, to float64) bool {
	for _, m := range list {
		if x := d.x(m.at); x > from && x < to {
			return true
		}
	}
	return false
}

// idle is how idle the device is: the deeper, the taller; a window in which apps
// may run is open. Its word stands where it has room.
func (d *lanesDrawing) idle(y float64) {
	for _, s := range d.tape.idle {
		x, width, ok := d.within(s.stretch)
		height, fill := idleLook(s.kind)
		if !ok || height == 0 {
			continue
		}
		d.rect(x, y-height/2, width, height, 0, fill, 0.8)
		f := font{ink: ground, size: 11, anchor: "middle", bold: true}
		if word := strings.Replace(s.kind, "-", " ", 1); height > 12 && width > widthOf(word, f)+8 {
			d.text(x+width/2, y+4, word, f)
		}
	}
}

// idleLook is how a state of the device's idleness is drawn; an active device is
// not.
func idleLook(state string) (height float64, fill ink) {
	switch {
	case state == "active":
		return 0, sleep
	case strings.HasSuffix(state, "-maintenance"):
		return 6, talk
	case state == "light-idle":
		return 14, sleep
	case state == "deep-idle":
		return 20, grace
	}
	return 2, sleep
}

func (d *lanesDrawing) notify(y float64) {
	for _, s := range d.tape.cards {
		if x, width, ok := d.within(s.stretch); ok {
			d.rect(x, y-3, width, 6, 2, banner, 0.55)
			f := font{ink: banner, size: 11}
			if label := cut(s.label, f, width-18); width > 70 && label != "" {
				d.text(x+9, y-6, label, f)
			}
		}
	}
	d.each(d.tape.posts, func(x float64, m mark) {
		edge := banner
		if m.kind == "missed" || m.kind == "expired" || m.kind == "refused" {
			edge = fault
		}
		d.diamond(x, y, m.kind == "posted" || m.kind == "updated", edge)
	})
	d.each(d.tape.pushes, func(x float64, m mark) { d.push(x, y, m.kind) })
}

// push is an arrow to the device, or a cross for one that did not come through.
func (d *lanesDrawing) push(x, y float64, phase string) {
	edge := talk
	switch phase {
	case "delivered":
	case "sent", "queued":
		edge = dim
	default:
		d.cross(x, y)
		return
	}
	d.line(x, y-13, x, y-5, stroke{ink: edge, width: 1.8})
	d.polygon(edge, edge, x-4, y-7, x+4, y-7, x, y-2)
}

// socketLane is a line while the control socket is open, with a stroke for
// each message: up for what came, down for what went.
func (d *lanesDrawing) socketLane(y float64) {
	for _, s := range d.tape.socket {
		if x, width, ok := d.within(s.stretch); ok {
			d.rect(x, y-1.5, width, 3, 1, open, 1)
		}
	}
	d.each(d.tape.wire, func(x float64, m mark) {
		if m.kind == "in" {
			d.line(x, y-10, x, y-1, stroke{ink: open, width: 1.4})
		} else {
			d.line(x, y+1, x, y+10, stroke{ink: talk, width: 1.4})
		}
	})
	d.each(d.tape.faults, func(x float64, m mark) {
		if m.label != "killed" {
			d.cross(x, y)
		}
	})
}

func (d *lanesDrawing) reg(y float64) {
	for _, s := range d.tape.bound {
		if x, width, ok := d.within(s.stretch); ok {
			d.line(x, y, x+width, y, stroke{ink: talk, width: 2, dash: "6 3"})
		}
	}
	d.each(d.tape.bounds, func(x float64, m mark) {
		switch m.kind {
		case "active":
			d.circle(x, y, 4.5, talk)
		case "removed":
			d.circle(x, y, 4.5, sleep)
		default:
			d.cross(x, y)
		}
	})
}

func (d *lanesDrawing) callLane(y float64) {
	for _, s := range d.tape.call {
		x, width, ok := d.within(s.stretch)
		if !ok {
			continue
		}
		word, opacity := "ringing", 0.4
		if s.kind == "up" {
			word, opacity = "up", 1
		}
		d.rect(x, y-8, width, 16, min(2, width/2), talk, opacity)
		f := font{ink: ground, size: 11, anchor: "middle", bold: true}
		if s.kind != "up" {
			f.ink = text
		}
		if label := cut(word+" · "+s.label, f, width-8); width > 60 && label != "" {
			d.text(x+width/2, y+4, label, f)
		}
	}
}

// audio is what was heard above the middle and what was spoken below it.
func (d *lanesDrawing) audio(y float64) {
	for _, s := range d.tape.audio {
		if x, width, ok := d.within(s.stretch); ok {
			d.line(x, y, x+width, y, stroke{ink: talk, width: 1.2})
		}
	}
	v := d.view.shown
	list := d.tape.levels
	for i := sort.Search(len(list), func(i int) bool { return list[i].at >= v.from }); i < len(list) && list[i].at <= v.to; {
		l, x := list[i], d.x(list[i].at)
		i++
		for ; i < len(list) && d.x(list[i].at) < x+narrowBar; i++ {
			l.mic, l.ear = max(l.mic, list[i].mic), max(l.ear, list[i].ear)
		}
		end := l.at + snapshotHolds
		if i < len(list) {
			end = min(end, list[i].at)
		}
		width := max(narrowBar, d.x(min(end, v.to))-x-0.6)
		d.rect(x, y-barOf(l.ear), width, barOf(l.ear), 0, talk, 0.9)
		d.rect(x, y, width, barOf(l.mic), 0, open, 0.8)
	}
}

// A snapshot of the levels is drawn until the next one, or for as long as
// they are apart at most; in a coarse drawing the loudest of several is.
const (
	narrowBar     = 2.0 // pixels
	snapshotHolds = 250 * time.Millisecond
)

// barOf is the height of a level: nothing at -60 dBFS and below.
func barOf(db float64) float64 {
	const top, floor = 12.0, -60.0
	return top * max(0.04, min(1, (db-floor)/-floor))
}
