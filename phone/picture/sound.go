package picture

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Fate is what became of the packets of one direction in a cell. It is never better than
// what is known.
type Fate uint8

// The fates.
const (
	FateNone Fate = iota // none had to come, or was sent
	FateCame             // all came in time; of ours: the far end has reported so
	FateLate             // some came too late to be played, or are not here yet
	FateGone             // some never came; of ours: the far end reports nothing of them, or this computer refused them
	FateSome             // of ours: the far end reports losses, but not which of these packets
	FateSent             // of ours: nothing is reported yet
)

// A SoundCell is a cell of a call's audio: see [event.Audio].
type SoundCell struct {
	At, Length time.Duration
	Call       int
	Mic, Ear   int8 // dBFS
	In, Out    Fate
	Due, Lost  uint16 // packets of the far end
	Late       uint16
	// The records that have told of it, and of what became of In and Out.
	told, in, out uint64
}

// asOf is what was known of the cell by a record; ok is false if that was nothing.
func (c SoundCell) asOf(seq uint64) (then SoundCell, ok bool) {
	if c.in > seq {
		c.In = FateLate
	}
	if c.out > seq {
		c.Out = FateSent
	}
	return c, c.told <= seq
}

// With is what this cell and the next were like together: the loudest of both, and the worst that
// became of their packets.
func (c SoundCell) With(next SoundCell) SoundCell {
	c.Length = next.End() - c.At
	c.Mic, c.Ear = max(c.Mic, next.Mic), max(c.Ear, next.Ear)
	c.In, c.Out = worse(c.In, next.In), worse(c.Out, next.Out)
	c.Due, c.Lost, c.Late = c.Due+next.Due, c.Lost+next.Lost, c.Late+next.Late
	return c
}

