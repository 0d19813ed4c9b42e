package play

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Verdict is how a test case, a step or an invariant ended.
type Verdict string

// The verdicts.
const (
	Passed  Verdict = "passed"
	Failed  Verdict = "failed"  // the product's fault
	Errored Verdict = "errored" // the tool could not tell
	Skipped Verdict = "skipped" // an earlier case lost what this one needs
)

// A Result is what became of one scenario file. It is a value: the reports
// (text, JUnit, HTML) are made of it and of the event log, and of nothing else.
type Result struct {
	File    string // as it was given
	Phone   string // the address of record under test
	World   bool   // in virtual time
	Seed    uint64
	Started time.Time // wall time
	Wall    time.Duration
	Device  time.Duration
	Warped  bool // device time ran faster than wall time at some point
	// Real says that a real phone was looked at: nothing is emulated.
	Real bool
	// Cases in the order of the file; the lines before the first "==" are
	// the case "setup".
	Cases      []CaseResult
	Invariants []InvariantResult
}

// A CaseResult is what became of one test case.
type CaseResult struct {
	Name         string
	Line         int
	Verdict      Verdict
	Tries        int           // 1 unless it was retried
	From, To     time.Duration // device time
	Wall, Device time.Duration
	// FirstSeq and LastSeq are its records in the log; 0 where they are not
	// known: reports then go by From and To.
	FirstSeq, LastSeq uint64
	Steps             []StepResult
	Failure           *Failure // nil unless it failed or errored
	// Why says why it was skipped, where that is not an earlier case that has
	// lost what it needs.
	Why string
}

// A StepResult is what became of one line.
type StepResult struct {
	Line    int
	Text    string
	Verdict Verdict
	Waited  time.Duration // device time
	At      time.Duration // device time at its end
}

// A Failure says what was expected, what happened instead, why that may be,
// and where to look.
type Failure struct {
	File             string // where the line stands: the scenario, or what it includes
	Line, Col, Width int
	// Kind is the kind of step, and of an expectation its first word, such as
	// "expect.wake".
	Kind string
	// Passed is how long was waited: device time, or wall time if Wall.
	Passed  time.Duration
	Wall    bool
	Message string // "no wake by INVITE within 2 s"
	Source  []SourceLine
	// Facts are what did happen, by subject: the caller, the socket, the
	// last wake.
	Facts []diagnose.Fact
	// Rule is the likely cause, as "sleeptalk explain" knows it; Likely says
	// it in words.
	Rule   event.Rule
	Likely string
	// Again is the command that shows it once more, where it is not the one
	// that plays the scenario.
	Again string
}

// A SourceLine is a line of the scenario, for the excerpt.
type SourceLine struct {
	Line int
	Text string
}

// An InvariantResult is what became of a "never" line.
type InvariantResult struct {
	Line    int
	Text    string
	Verdict Verdict
	Detail  string // such as "longest 0.05 s", or where it was violated
	At      time.Duration
}

// Verdict is the worst of the cases and invariants.
func (r *Result) Verdict() Verdict {
	worst := Passed
	for _, c := range r.Cases {
		worst = worse(worst, c.Verdict)
	}
	for _, i := range r.Invariants {
		worst = worse(worst, i.Verdict)
	}
	return worst
}

// worse is the one of two verdicts that decides: a proven failure outranks
// "could not tell", and a skipped case changes nothing.
func worse(a, b Verdict) Verdict {
	rank := map[Verdict]int{Errored: 1, Failed: 2}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
