package report

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// underTest returns the name in the log of the phone whose address of record
// the result names, or else of the first phone that was started.
func underTest(log *event.Log, aor string) string {
	first := ""
	for r := range log.From(0) {
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

// during returns the first and the last record of a test case, between which are
// those of other phones too. If the case does not say which they are, they are
// the phone's first at its beginning and the phone's last at its end. ok is
// false if there are none.
func during(log *event.Log, phone string, c *play.CaseResult) (first, last uint64, ok bool) {
	if c.LastSeq != 0 {
		first, last = max(1, c.FirstSeq), min(c.LastSeq, log.Len())
		return first, last, first <= last
	}
	for r := range log.From(0) {
		if r.Phone != phone || r.Device < c.From || r.Device > c.To {
			continue
		}
		if first == 0 {
			first = r.Seq
		}
		last = r.Seq
	}
	return first, last, first > 0
}

// A course is the state of a phone as a log goes on. Who asks for one time after
// the other has it in one pass through the log, which may be packed.
type course struct {
	log   *event.Log
	phone string
	next  uint64      // the record that comes next
	state *event.Fold // before it
}

func newCourse(log *event.Log, phone string) *course {
	return &course{log, phone, 1, picture.FoldFor(phone, log.From(0))}
}

// before returns the state before a record. The fold is the caller's.
func (c *course) before(seq uint64) *event.Fold {
	if seq < c.next {
		*c = *newCourse(c.log, c.phone)
	}
	for r := range c.log.Span(c.next-1, seq-1) {
		c.state.Apply(r)
	}
	c.next = seq
	return c.state.Clone()
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
