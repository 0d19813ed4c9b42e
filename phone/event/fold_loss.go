package event

import (
	"slices"
	"strconv"
	"time"
)

// maxLosses bounds the lost calls of a fold (our own number); the oldest go first.
const maxLosses = 100

// A LossRow is a call that was lost, or is likely to be.
type LossRow struct {
	Loss
	Seq   uint64        // of its last record
	At    time.Duration // of that
	Began time.Duration // of its moment
	CutAt time.Duration // of its cause; 0: none is known
}

// Certain reports whether the call is lost for sure.
func (l *LossRow) Certain() bool { return l.Phase == LossCertain }

// Got is what the caller got: the status of the answer; "" where it waits, or where nobody
// knows.
func (l *LossRow) Got() string {
	switch {
	case !l.Certain():
		return ""
	case l.Status != 0:
		return strconv.Itoa(l.Status)
	case l.By != "":
		return "gave up"
	}
	return ""
}

// Chance is when the phone can find out that it is cut off; 0: not known.
func (l *LossRow) Chance() time.Duration {
	if l.Next == 0 {
		return 0
	}
	return l.At + l.Next.D()
}

// loss takes a step of a lost call in: the last says it all.
func (s *Fold) loss(seq uint64, at time.Duration, e Loss) {
	same := func(l LossRow) bool {
		return l.CallID == e.CallID && (e.CallID != "" || l.Moment == e.Moment)
	}
	before := slices.IndexFunc(s.Losses, same)
	if before >= 0 {
		s.Losses = slices.Delete(s.Losses, before, before+1)
	}
	if e.Phase == LossOver {
		return
	}
	row := LossRow{Loss: e, Seq: seq, At: at, Began: at - e.Ago.D()}
	if e.Cause != 0 {
		row.CutAt = at - e.Since.D()
	}
	row.From, row.Reason = brief(Printable(e.From)), brief(Printable(e.Reason))
	s.Losses = keep(s.Losses, row, maxLosses)
}

// Cut is why nothing that the server sends gets to the app, while the phone believes
// otherwise; ok is false where that is not so, or not known.
func (s *Fold) Cut() (c Cut, ok bool) { return s.reach.cut() }

// maxCuts bounds what a fold keeps of what the network has lost (our own number).
const maxCuts = 200

// A CutRow is something of the signalling that the network has lost, or a flow that it has
// forgotten: one of the two is there.
type CutRow struct {
	Seq       uint64
	At        time.Duration
	Swallowed Swallowed
	Forgotten Mapping
}

// cutOff takes in what the network has lost. Of what it forgets for the audio of calls the
// reports of that tell.
func (s *Fold) cutOff(seq uint64, at time.Duration, e Event) {
	row := CutRow{Seq: seq, At: at}
	switch e := e.(type) {
	case Swallowed:
		if e.Transport == "udp" && e.What == "data" {
			return
		}
		row.Swallowed = e
	case Mapping:
		if e.Phase != MappingForgotten || e.Transport == "udp" && e.Local != s.Socket.Local {
			return
		}
		row.Forgotten = e
	}
	s.Cuts = keep(s.Cuts, row, maxCuts)
}
