package report

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// counts are the totals of some results. Invariants are not tests: only those
// that were violated, or could not be decided, are counted.
type counts struct {
	tests, passed, failed, errored, skipped, flaky int
	violated                                       int
	wall, device                                   time.Duration
}

func count(results []*play.Result) (n counts) {
	for _, r := range results {
		n.wall += r.Wall
		n.device += r.Device
		for i := range r.Cases {
			n.add(&r.Cases[i])
		}
		for _, i := range r.Invariants {
			if i.Verdict == play.Failed || i.Verdict == play.Errored {
				n.violated++
			}
		}
	}
	return n
}

func (n *counts) add(c *play.CaseResult) {
	n.tests++
	switch c.Verdict {
	case play.Passed:
		n.passed++
		if c.Tries > 1 {
			n.flaky++
		}
	case play.Failed:
		n.failed++
	case play.Errored:
		n.errored++
	case play.Skipped:
		n.skipped++
	}
}
