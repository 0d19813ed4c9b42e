package ui

import (
	"fmt"
	"slices"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// The strips of a call are those of ten seconds. Where there is no room for all their cells beside
// the label and the words, a column stands for several.
const (
	stripCell  = 200 * time.Millisecond
	stripCells = 50
	stripSpan  = stripCells * stripCell
	stripLabel = 6
	stripWords = 24
	leastStrip = 12
)

// A soundStrip is what a call was like lately, a column for each cell, or for several: the
// loudest of them, and the worst that became of their packets.
//
//	mic   ▂▃▅▆▇▆▅▃▂▁▁▂▃▅▅▆▇▇▆▅▃▂▁▁▁▂▃▅▆▇▆▅▅▃▂▂▃▅▆▇▆▅▃▂▁▂▃▅▆▅ −18 dB  ✓ Bob hears us
//	      ············»····································· far end lost 1 of 500
//	ear   ▃▅▆▇▆▅▃▂▁▁▂▃▅▆▆▅▃▃▂▁ no packet since 14:32:46.8 ▁▁ silent  ╳ we hear nothing
//	      ·······╳···········╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳╳ we lost 310 of 500
//	      −10 s                                          now · ok » late ╳ gone
type soundStrip struct {
	cells  []*picture.SoundCell // by column; nil: nothing is known
	newest time.Duration        // the end of the last one; 0: there is none
	passed picture.Passed       // in all of them
}

// strip is that of a call in a line with so much room.
func (v callView) strip(c *event.CallRow, room int) soundStrip {
	n := max(leastStrip, min(stripCells, room-stripLabel-stripWords))
	s := soundStrip{cells: make([]*picture.SoundCell, n)}
	if c == nil {
		return s
	}
	cells, _ := v.line.SoundOf(c.ID, v.now-stripSpan-lagMost, v.now+1, v.fold.Revision)
	if len(cells) == 0 {
		return s
	}
	s.newest = cells[len(cells)-1].End()
	if v.now-s.newest >= lagMost {
		s.newest = v.now // nothing is known of the last moments
	}
	// Half a cell more: a record that was saved has its times in whole microseconds.
	_, s.passed = v.line.SoundOf(c.ID, s.newest-stripSpan-stripCell/2, s.newest, v.fold.Revision)
	for i := range cells {
		if at := stripCells - 1 - int((s.newest-cells[i].End()+stripCell/2)/stripCell); at >= 0 && at < stripCells {
			s.add(at*n/stripCells, &cells[i])
		}
	}
	return s
}

// add puts a cell into a column, in which there may be others.
func (s soundStrip) add(col int, c *picture.SoundCell) {
	if was := s.cells[col]; was != nil {
		both := was.With(*c)
		c = &both
	}
	s.cells[col] = c
}

// column is the one of a moment.
func (s soundStrip) column(at time.Duration) int {
	n := len(s.cells)
	return n - int((s.newest-at)*time.Duration(n)/stripSpan)
}

// lagMost is how far the cells may be behind the time: they are told once a second, and the
// last one waits for the next time.
const lagMost = 2 * time.Second

// loudest is the highest level of a direction in the strip; ok is false if none is known.
func (s soundStrip) loudest(of func(*picture.SoundCell) int8) (db int8, ok bool) {
	db = event.AudioSilence
	for _, c := range s.cells {
		if c != nil {
			db, ok = max(db, of(c)), true
		}
	}
	return db, ok
}

// latest is how much of a strip is now (our own number): the gap between two words is none.
const latest = time.Second

// lately is the highest level of a direction at the end of the strip.
func (s soundStrip) lately(of func(*picture.SoundCell) int8) int8 {
	db, ok := soundStrip{cells: s.cells[max(0, s.column(s.newest-latest)-s.behind()):]}.loudest(of)
	if !ok {
		return event.AudioSilence
	}
	return db
}

// behind is how many cells at the end are not known yet.
func (s soundStrip) behind() (n int) {
	for n < len(s.cells) && s.cells[len(s.cells)-1-n] == nil {
		n++
	}
	return n
}

func micOf(c *picture.SoundCell) int8 { return c.Mic }
func earOf(c *picture.SoundCell) int8 { return c.Ear }

// inaudible is the level under which nobody hears anything (our own number).
const inaudible = -60

// rowLevel is how loud a direction was, and is.
func (v callView) rowLevel(l *pen, name string, s soundStrip, of func(*picture.SoundCell) int8) {
	l.put(text, name).at(stripLabel)
	last, known := int8(event.AudioSilence), false
	for _, c := range s.cells {
		if known = c != nil; !known {
			l.put(faint, " ")
			continue
		}
		last = of(c)
		ink := talk
		if last <= inaudible {
			ink = faint
		}
		l.put(ink, v.glyphs.meter(float64(last)))
	}
	words := ""
	if known {
		words = decibels(float64(last))
	}
	l.put(text, fmt.Sprintf(" %6s", words)).gap(1)
}

// rowFates is what became of the packets of a direction.
func (v callView) rowFates(l *pen, s soundStrip, of func(*picture.SoundCell) picture.Fate) {
	l.at(stripLabel)
	for _, c := range s.cells {
		if c == nil {
			l.put(faint, " ")
			continue
		}
		sign := picture.FateSign(of(c))
		l.put(inkOf(sign.Ink()), v.glyphs.of(sign))
	}
	l.gap(1)
}

// rowMic is what is said, and what is known of whether it is heard.
func (v callView) rowMic(l *pen) {
	c := v.call()
	s := v.strip(c, l.left())
	v.rowLevel(l, "mic", s, micOf)
	v.micWords(l, c, s)
}

func (v callView) rowMicFates(l *pen) {
	c := v.call()
	v.rowFates(l, v.strip(c, l.left()), func(c *picture.SoundCell) picture.Fate { return c.Out })
	sound := v.sound()
	switch r := &sound.RTP; {
	case !sound.Counted:
	case r.FarOf == 0:
		l.whole(dim, "nothing reported yet")
	default:
		l.put(dim, "far end lost ").put(badIf(int(r.FarLost)), thousands(r.FarLost)).put(dim, " of "+thousands(r.FarOf))
	}
}

// rowEar is what is heard.
func (v callView) rowEar(l *pen) {
	c := v.call()
	s := v.strip(c, l.left())
	at := l.x
	v.rowLevel(l, "ear", s, earOf)
	if w := v.oneWay(c); w.In > 0 {
		v.sinceWhen(l, at+stripLabel, s, v.now-w.In)
	}
	v.earWords(l, c, s)
}

// sinceWhen writes into a strip since when no packet has come, behind the last that has.
func (v callView) sinceWhen(l *pen, x int, s soundStrip, since time.Duration) {
	n := len(s.cells)
	col := max(0, s.column(since))
	words := " no packet since " + v.day(since).Format("15:04:05.0") + " "
	if n-col < ansi.StringWidth(words) {
		words = " since " + v.day(since).Format("15:04:05") + " "
	}
	if n-col >= ansi.StringWidth(words) {
		l.c.put(x+col, l.y, x+n, words, fault)
	}
}

func (v callView) rowEarFates(l *pen) {
	c := v.call()
	s := v.strip(c, l.left())
	v.rowFates(l, s, func(c *picture.SoundCell) picture.Fate { return c.In })
	if s.passed.Due > 0 {
		l.put(dim, "we lost ").put(badIf(s.passed.Lost), fmt.Sprint(s.passed.Lost)).put(dim, fmt.Sprintf(" of %d", s.passed.Due))
	}
	if s.passed.Late > 0 {
		l.whole(dim, fmt.Sprintf(", %d late", s.passed.Late))
	}
}

// rowAxis says which time a strip shows, and what its signs mean.
func (v callView) rowAxis(l *pen) {
	c := v.call()
	s := v.strip(c, l.left())
	x, n := l.x+stripLabel, len(s.cells)
	if s.newest == 0 {
		return
	}
	l.at(stripLabel).put(dim, "−"+span(stripSpan))
	if w := v.oneWay(c); w.In > 0 {
		if col := s.column(v.now - w.In); col >= 6 && col < n-12 {
			l.at(stripLabel+col).put(fault, "│−"+span(w.In))
		}
	}
	l.c.put(x+n-3, l.y, x+n, "now", dim)
	l.at(stripLabel + n)
	for _, key := range []struct {
		fate picture.Fate
		word string
	}{{picture.FateCame, "ok"}, {picture.FateLate, "late"}, {picture.FateGone, "gone"}} {
		sign := picture.FateSign(key.fate)
		l.whole(inkOf(sign.Ink()), " "+v.glyphs.of(sign)).whole(dim, " "+key.word)
	}
}

// rowFar is what the far end reports of our audio, and of its own.
func (v callView) rowFar(l *pen) {
	sound := v.sound()
	r := &sound.RTP
	l.put(dim, "far").at(stripLabel)
	switch {
	case !sound.Counted:
		l.put(dim, "no media yet")
		return
	case r.FarOf == 0 && r.FarSent == 0:
		l.put(dim, "has not reported")
		return
	}
	if r.FarOf > 0 {
		l.fact("lost", badIf(int(r.FarLost)), fmt.Sprintf("%s of %s (%.1f %%)", thousands(r.FarLost), thousands(r.FarOf), r.FarLossPct))
		l.fact("jitter", text, millis(r.FarJitter))
	}
	if r.RTT > 0 {
		l.fact("round trip", text, millis(r.RTT))
	}
	if r.FarSent > 0 {
		l.fact("sent", text, thousands(r.FarSent))
	}
	if mos := r.FarXR.MOSLQ; mos > 0 {
		l.fact("MOS", text, fmt.Sprintf("%.1f", mos))
	}
	ink := dim
	if !picture.FarReports(sound, v.now) {
		ink = woken
	}
	l.whole(ink, span(v.farAge(sound))+" ago")
}

// rowWhy is why nothing gets through, as far as the numbers tell, or why there is no sound
// card.
func (v callView) rowWhy(l *pen, words string) {
	l.put(fault|strong, "why").at(stripLabel)
	key, finding := v.keyOf("explain"), " finding"
	l.put(text, middle(words, l.left()-ansi.StringWidth(key+finding)-2)).gap(2)
	l.whole(keycap, key).whole(dim, finding)
}

// why says why somebody does not hear the other; "" if that is not so.
func (v callView) why(c *event.CallRow) string {
	if w := v.oneWay(c); w.Dead() {
		return w.Why(v.sound(), v.ends.Of(c.CallID, v.seen), v.scene.name(c), v.now).Words
	}
	return v.cardWhy()
}

// A soundRow is a row on the audio of a call: those of a low rank stay where there is little
// room.
type soundRow struct {
	rank int
	draw func(*pen)
}

// soundRows are the rows of a call that is up, from top to bottom, as many as there is room
// for. Of its head somebody else has written, or not.
func (v callView) soundRows(c *event.CallRow, head []soundRow, foot []soundRow, room int) []func(*pen) {
	rows := slices.Concat(head, []soundRow{
		{10, v.rowMic},
		{40, v.rowMicFates},
		{11, v.rowEar},
		{20, v.rowEarFates},
		{70, v.rowAxis},
		{30, v.rowNumbers},
		{50, v.rowFar},
	})
	if why := v.why(c); why != "" {
		rows = append(rows, soundRow{5, func(l *pen) { v.rowWhy(l, why) }})
	}
	rows = append(rows, foot...)
	ranks := make([]int, len(rows))
	for i, r := range rows {
		ranks[i] = r.rank
	}
	slices.Sort(ranks)
	var list []func(*pen)
	for _, r := range rows {
		if len(ranks) <= room || r.rank < ranks[max(0, room)] {
			list = append(list, r.draw)
		}
	}
	return list
}

// oneWay is for how long nothing has got through in a call.
func (s scene) oneWay(c *event.CallRow) picture.OneWay {
	if c == nil {
		return picture.OneWay{}
	}
	return picture.OneWayOf(s.fold, c, s.now)
}

// deaf is the call of those that are up in which nothing has got through for the longest
// time; nil if there is none.
func (s scene) deaf() (worst *event.CallRow, w picture.OneWay) {
	for i := range s.fold.Calls {
		c := &s.fold.Calls[i]
		if one := s.oneWay(c); one.Longest() > w.Longest() {
			worst, w = c, one
		}
	}
	return worst, w
}

// deafWords say who does not hear whom.
func (s scene) deafWords(c *event.CallRow, w picture.OneWay) (lines []string) {
	if w.In > 0 {
		lines = append(lines, "we do not hear "+s.name(c))
	}
	if w.Out > 0 {
		lines = append(lines, s.name(c)+" does not hear us")
	}
	return lines
}
