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

// A Card is what became of all checks, in their order.
type Card struct {
	User   string `json:"user"`
	Domain string `json:"domain"`
	// Agent is how the phone calls itself (User-Agent).
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
	// From and To are when it was at work.
	From event.Seconds `json:"from_s"`
	To   event.Seconds `json:"to_s"`
	// first and last are its records; 0: none.
	first, last uint64
}

// A Line is one thing on the wire that shows a verdict, as the phone sees it:
// "-->" is what the phone has sent.
type Line struct {
	At   event.Seconds `json:"at_s"`
	Text string        `json:"text"`
}

// Count is how many checks had a verdict.
func (c Card) Count(v Verdict) (n int) {
	for _, m := range c.Marks {
		if m.Verdict == v {
			n++
		}
	}
	return n
}

// A finding is what a judge says.
type finding struct {
	verdict  Verdict
	why      string
	evidence []Line
}

// showing adds the evidence to a finding; of what there was not, nothing.
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
