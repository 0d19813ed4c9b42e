package ui

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// laneApp draws the app's state. A wake shorter than a column hides the sleep
// around it.
func (v timelineView) laneApp(p area, w window) {
	for col, c := range columns(&v.line.App, w, v.now) {
		state, whole := c.held, true
		if state == event.Awake && len(c.began) > 0 { // the column before has shown it
			state = c.began[0]
		}
		for _, s := range c.began {
			if picture.Outranks(s, state) {
				state, whole = s, false
			}
		}
		if state == event.Awake && len(c.began) > 0 {
			whole = false
		}
		v.stateCell(p, col, state, whole)
	}
	v.eachWake(w, func(col int, wake picture.WakePin) {
		glyph, _ := v.glyphs.state(event.Awake)
		switch {
		case wake.Wrong():
			p.c.fill(p.x+col, p.y, 1, glyph, woken|strong|onLate)
		case col != w.column(wake.At):
			p.c.fill(p.x+col, p.y, 1, glyph, woken)
		}
	})
}

func (v timelineView) stateCell(p area, col int, state event.Lifecycle, whole bool) {
	glyph, ink := v.glyphs.state(state)
	switch {
	case state == "":
		return
	case state == event.Awake && whole:
		glyph = v.glyphs.awake()
	case state == event.Dead:
		glyph = " "
	}
	p.c.fill(p.x+col, p.y, 1, glyph, ink)
}

// eachWake calls do for each wake that has a column of its own: of two in one
// column, the earlier one moves to the column before.
func (v timelineView) eachWake(w window, do func(col int, wake picture.WakePin)) {
	taken := w.cols
	for _, wake := range slices.Backward(picture.Between(v.line.Wakes, w.from, picture.Ongoing)) {
		own := w.column(wake.At)
		if col := min(own, taken-1); col >= 0 && col >= own-1 {
			do(col, wake)
			taken = col
		}
	}
}

// laneWake has a letter for the cause of each wake, and one for what the user
// did.
func (v timelineView) laneWake(p area, w window) {
	for _, h := range picture.Between(v.line.Hands, w.from, w.start(w.cols)) {
		p.c.fill(p.x+w.column(h.At), p.y, 1, string(h.Kind), dim)
	}
	v.eachWake(w, func(col int, wake picture.WakePin) {
		ink := woken | strong
		if wake.Wrong() {
			ink |= onLate
		}
		p.c.fill(p.x+col, p.y, 1, wake.Letter, ink)
	})
	v.faultMarks(p, w)
}

// faultMarks says with a word what ended the app, if the row is free for it.
func (v timelineView) faultMarks(p area, w window) {
	for _, f := range picture.Between(v.line.Faults, w.from, w.start(w.cols)) {
		if f.Kind != picture.Killed {
			continue
		}
		col := min(w.column(f.At)+1, w.cols-1) // beside the wake that it ended
		v.put(p, col, picture.Death)
		if before := col - len(f.Label) - 1; p.blank(before, len(f.Label)) {
			p.c.put(p.x+before, p.y, p.x+col, f.Label, fault)
		}
	}
}

// put draws a sign into a column of a lane.
func (v timelineView) put(p area, col int, s picture.Sign) {
	if s != picture.NoSign {
		p.c.fill(p.x+col, p.y, 1, v.glyphs.of(s), inkOf(s.Ink()))
	}
}

// blank reports whether n columns of the lane from col on are free.
func (p area) blank(col, n int) bool {
	if col < 0 || col+n > p.w {
		return false
	}
	for i := range n {
		if p.c.at(p.x+col+i, p.y) != " " {
			return false
		}
	}
	return true
}

// laneNotify draws the notifications over the pushes that caused them. A push
// that was lost is never hidden.
func (v timelineView) laneNotify(p area, w window) {
	v.pushMarks(p, w, false)
	spread(v.line.Posts, w, func(col int, pin picture.Pin[picture.Post]) { v.put(p, col, picture.PostSign(pin.Kind)) })
	v.pushMarks(p, w, true)
}

func (v timelineView) pushMarks(p area, w window, lost bool) {
	for _, pin := range picture.Between(v.line.Pushes, w.from, w.start(w.cols)) {
		if s := picture.PushSign(pin.Kind); (s == picture.Lost) == lost {
			v.put(p, w.column(pin.At), s)
		}
	}
}

// laneSocket draws a line while the control socket is open, and a cross where it
// was lost.
func (v timelineView) laneSocket(p area, w window) {
	for col, c := range columns(&v.line.Socket, w, v.now) {
		switch {
		case c.held != picture.Open && len(c.began) == 0:
		case v.line.Cut.At(w.start(col)) != "":
			p.c.fill(p.x+col, p.y, 1, "┅", fault) // half-open: only one end knows of it
		default:
			v.put(p, col, picture.Held)
		}
	}
	for _, f := range picture.Between(v.line.Faults, w.from, w.start(w.cols)) {
		if f.Kind == picture.SocketLost {
			v.put(p, w.column(f.At), picture.Lost)
		}
	}
}

func (v timelineView) laneBound(p area, w window) {
	for col, c := range columns(&v.line.Bound, w, v.now) {
		if c.held == picture.IsBound {
			v.put(p, col, picture.StillBound)
		}
	}
	for _, b := range picture.Between(v.line.Bindings, w.from, w.start(w.cols)) {
		v.put(p, w.column(b.At), picture.BindingSign(b.Kind))
	}
}

func (v timelineView) laneCall(p area, w window) {
	for col, c := range columns(&v.line.Call, w, v.now) {
		state := c.held
		for _, s := range c.began {
			if state != picture.Up || s == picture.Frozen {
				state = s
			}
		}
		v.put(p, col, picture.CallSign(state))
	}
}

// laneIdle draws how idle the device is:
//
//	····░░░░░░○░░░░░░░░░○○░░░░▒▒▒▒▒▒▒▒▒▒▒▒○▒▒▒▒▒▒▒▒▒
func (v timelineView) laneIdle(p area, w window) {
	for col, c := range columns(&v.line.Idle, w, v.now) {
		state := c.held
		for _, s := range c.began {
			if picture.IdleOutranks(s, state) {
				state = s
			}
		}
		v.put(p, col, picture.IdleSign(state))
	}
}

// laneMic and laneEar draw how loud the two directions were. Where nothing got through for
// most of a column, a cross stands.
func (v timelineView) laneMic(p area, w window) {
	v.laneSound(p, w, func(l picture.Loudness) (int8, bool) { return l.Mic, l.OutGone })
}

func (v timelineView) laneEar(p area, w window) {
	v.laneSound(p, w, func(l picture.Loudness) (int8, bool) { return l.Ear, l.InGone })
}

func (v timelineView) laneSound(p area, w window, of func(picture.Loudness) (level int8, gone bool)) {
	if v.line.Soundless() {
		p.c.put(p.x, p.y, p.x+w.cols, picture.NoSound, dim)
		return
	}
	for col := range w.cols {
		l, ok := v.line.Loud(w.start(col)-max(0, stripCell-w.per), w.start(col+1))
		if !ok {
			continue
		}
		if level, gone := of(l); gone {
			v.put(p, col, picture.PacketGone)
		} else {
			p.c.fill(p.x+col, p.y, 1, v.glyphs.meter(float64(level)), talk)
		}
	}
}

// meter is the bar of a level in dBFS.
func (g glyphs) meter(db float64) string {
	i := 0
	for _, step := range [...]float64{-60, -40, -25, -12} {
		if db > step {
			i++
		}
	}
	return g.levels()[i]
}
