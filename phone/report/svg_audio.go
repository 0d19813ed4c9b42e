package report

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// audio draws the received sound above the middle and the sent sound below it.
func (d *lanesDrawing) audio(y float64) {
	for _, s := range d.line.Audio.Runs {
		if x, width, ok := within(d, s); ok {
			d.rule(x, y, x+width, y, stroke{ink: picture.Talk, width: 1.2})
		}
	}
	v := d.view.shown
	list := picture.Between(d.line.Levels, v.from, v.to+1)
	for i := 0; i < len(list); {
		l, x := list[i], d.x(list[i].At)
		i++
		for ; i < len(list) && d.x(list[i].At) < x+narrowBar; i++ {
			l.Mic, l.Ear = max(l.Mic, list[i].Mic), max(l.Ear, list[i].Ear)
		}
		end := l.At + snapshotHolds
		if i < len(list) {
			end = min(end, list[i].At)
		}
		width := max(narrowBar, d.x(min(end, v.to))-x-0.6)
		d.rect(x, y-barOf(l.Ear), width, barOf(l.Ear), 0, picture.Talk, 0.9)
		d.rect(x, y, width, barOf(l.Mic), 0, picture.Bright, 0.8)
	}
}

// A snapshot of the levels is drawn until the next one, or for the longest
// interval between two; in a coarse drawing only the loudest of several is
// drawn.
const (
	narrowBar     = 2.0 // pixels
	snapshotHolds = 250 * time.Millisecond
)

// barOf returns the height of a level: the least at -60 dBFS and below.
func barOf(db float64) float64 {
	const top, floor = 12.0, -60.0
	return top * max(0.04, min(1, (db-floor)/-floor))
}
