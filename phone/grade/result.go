package grade

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// fileName stands in reports where they name a scenario's file.
const fileName = "grade"

// Result converts the report into the result of a run: a check is a test case,
// its evidence the steps, and a check that could not be decided is skipped.
func (c Report) Result(started time.Time) *play.Result {
	r := &play.Result{
		File: fileName, Phone: "sip:" + c.User + "@" + c.Domain, Started: started, Wall: c.Took.D(), Device: c.Took.D(), Real: true,
	}
	for i, m := range c.Marks {
		r.Cases = append(r.Cases, m.testCase(i+1))
	}
	return r
}

func (m Mark) testCase(n int) play.CaseResult {
	took := m.To.D() - m.From.D()
	verdict := map[Verdict]play.Verdict{Pass: play.Passed, Fail: play.Failed, Untold: play.Skipped}[m.Verdict]
	tc := play.CaseResult{
		Name: fmt.Sprintf("%s: %s", m.ID, m.Title), Line: n, Verdict: verdict, Tries: 1,
		From: m.From.D(), To: m.To.D(), Wall: took, Device: took, FirstSeq: m.first, LastSeq: m.last,
	}
	for i, l := range m.Evidence {
		tc.Steps = append(tc.Steps, play.StepResult{Line: i + 1, Text: l.Text, Verdict: play.Passed, At: l.At.D()})
	}
	switch m.Verdict {
	case Untold:
		tc.Why = m.Why
	case Fail:
		tc.Failure = &play.Failure{
			Line: n, Kind: fileName + "." + m.ID, Wall: true, Message: m.Why, Again: "sleeptalk grade --only " + m.ID,
			Facts: []diagnose.Fact{{Subject: "rule", Text: m.Rule}, {Subject: "source", Text: m.Source}},
		}
	}
	return tc
}
