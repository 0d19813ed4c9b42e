package report

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// app draws the app's life. What is short is drawn last, so that a wake of a
// few milliseconds is not hidden by the sleep that follows it.
func (d *lanesDrawing) app(y float64) {
	for _, awake := range []bool{false, true} {
		for _, s := range d.line.App.Runs {
			look := picture.LookOf(s.State)
			x, width, ok := within(d, s)
			if !ok || awake != (look.Ink == picture.Woken) {
				continue
			}
			d.bar(x, width, y, look)
			f := font{on: look.Ink, size: 11, anchor: "middle", bold: true}
			if look.Height > 0.4 && width > widthOf(look.Word, f)+8 {
				d.text(x+width/2, y+4, look.Word, f)
			}
		}
	}
	eachPin(d, d.line.Faults, func(x float64, m picture.Pin[picture.FaultKind]) {
		if m.Kind == picture.Killed {
			d.cross(x, y)
			d.text(x+9, y+4, m.Label, font{ink: picture.Fault, size: 11, bold: true})
		}
	})
}

// wake draws a letter for the cause of each wake: on vermilion if it came late
// or for no reason, in grey if a person or the scenario caused it.
func (d *lanesDrawing) wake(y float64) {
	free := 0.0
	eachPin(d, d.line.Wakes, func(x float64, m picture.WakePin) {
		fill := picture.Woken
		if m.Wrong() {
			fill = picture.Fault
		}
		if x < free {
			d.rect(x-1, y-8, 2, 16, 0, fill, 1)
			return
		}
		d.circle(x, y, 8, fill)
		d.text(x, y+4, m.Letter, font{on: fill, size: 11, anchor: "middle", bold: true})
		free = x + 17
	})
	f := font{ink: picture.Dim, size: 10.5}
	var taken row
	eachPin(d, d.line.Verbs, func(x float64, m picture.Pin[string]) {
		d.rule(x, y-12, x, y+12, stroke{ink: picture.Dim, width: 1})
		end := x + widthOf(m.Label, f) + 10
		if end < d.w-lanesRight && !crowded(d, d.line.Wakes, x-9, end+9) && !crowded(d, d.line.Verbs, x, end) && taken.take(x, end) {
			d.text(x+4, y+4, m.Label, f)
		}
	})
}

// crowded reports whether there is a pin between two places.
func crowded[T moment](d *lanesDrawing, list []T, from, to float64) bool {
	for _, m := range list {
		if x := d.x(m.Moment()); x > from && x < to {
			return true
		}
	}
	return false
}

// idle draws how idle the device is: the deeper, the taller; a window in which
// apps may run is a low bar of its own colour. The name of a state is written
// where it has room.
func (d *lanesDrawing) idle(y float64) {
	for _, s := range d.line.Idle.Runs {
		x, width, ok := within(d, s)
		height, fill := idleBar(picture.IdleSign(s.State))
		if !ok || height == 0 {
			continue
		}
		d.rect(x, y-height/2, width, height, 0, fill, 0.8)
		f := font{on: fill, size: 11, anchor: "middle", bold: true}
		if word := strings.Replace(string(s.State), "-", " ", 1); height > 12 && width > widthOf(word, f)+8 {
			d.text(x+width/2, y+4, word, f)
		}
	}
}

// idleBar returns how to draw a state of the device's idleness; an active
// device is not drawn.
func idleBar(s picture.Sign) (height float64, fill picture.Ink) {
	switch s {
	case picture.NoSign:
		return 0, picture.Sleep
	case picture.Maintenance:
		return 6, s.Ink()
	case picture.LightIdle:
		return 14, picture.Sleep
	case picture.DeepIdle:
		return 20, s.Ink()
	}
	return 2, picture.Sleep
}

func (d *lanesDrawing) notify(y float64) {
	for _, s := range d.line.Cards.Runs {
		if x, width, ok := within(d, s); ok {
			d.rect(x, y-3, width, 6, 2, picture.Banner, 0.55)
			f := font{ink: picture.Banner, size: 11}
			if label := cut(s.Label, f, width-18); width > 70 && label != "" {
				d.text(x+9, y-6, label, f)
			}
		}
	}
	eachPin(d, d.line.Posts, func(x float64, m picture.Pin[picture.Post]) {
		s := picture.PostSign(m.Kind)
		d.diamond(x, y, s == picture.Posted, s.Ink())
	})
	eachPin(d, d.line.Pushes, func(x float64, m picture.Pin[picture.Push]) { d.push(x, y, picture.PushSign(m.Kind)) })
}

// push draws an arrow to the device, an arrow from the server for a push on its
// way, or a cross for one that was lost.
func (d *lanesDrawing) push(x, y float64, s picture.Sign) {
	edge := s.Ink()
	switch s {
	case picture.Lost:
		d.cross(x, y)
	case picture.Sent:
		d.rule(x, y-10, x, y-2, stroke{ink: edge, width: 1.8})
		d.polygon(edge, edge, x-4, y-8, x+4, y-8, x, y-13)
	default:
		d.rule(x, y-13, x, y-5, stroke{ink: edge, width: 1.8})
		d.polygon(edge, edge, x-4, y-7, x+4, y-7, x, y-2)
	}
}

