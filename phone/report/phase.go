package report

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// underTest returns the name in the log of the phone whose address of record
// the result names, or else of the first phone that was started.
func underTest(records []event.Record, aor string) string {
	first := ""
	for _, r := range records {
		start, ok := r.Event.(event.Start)
		switch {
		case !ok:
		case bare(start.AOR) == bare(aor):
			return r.Phone
		case first == "":
			first = r.Phone
		}
	}
	return first
}

// bare returns an address of record without its scheme.
func bare(aor string) string {
	return strings.TrimPrefix(strings.TrimPrefix(aor, "sip:"), "sips:")
}

// during returns the records of a test case, including those of other phones
// between them. If the case does not say which they are, they are those from
// the phone's first at its beginning to the phone's last at its end.
func during(records []event.Record, phone string, c *play.CaseResult) []event.Record {
	if c.LastSeq != 0 {
		last := min(c.LastSeq, uint64(len(records)))
		first := max(1, c.FirstSeq)
		if first > last {
			return nil
		}
		return records[first-1 : last]
	}
	first, last := -1, -1
	for i, r := range records {
		if r.Phone != phone || r.Device < c.From || r.Device > c.To {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
	}
	if first < 0 {
		return nil
	}
	return records[first : last+1]
}

// failedStep returns the step that failed; nil if none did.
func failedStep(c *play.CaseResult) *play.StepResult {
	for i := range c.Steps {
		if v := c.Steps[i].Verdict; v == play.Failed || v == play.Errored {
			return &c.Steps[i]
		}
	}
	return nil
}

// A stretch is a span of device time.
type stretch struct{ from, to time.Duration }

func (s stretch) length() time.Duration { return s.to - s.from }

// failing returns the time in which the failed step waited; ok is false if
// there is none.
func failing(c *play.CaseResult) (s stretch, ok bool) {
	step := failedStep(c)
	if step == nil {
		return s, false
	}
	return stretch{max(0, step.At-step.Waited), step.At}, true
}
