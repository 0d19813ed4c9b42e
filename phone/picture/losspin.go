package picture

import (
	"cmp"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A LossPin is a call that has not got through.
type LossPin struct {
	At      time.Duration // of its last sign
	Seq     uint64        // the record of that
	Over    time.Duration // when the caller knew, or gave up; Ongoing: they wait; 0: not known
	Kind    CallLoss
	Label   string // who called
	Where   event.Place
	Outcome string        // what the caller got: "408"
	CutAt   time.Duration // when the phone was cut off; 0: not known
	Idle    time.Duration // how long the flow that was forgotten had been silent; 0: not known
}

// Moment is when the call was lost.
func (p LossPin) Moment() time.Duration { return p.At }

// Certain reports whether the call is lost for sure.
func (p LossPin) Certain() bool { return event.LossPhase(p.Kind) == event.LossCertain }

// lost pins each lost call to where it was lost. Of which it is said, and how sure it is, may
// change with each record.
func (t *Timeline) lost(f *event.Fold) {
	t.Lost = t.Lost[:0]
	for i := range f.Losses {
		l := &f.Losses[i]
		t.Lost = append(t.Lost, LossPin{
			At: l.Began, Seq: l.Moment, Over: CallerOver(l), Kind: CallLoss(l.Phase), Label: brief(l.From), Where: l.Where,
			Outcome: l.Got(), CutAt: l.CutAt, Idle: SilentBefore(f, l.Cause),
		})
	}
	slices.SortStableFunc(t.Lost, func(a, b LossPin) int { return cmp.Compare(a.At, b.At) })
}

// CallerOver is when a lost call was over for its caller, or they gave it up; Ongoing while they
// wait, and 0 where nothing is known of them.
func CallerOver(l *event.LossRow) time.Duration {
	switch {
	case l.Waits:
		return Ongoing
	case l.By != "":
		return min(l.At, l.Began+l.After.D())
	case l.Status != 0:
		return l.At
	}
	return 0
}

// SilentBefore is how long nothing had passed over the flow that the network forgot by a
// record; 0: that is not known.
func SilentBefore(f *event.Fold, seq uint64) time.Duration {
	for i := range f.Cuts {
		if f.Cuts[i].Seq == seq {
			return f.Cuts[i].Forgotten.Idle.D()
		}
	}
	return 0
}

// CutLane is the lane of the timeline at which a call that was lost there is cut.
func CutLane(where event.Place) string {
	switch where {
	case event.AtLink:
		return "network"
	case event.AtServer:
		return "reg"
	case event.AtApp:
		return "app"
	}
	return "call"
}

// NATSetting is the kind of NAT that is emulated: nothing is broken by it until it forgets.
const NATSetting FaultName = "nat"

// CutWord is the word for what has cut the phone off, in the lane of the network.
func CutWord(why string) string {
	switch why {
	case "nat drop", "nat expired":
		return "NAT forgets"
	}
	return event.Printable(why)
}
