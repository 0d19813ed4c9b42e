package event

import "fmt"

// Scenario is the playing of a scenario: that it begins, and what became of it.
type Scenario struct {
	Phase ScenarioPhase `json:"phase"`
	File  string        `json:"file"`
	// Virtual says that time was virtual, and Seed what its randomness came from.
	Virtual bool   `json:"virtual,omitempty"`
	Seed    uint64 `json:"seed,omitempty"`
	// Verdict is that on the whole, at the end: passed, failed, errored.
	Verdict StepPhase `json:"verdict,omitempty"`
}

// A ScenarioPhase is a step in the playing of a scenario.
type ScenarioPhase string

// The steps of a scenario.
const (
	ScenarioBegun ScenarioPhase = "begun"
	ScenarioEnded ScenarioPhase = "ended"
)

// ScenarioPhases are all of them.
func ScenarioPhases() []ScenarioPhase { return []ScenarioPhase{ScenarioBegun, ScenarioEnded} }

// Step is a line of the scenario that is played: that it begins, and what became of it.
type Step struct {
	Phase StepPhase `json:"phase"`
	File  string    `json:"file"`
	Line  int       `json:"line"`
	Name  string    `json:"name"`           // the line itself
	Case  string    `json:"case,omitempty"` // the test case that it belongs to
	// Limit is how long it may take, by the device's clock, or by the wall's if Wall.
	Limit Seconds `json:"limit_s,omitempty"`
	Wall  bool    `json:"wall,omitempty"`
	// Waited is how long it took, by the device's clock.
	Waited Seconds `json:"waited_s,omitempty"`
	// Ago is how long before this record an invariant was broken.
	Ago Seconds `json:"ago_s,omitempty"`
	// Of a line that failed: what was missing, the likely cause, and its rule.
	Detail string `json:"detail,omitempty"`
	Likely string `json:"likely,omitempty"`
	Rule   Rule   `json:"rule,omitempty"`
}

// A StepPhase is a step in the playing of a line of a scenario.
type StepPhase string

// The steps of a line. All but the first are verdicts.
const (
	StepBegun   StepPhase = "begun"
	StepPassed  StepPhase = "passed"
	StepFailed  StepPhase = "failed"
	StepErrored StepPhase = "errored" // the tool could not tell
	StepSkipped StepPhase = "skipped"
)

// StepPhases are all of them.
func StepPhases() []StepPhase {
	return []StepPhase{StepBegun, StepPassed, StepFailed, StepErrored, StepSkipped}
}

// Bad reports whether it is the verdict on a line that did not do what it should.
func (p StepPhase) Bad() bool { return p == StepFailed || p == StepErrored }

// Text says what became of the scenario.
func (e Scenario) Text() (string, string) {
	return "scenario " + string(e.Phase), join(", ", e.File, string(e.Verdict), unless(!e.Virtual, "virtual time, seed %d", e.Seed))
}

// Text says what became of the line.
func (e Step) Text() (string, string) {
	return fmt.Sprintf("line %d %s", e.Line, e.Phase), join(": ", e.Name, e.Detail)
}
