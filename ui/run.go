package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Runner is what the run view needs of whoever plays scenarios.
type Runner interface {
	// Next returns the run as it stands, as soon as it is another than the one
	// numbered seq, or the context's error.
	Next(ctx context.Context, seq uint64) (RunState, error)
	// Tell asks for something to be done. It does not wait for that.
	Tell(RunOrder)
}

// A RunState is a snapshot of a run of scenarios. What it points to does not
// change, except for the log, which grows.
type RunState struct {
	Seq   uint64 // grows with each change
	File  string // the scenario that is played
	N, Of int    // which of how many
	Began time.Time
	Took  time.Duration // by the wall; 0 while it goes on
	Log   *event.Log    // of this file
	Phone string        // the phone under test
	// Virtual: time is virtual, and is now Now; Rate is how many of its seconds
	// pass in a wall second, and 0 if it runs as fast as it can.
	Virtual bool
	Now     time.Duration
	Rate    float64
	Lines   []RunLine // of this file
	At      int       // the one that is played, or would be next
	// Held: the run is paused before line At. Holding: it will be, when this step
	// is over; virtual time stands still at once.
	Held, Holding  bool
	Waiting        *RunWait    // what the step waits for; nil: for nothing
	Failure        *RunFailure // of the test case that failed last; nil: none of this file
	Passed, Failed int         // steps of all files
	Over           string      // the outcome, in words; "" while it goes on
	Report         string      // where the evidence is; "" if none is kept, or not yet
}

// A RunLine is a step, or the heading of a test case.
type RunLine struct {
	File    string
	Line    int
	Text    string
	Case    bool
	Verdict Verdict
	Took    time.Duration // device time
	// First and Last are its records in the log; 0: it has not been played.
	First, Last uint64
}

// A Verdict is the outcome of a line, in the words of the reports.
type Verdict string

// The verdicts; "" is none yet.
const (
	Passed  Verdict = "passed"
	Failed  Verdict = "failed"
	Errored Verdict = "errored"
	Skipped Verdict = "skipped"
)

// A RunWait is what a step waits for.
type RunWait struct {
	What        string
	Limit, Gone time.Duration
	Wall        bool      // by the wall's clock, not the device's
	Facts       []RunFact // what is known meanwhile
	Hint        string    // the likely cause, if it goes on like this
}

// A RunFact is something that happened, and to whom or what.
type RunFact struct{ Subject, Text string }

// A RunFailure is why a test case failed.
type RunFailure struct {
	Message string
	Facts   []RunFact
	Likely  string
}

// A RunOrder is something that a person asks of a run.
type RunOrder struct {
	Do   RunAction
	Line int // of RunTo: the index of the line before which to hold
}

// A RunAction is the action that is asked for.
type RunAction string

// The actions.
const (
	RunHold   RunAction = "hold"
	RunNext   RunAction = "next" // play one step
	RunGo     RunAction = "go"
	RunTo     RunAction = "to"
	RunStop   RunAction = "stop"
	RunFaster RunAction = "faster"
	RunSlower RunAction = "slower"
)

// Watch shows a run on the terminal until the user leaves, as [Run] shows a
// phone. The run itself belongs to the runner, and goes on without the screen.
func Watch(ctx context.Context, r Runner, opt Options) error {
	return show(ctx, opt, func(ctx context.Context, opt Options) *model { return newRunModel(ctx, r, opt) })
}

// newRunModel is a model whose first view is that of a run.
func newRunModel(ctx context.Context, r Runner, opt Options) *model {
	m := newModel(ctx, still{new(event.Log), nil}, opt)
	m.modes.base, m.run.runner = runMode, r
	return m
}

// RenderRun is the screen of a run, as [RenderFrame] is that of a phone.
func RenderRun(s RunState, f Frame) string {
	m := newRunModel(context.Background(), nil, f.options())
	m.resize(f.Width, f.Height)
	m.runChanged(s)
	return m.shown(f)
}

// runChangedMsg reports that the run has changed.
type runChangedMsg struct{ state RunState }

// next waits for a change of the run, but at least as long as pause.
func (v *runView) next(ctx context.Context, pause time.Duration) tea.Cmd {
	r, seq := v.runner, v.state.Seq
	return func() tea.Msg {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		s, err := r.Next(ctx, seq)
		if err != nil {
			return nil
		}
		return runChangedMsg{s}
	}
}

// runChanged takes in a new state of the run. Another file has another log, for
// which the folds start again.
func (m *model) runChanged(s RunState) tea.Cmd {
	var cmd tea.Cmd
	if s.Log != nil && s.Log != m.phone.Log() {
		m.phone, m.verbs = still{s.Log, nil}, nil
		m.history = startHistory(s.Phone)
		if m.behind = 0; m.ahead != nil {
			m.ahead = m.history.fold.Clone()
		}
		m.layers.explain.list = nil
		m.run.follow()
		m.selections.messages.follow()
		cmd = m.waitForRecords(0, 0)
	}
	m.run.state = s
	m.take()
	return cmd
}