// worse is the worse of two fates: what is known to be lost is worse than what is not known.
func worse(a, b Fate) Fate {
	rank := [...]int{FateNone: 0, FateCame: 1, FateSent: 2, FateLate: 3, FateSome: 4, FateGone: 5}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// Moment is when the cell began.
func (c SoundCell) Moment() time.Duration { return c.At }

// End is when it ended.
func (c SoundCell) End() time.Duration { return c.At + c.Length }

// cellsPerEntry is how many cells a limited timeline keeps for each entry of another list:
// there are five a second, for as long as there are calls.
const cellsPerEntry = 3

// goneAfter is how long nothing comes until it is gone, and not merely late: as long as it
// takes until the direction is dead (phone/media).
const goneAfter = 2 * time.Second

// A farReport is what the far end had received of our audio when a report of it came.
type farReport struct {
	call     int
	until    time.Duration // it can tell of what was sent by then
	of, lost uint64
	fate     Fate // of what was sent since the report before
}

// maxFarReports bounds the reports that are kept, of all calls.
const maxFarReports = 32

// NoSound is said in the lanes of the sound where the log has nothing of it.
const NoSound = "not in this recording: an older version wrote it"

// Soundless reports whether nothing is known of the sound, because an older version wrote the
// log.
func (t *Timeline) Soundless() bool { return t.Former && len(t.Sound) == 0 }

// sounds takes in what the audio of a call was like.
func (t *Timeline) sounds(seq uint64, at time.Duration, e event.Audio) {
	t.Former = t.Former || e.Former
	cells := e.Cells()
	for i, c := range cells {
		s := SoundCell{
			At: e.Begins(at, i, len(cells)), Length: e.Length(), Call: e.Call, Mic: c.Mic, Ear: c.Ear,
			Due: c.Due, Lost: c.Lost, Late: c.Late, In: inwardFate(c), told: seq,
		}
		switch {
		case c.Unsent > 0:
			s.Out = FateGone
		case c.Sent > 0:
			s.Out = t.reportedOn(e.Call, s.End())
		}
		t.Sound = keep(t.Sound, s, t.Limit*cellsPerEntry)
		t.settle(seq)
	}
}

// inwardFate is what became of the packets of the far end, as far as the cell alone says.
func inwardFate(c event.AudioCell) Fate {
	switch {
	case c.Lost > 0:
		return FateGone
	case c.Late > 0, c.Due > 0 && c.Came == 0:
		return FateLate
	case c.Came > 0:
		return FateCame
	}
	return FateNone
}

// empty reports whether nothing came, though something had to.
func (c SoundCell) empty() bool { return c.In >= FateLate && c.Lost == 0 && c.Late == 0 }

// adjoins reports whether the next cell follows at once. A record may be written a moment
// after the time that its cells are of.
func (c SoundCell) adjoins(next SoundCell) bool {
	gap := next.At - c.End()
	return max(gap, -gap) < c.Length/2
}

// settle says of the last cell, and of those before it in which nothing came, whether that was
// lost: the packets that come after tell, or the time.
func (t *Timeline) settle(seq uint64) {
	last := len(t.Sound) - 1
	c := &t.Sound[last]
	first := last
	for i := last - 1; i >= 0; i-- {
		before := &t.Sound[i]
		if before.Call != c.Call {
			continue
		}
		if !before.adjoins(t.Sound[first]) || !before.empty() {
			break
		}
		if first = i; c.empty() && before.In == FateGone { // and all that is longer ago
			c.In, c.in = FateGone, seq
			return
		}
	}
	if c.empty() && c.End()-t.Sound[first].At < goneAfter || !c.empty() && c.Lost == 0 {
		return
	}
	for i := first; i <= last; i++ {
		if one := &t.Sound[i]; one.Call == c.Call && one.empty() && one.In != FateGone {
			one.In, one.in = FateGone, seq
		}
	}
}

// reportedOn is what is reported of packets of ours that were sent by a moment.
func (t *Timeline) reportedOn(call int, by time.Duration) Fate {
	for _, r := range t.reports {
		if r.call == call && r.until >= by {
			return r.fate
		}
	}
	return FateSent
}

// rtp takes in a report of the far end on our audio, if there is one that is new.
func (t *Timeline) rtp(seq uint64, at time.Duration, e event.RTP) {
	before := farReport{}
	for _, r := range t.reports {
		if r.call == e.Call {
			before = r
		}
	}
	if e.FarOf == before.of && e.FarLost == before.lost {
		return
	}
	r := farReport{e.Call, at - e.FarAge.D() - e.RTT.D(), e.FarOf, e.FarLost, FateCame}
	switch {
	case e.DeadOut > 0:
		r.fate = FateGone
	case e.FarLost > before.lost:
		r.fate = FateSome
	}
	t.reports = keep(t.reports, r, maxFarReports)
	for i := len(t.Sound) - 1; i >= 0; i-- {
		c := &t.Sound[i]
		switch {
		case c.Call != e.Call || c.End() > r.until:
		case c.Out == FateSent:
			c.Out, c.out = r.fate, seq
		case c.Out != FateNone && c.Out != FateGone: // the report before has told of it, and of all before it
			return
		}
	}
}

// A Passed is how many packets of the far end had to come in a time, and what became of them.
type Passed struct{ Due, Lost, Late int }

// SoundOf are the cells of a call that began from a up to, not including, b, oldest first,
// and how the packets of the far end fared in them, as far as was known by a record.
func (t *Timeline) SoundOf(call int, a, b time.Duration, seq uint64) (cells []SoundCell, p Passed) {
	for _, c := range Between(t.Sound, a, b) {
		c, known := c.asOf(seq)
		if c.Call != call || !known {
			continue
		}
		cells = append(cells, c)
		p.Due, p.Late = p.Due+int(c.Due), p.Late+int(c.Late)
		if c.empty() && c.In == FateGone {
			p.Lost += int(c.Due)
		} else {
			p.Lost += int(c.Lost)
		}
	}
	return cells, p
}

// A Loudness is how loud both directions were in a time, and whether what had to come did
// not for most of it.
type Loudness struct {
	Mic, Ear         int8 // dBFS
	InGone, OutGone  bool
	Talked, Listened bool // whether there was a call that was sent to, and one that sends
}

// Loud sums up a time; ok is false if there was no audio.
func (t *Timeline) Loud(a, b time.Duration) (l Loudness, ok bool) {
	list := Between(t.Sound, a, b)
	l.Mic, l.Ear = event.AudioSilence, event.AudioSilence
	in, inGone, out, outGone := 0, 0, 0, 0
	for _, c := range list {
		l.Mic, l.Ear = max(l.Mic, c.Mic), max(l.Ear, c.Ear)
		if c.In != FateNone {
			in++
		}
		if c.empty() && c.In == FateGone {
			inGone++
		}
		if c.Out != FateNone {
			out++
		}
		if c.Out == FateGone {
			outGone++
		}
	}
	l.InGone, l.OutGone = 2*inGone > in, 2*outGone > out
	l.Talked, l.Listened = out > 0, in > 0
	return l, len(list) > 0
}

// DeadIn are the times from a up to b in which nothing came though it had to, and DeadOut those
// in which nothing of ours got through.
func (t *Timeline) DeadIn(a, b time.Duration) []Run[Fate] {
	return t.dead(a, b, func(c SoundCell) bool { return c.empty() && c.In == FateGone })
}

// DeadOut is said at DeadIn.
func (t *Timeline) DeadOut(a, b time.Duration) []Run[Fate] {
	return t.dead(a, b, func(c SoundCell) bool { return c.Out == FateGone })
}

func (t *Timeline) dead(a, b time.Duration, is func(SoundCell) bool) (runs []Run[Fate]) {
	for _, c := range Between(t.Sound, a, b) {
		last := len(runs) - 1
		switch {
		case !is(c):
		case last >= 0 && c.At <= runs[last].To+c.Length: // one that is better between two counts for nothing
			runs[last].To = max(runs[last].To, c.End())
		default:
			runs = append(runs, Run[Fate]{c.At, c.End(), FateGone, ""})
		}
	}
	return runs
}
