package diagnose

import (
	"cmp"
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// findStep is the finding of a line of a scenario that failed: of the call that its test case
// has lost, if it has, else what the run knew of the likely cause.
func findStep(log *event.Log, r event.Record, step event.Step, stamp Stamp) (f Finding, ok bool) {
	if !step.Phase.Bad() {
		return f, false
	}
	if seq := lossOf(log, r, step); seq != 0 {
		f, ok = FindingOf(log, seq, stamp)
		f.Seq = r.Seq
		return f, ok
	}
	page := pageOf(step.Rule)
	return Finding{
		Rule: step.Rule, Seq: r.Seq, Moment: r.Seq, At: r.Device - step.Ago.D(),
		Lost: said(fmt.Sprintf("line %d, %s: %s", step.Line, step.Name, step.Detail)),
		Why:  said(cmp.Or(step.Likely, first(page.Law), "no likely cause is known: what happened before it says more")),
		Mend: said(cmp.Or(first(page.Try), "nothing is known that mends it")),
	}, true
}

// lossOf is the last record of the call that was lost last in the test case of a line; 0: none
// was.
func lossOf(log *event.Log, r event.Record, step event.Step) (seq uint64) {
	var calls map[string]uint64
	for o := range log.From(0) {
		switch e := o.Event.(type) {
		case event.Step:
			switch {
			case e.Case == step.Case && calls == nil:
				calls = map[string]uint64{}
			case e.Case != step.Case && o.Seq > r.Seq && e.Phase == event.StepBegun:
				return latest(calls)
			}
		case event.Loss:
			if calls == nil || o.Phone != r.Phone {
				continue
			}
			calls[e.CallID] = o.Seq
			if e.Phase == event.LossOver {
				delete(calls, e.CallID)
			}
		}
	}
	return latest(calls)
}

func latest(calls map[string]uint64) (seq uint64) {
	for _, one := range calls {
		seq = max(seq, one)
	}
	return seq
}