// socketLane draws a line while the control socket is open, with a stroke for
// each message: up for received, down for sent.
func (d *lanesDrawing) socketLane(y float64) {
	for _, s := range d.line.Socket.Runs {
		if x, width, ok := within(d, s); ok {
			d.rect(x, y-1.5, width, 3, 1, picture.Held.Ink(), 1)
		}
	}
	d.halfOpen(y)
	eachPin(d, d.line.Wire, func(x float64, m picture.Pin[picture.Way]) {
		if m.Kind == picture.In {
			d.rule(x, y-10, x, y-1, stroke{ink: picture.Bright, width: 1.4})
		} else {
			d.rule(x, y+1, x, y+10, stroke{ink: picture.Talk, width: 1.4})
		}
	})
	eachPin(d, d.line.Faults, func(x float64, m picture.Pin[picture.FaultKind]) {
		if m.Kind == picture.SocketLost {
			d.cross(x, y)
		}
	})
}

// halfOpen draws over the line of the socket where only one end knows of the connection.
func (d *lanesDrawing) halfOpen(y float64) {
	for _, s := range d.line.Cut.Runs {
		for _, open := range d.line.Socket.Runs {
			both := stretch{max(s.From, open.From), min(s.To, open.To)}
			if x, width, ok := d.within(both); ok && both.to > both.from {
				d.rect(x, y-1.5, width, 3, 0, picture.Ground, 1)
				d.rule(x, y, x+width, y, stroke{ink: picture.Fault, width: 3, dash: "5 2"})
			}
		}
	}
}

func (d *lanesDrawing) reg(y float64) {
	for _, s := range d.line.Bound.Runs {
		if x, width, ok := within(d, s); ok {
			d.rule(x, y, x+width, y, stroke{ink: picture.Talk, width: 2, dash: "6 3"})
		}
	}
	eachPin(d, d.line.Bindings, func(x float64, m picture.Pin[picture.BindingPhase]) {
		switch picture.BindingSign(m.Kind) {
		case picture.Registered:
			d.circle(x, y, 4.5, picture.Talk)
		case picture.Unregistered:
			d.circle(x, y, 4.5, picture.Sleep)
		default:
			d.cross(x, y)
		}
	})
}

func (d *lanesDrawing) callLane(y float64) {
	for _, s := range d.line.Call.Runs {
		x, width, ok := within(d, s)
		if !ok {
			continue
		}
		opacity := 0.4
		if s.State == picture.Up {
			opacity = 1
		}
		d.rect(x, y-8, width, 16, min(2, width/2), picture.CallSign(s.State).Ink(), opacity)
		f := font{on: picture.Talk, size: 11, anchor: "middle", bold: true}
		if s.State != picture.Up {
			f.on = picture.Text // it shines through
		}
		if label := cut(callWord(s.State)+" · "+s.Label, f, width-8); width > 60 && label != "" {
			d.text(x+width/2, y+4, label, f)
		}
	}
}

// network draws the phone's network, thinner for a mobile one, and dashed while a fault is on
// or the network knows no way to the phone; each change is labelled.
func (d *lanesDrawing) network(y float64) {
	d.joined(y, picture.Run[picture.NetworkName]{To: d.began()})
	for _, s := range d.line.Joined.Runs {
		d.joined(y, s)
	}
	for _, s := range d.line.Broken.Runs {
		if s.State != picture.NATSetting {
			d.dashed(y, stretch{s.From, s.To}, "3 3")
		}
	}
	for _, s := range d.line.Cut.Runs {
		d.dashed(y, stretch{s.From, s.To}, "6 3")
		if v := d.view.shown; s.From >= v.from && s.From <= v.to {
			d.cross(d.x(s.From), y)
		}
	}
	d.networkWords(y)
}

// dashed draws over the line of the network where nothing gets through, or not all.
func (d *lanesDrawing) dashed(y float64, s stretch, dash string) {
	if x, width, ok := d.within(s); ok {
		d.rect(x, y-3, width, 6, 0, picture.Ground, 1)
		d.rule(x, y, x+width, y, stroke{ink: picture.Fault, width: 2, dash: dash})
	}
}

// networkWords names what became of the network, above its line: what cut the phone off
// first, where there is no room for all.
func (d *lanesDrawing) networkWords(y float64) {
	var taken row
	for _, l := range d.lost {
		taken.take(d.x(l.At)-9, d.x(l.At)+9)
	}
	for _, s := range d.line.Cut.Runs {
		d.word(&taken, s.From, y, picture.CutWord(s.Label), picture.Fault)
	}
	for _, s := range d.line.Joined.Runs {
		d.word(&taken, s.From, y, string(s.State), picture.Text)
	}
	for _, s := range d.line.Broken.Runs {
		ink := picture.Fault
		if s.State == picture.NATSetting {
			ink = picture.Dim
		}
		d.word(&taken, s.From, y, string(s.State), ink)
	}
}

// began returns when the log first names the phone's network; before that it is
// wi-fi.
func (d *lanesDrawing) began() time.Duration {
	if runs := d.line.Joined.Runs; len(runs) > 0 {
		return runs[0].From
	}
	return d.line.End
}

func (d *lanesDrawing) joined(y float64, s picture.Run[picture.NetworkName]) {
	x, width, ok := within(d, s)
	if !ok || s.State == "offline" {
		return
	}
	high := 3.0
	if s.State == "cell" {
		high = 1.2
	}
	d.rect(x, y-high/2, width, high, 0, picture.Dim, 1)
}

// word writes a label at a moment, above the middle of its lane: right of it, or left of it,
// where there is room.
func (d *lanesDrawing) word(taken *row, at time.Duration, y float64, s string, i picture.Ink) {
	f := font{ink: i, size: 10.5}
	v, width := d.view.shown, widthOf(s, f)
	if at < v.from || at > v.to {
		return
	}
	for _, x := range []float64{d.x(at) + 6, d.x(at) - 6 - width} {
		if x >= lanesLeft && x+width < d.w && taken.take(x, x+width+4) {
			d.text(x, y-5, s, f)
			return
		}
	}
}
