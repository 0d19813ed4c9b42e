package report

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// mic and ear draw how loud the two directions of the calls were, on a line for as long as
// audio was agreed on. A direction in which nothing got through is a bar of its own colour.
func (d *lanesDrawing) mic(y float64) {
	d.audio(y, picture.Bright, func(l picture.Loudness) (int8, bool) { return l.Mic, l.OutGone })
	d.names(y, d.line.DeadOut(d.view.shown.from, d.view.shown.to))
}

func (d *lanesDrawing) ear(y float64) {
	d.audio(y, picture.Talk, func(l picture.Loudness) (int8, bool) { return l.Ear, l.InGone })
	d.names(y, d.line.DeadIn(d.view.shown.from, d.view.shown.to))
}

func (d *lanesDrawing) audio(y float64, ink picture.Ink, of func(picture.Loudness) (level int8, gone bool)) {
	if d.line.Soundless() {
		d.text(lanesLeft+6, y+4, picture.NoSound, font{ink: picture.Dim, size: 12})
		return
	}
	base := y + laneHeight/2 - 3
	for _, s := range d.line.Audio.Runs {
		if x, width, ok := within(d, s); ok {
			d.rule(x, base, x+width, base, stroke{ink: ink, width: 1.2})
		}
	}
	v := d.view.shown
	list := picture.Between(d.line.Sound, v.from, v.to+1)
	for i := 0; i < len(list); {
		first := list[i]
		end := first.End()
		for ; i < len(list) && d.x(list[i].At) < d.x(first.At)+narrowBar; i++ {
			end = max(end, list[i].End())
		}
		l, _ := d.line.Loud(first.At, list[i-1].At+1)
		level, gone := of(l)
		x := d.x(first.At)
		width := max(narrowBar, d.x(min(end, v.to))-x-0.6)
		if gone {
			d.rect(x, y-2, width, 4, 0, picture.Fault, 1)
			continue
		}
		d.rect(x, base-barOf(level), width, barOf(level), 0, ink, 0.9)
	}
}

// names says where nothing got through from when on.
func (d *lanesDrawing) names(y float64, dead []picture.Run[picture.Fate]) {
	var taken row
	for _, r := range dead {
		d.word(&taken, r.From, y, "nothing gets through since "+event.Stamp(r.From), picture.Fault)
	}
}

// narrowBar is the least width of a bar, in pixels: in a coarse drawing it is of the loudest
// of several cells.
const narrowBar = 2.0

// barOf returns the height of a level: the least at -60 dBFS and below.
func barOf(db int8) float64 {
	const top, floor = laneHeight - 8, -60.0
	return top * max(0.02, min(1, (float64(db)-floor)/-floor))
}
