package report

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// counts are the totals of some results. Invariants are no tests: of them
// only those that were violated, or could not be told, are counted.
type counts struct {
	tests, passed, failed, errored, skipped, flaky int
	violated                                       int
	wall, device                                   time.Duration
}

func count(results []*scenario.Result) (n counts) {
	for _, r := range results {
		n.wall += r.Wall
		n.device += r.Device
		for i := range r.Cases {
			n.add(&r.Cases[i])
		}
		for _, i := range r.Invariants {
			if i.Verdict == scenario.Failed || i.Verdict == scenario.Errored {
				n.violated++
			}
		}
	}
	return n
}

func (n *counts) add(c *scenario.CaseResult) {
	n.tests++
	switch c.Verdict {
	case scenario.Passed:
		n.passed++
		if c.Tries > 1 {
			n.flaky++
		}
	case scenario.Failed:
		n.failed++
	case scenario.Errored:
		n.errored++
	case scenario.Skipped:
		n.skipped++
	}
}
