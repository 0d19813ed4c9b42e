package report

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// maxLosses is how many lost calls the page explains.
const maxLosses = 20

// A pageLoss is a lost call, in the words of its finding.
type pageLoss struct {
	Anchor, Stamp, Lost, Why, Mend, Rule string
	Case, Name                           string // the test case in which it was lost; "": none
}

// lossesOf explains the calls that were lost, and returns how many it leaves out.
func lossesOf(log *event.Log, fold *event.Fold, r *play.Result) (list []pageLoss, left int) {
	for i := range fold.Losses {
		l := &fold.Losses[i]
		if len(list) == maxLosses {
			return list, len(fold.Losses) - len(list)
		}
		f, ok := diagnose.FindingOf(log, l.Seq, stamp)
		if !ok {
			continue
		}
		row := pageLoss{Anchor: fmt.Sprintf("lost-%d", len(list)+1), Stamp: stamp(l.Began), Lost: f.Lost, Why: f.Why, Mend: f.Mend, Rule: string(f.Rule)}
		for j := range r.Cases {
			if c := &r.Cases[j]; c.Verdict != play.Skipped && c.From <= l.Began && l.Began <= c.To {
				row.Case, row.Name = caseAnchor(r, c), c.Name
			}
		}
		list = append(list, row)
	}
	return list, 0
}
