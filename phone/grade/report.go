package grade

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Verdict is the outcome of a check.
type Verdict string

// The verdicts.
const (
	Pass   Verdict = "pass"
	Fail   Verdict = "fail"
	Untold Verdict = "could not tell"
)

// A Report has the outcomes of all checks, in their order.
type Report struct {
	User   string `json:"user"`
	Domain string `json:"domain"`
	// Agent is the phone's User-Agent.
	Agent string        `json:"agent,omitempty"`
	Took  event.Seconds `json:"took_s"`
	Marks []Mark        `json:"checks"`
}

// A Mark is the outcome of one check.
type Mark struct {
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Rule     string  `json:"rule"`
	Source   string  `json:"source"`
	Verdict  Verdict `json:"verdict"`
	Why      string  `json:"why"`
	Evidence []Line  `json:"evidence,omitempty"`
	// From and To are when the check began and ended.
	From event.Seconds `json:"from_s"`
	To   event.Seconds `json:"to_s"`
	// first and last are its records; 0: none.
	first, last uint64
}

// Span returns the first and the last record of a check; 0: there was none.
func (m Mark) Span() (first, last uint64) { return m.first, m.last }

// A Line is a message or an event on the wire that proves a verdict, as the
// phone sees it: "-->" marks what the phone has sent.
type Line struct {
	At   event.Seconds `json:"at_s"`
	Text string        `json:"text"`
}

// Count returns how many checks had a verdict.
func (c Report) Count(v Verdict) (n int) {
	for _, m := range c.Marks {
		if m.Verdict == v {
			n++
		}
	}
	return n
}

// A finding is the result of a judge.
type finding struct {
	verdict  Verdict
	why      string
	evidence []Line
}

// showing adds evidence to a finding; empty lines are left out.
func (f finding) showing(lines ...Line) finding {
	for _, l := range lines {
		if l.Text != "" {
			f.evidence = append(f.evidence, l)
		}
	}
	return f
}

func line(at time.Duration, text string) Line {
	return Line{event.Seconds(at), event.Printable(text)}
}
