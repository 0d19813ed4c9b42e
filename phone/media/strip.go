package media

import (
	"math"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// cellTime is the length of a cell of the strip (our own number): what one hears as a gap.
const cellTime = 200 * time.Millisecond

// held is how many cells that are over wait until they are told: a packet that was thought
// to be lost may still come.
const held = 1

// A strip is what the last second or so of a session was like, in cells.
type strip struct {
	from  time.Time         // of the cell in hand
	cells []event.AudioCell // that are over and not told
	cell  event.AudioCell   // in hand
	undue bool              // nothing had to come in a part of it
	seen  tally             // at the last look
}

// A tally is what a strip counts, since the start of the session.
type tally struct{ sent, unsent, came, late, lost uint64 }

// tallies are those until now.
func (s *Session) tallies() tally {
	in := &s.inward
	expected, came := in.past.expected, in.received()
	if in.heard() {
		expected += in.source.expected()
	}
	return tally{
		sent: s.out.packets, unsent: s.out.unsent.total, came: came, late: s.in.buffer.late,
		lost: expected - min(expected, came+in.past.closed),
	}
}

// look counts what has happened since the last call, which is of the cell in hand, and goes on
// to the one that now is in.
func (s *Session) look(now time.Time) {
	p := &s.strip
	p.count(s.tallies())
	for now.Sub(p.from) >= cellTime {
		p.end(s.dueIn(cellTime))
	}
	p.undue = p.undue || s.dueIn(cellTime) == 0
}

// dueIn is how many packets have to come in a time.
func (s *Session) dueIn(d time.Duration) int {
	if !s.inward.due || s.keys.seal.lacks() != nil {
		return 0
	}
	return int(d / max(s.inward.packetTime(), time.Millisecond))
}

// begin drops what is in hand, and begins at now.
func (p *strip) begin(now time.Time) {
	p.from, p.undue = now, false
	p.cell = event.AudioCell{Mic: event.AudioSilence, Ear: event.AudioSilence}
}

// leapt begins anew after a time in which nobody looked, of which nothing is known.
func (p *strip) leapt(now time.Time, t tally) {
	p.cells, p.seen = p.cells[:0], t
	p.begin(now)
}

// count takes in what has happened in the cell in hand. A packet that was thought to be lost
// may have come after all.
func (p *strip) count(t tally) {
	c, before := &p.cell, p.seen
	p.seen = t
	c.Sent, c.Unsent = grown(c.Sent, before.sent, t.sent), grown(c.Unsent, before.unsent, t.unsent)
	c.Came, c.Late = grown(c.Came, before.came, t.came), grown(c.Late, before.late, t.late)
	c.Lost = grown(c.Lost, before.lost, max(before.lost, t.lost))
	p.found(before.lost - min(before.lost, t.lost))
}

// grown is n, and how much a counter has grown; it shrinks where a packet is taken back that
// counted as sent.
func grown(n uint16, before, now uint64) uint16 {
	return uint16(max(0, min(int64(n)+int64(now)-int64(before), math.MaxUint16)))
}

// found takes packets back that were missing, of the oldest cells that are not told.
func (p *strip) found(n uint64) {
	take := func(c *event.AudioCell) {
		here := min(n, uint64(c.Lost))
		c.Lost -= uint16(here)
		n -= here
	}
	for i := range p.cells {
		take(&p.cells[i])
	}
	take(&p.cell)
}

// end ends the cell in hand, in which so many packets were due.
func (p *strip) end(due int) {
	if !p.undue {
		p.cell.Due = uint16(min(due, math.MaxUint16))
	}
	p.cells = append(p.cells, p.cell)
	p.begin(p.from.Add(cellTime))
}

// said and heard note how loud a frame was.
func (p *strip) said(frame []int16)  { p.cell.Mic = max(p.cell.Mic, loud(frame)) }
func (p *strip) heard(frame []int16) { p.cell.Ear = max(p.cell.Ear, loud(frame)) }

// loud is the level of a frame, in whole dBFS.
func loud(frame []int16) int8 {
	return int8(max(event.AudioSilence, min(0, math.Round(pcm.Level(frame)))))
}

// tell takes the cells that are over, but for the last ones unless all are asked for; ok is
// false if there are none.
func (p *strip) tell(now time.Time, call int, all bool) (e event.Audio, ok bool) {
	keep := held
	if all {
		keep = 0
	}
	n := len(p.cells) - keep
	if n <= 0 {
		return e, false
	}
	ago := now.Sub(p.from) + time.Duration(keep)*cellTime
	e = event.NewAudio(call, cellTime, ago, p.cells[:n])
	p.cells = append(p.cells[:0], p.cells[n:]...)
	return e, true
}
