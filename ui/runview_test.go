package ui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// conductor is a runner that writes down what it is told.
type conductor struct{ told []RunOrder }

func (c *conductor) Tell(o RunOrder) { c.told = append(c.told, o) }

func (*conductor) Next(ctx context.Context, _ uint64) (RunState, error) {
	<-ctx.Done()
	return RunState{}, ctx.Err()
}

// runOf is a run whose call has just woken the phone: the lines are those of
// the recording.
func runOf(t testing.TB) RunState {
	t.Helper()
	s := RunState{
		Seq: 1, File: "tests/wake.talk", N: 1, Of: 3, Took: 21 * time.Second, Log: load(t, "woken"), Phone: "alice",
		At: 10, Passed: 8,
		Waiting: &RunWait{
			What: "call up", Limit: 2 * time.Second, Gone: 1210 * time.Millisecond,
			Facts: []RunFact{
				{"bob", "INVITE sent at 00:10.09, 100 Trying received at +0.03 s"},
				{"socket", "open since 00:00.04, last bytes 00:10.03 (pong)"},
				{"binding", "registered at 00:00.13, as sip:alice@192.0.2.10:49152, until 01:00:00.13"},
				{"state", "suspended since 00:08.13"},
			},
			Hint: "the proxy did not route the call to our contact sip:alice@192.0.2.10:49152",
		},
	}
	step := func(line int, text string, took time.Duration) {
		s.Lines = append(s.Lines, RunLine{File: s.File, Line: line, Text: text, Took: took})
	}
	heading := func(line int, name string) {
		s.Lines = append(s.Lines, RunLine{File: s.File, Line: line, Text: name, Case: true})
	}
	heading(9, "suspend")
	step(10, "background", 0)
	step(11, "expect state suspended within 15s", 8040*time.Millisecond)
	step(12, "expect socket open", 0)
	heading(14, "keepalive")
	step(15, "expect wake by keepalive within 600s", 599410*time.Millisecond)
	step(16, "expect pong within 1s", 40*time.Millisecond)
	step(17, "expect suspended again within 10s", 50*time.Millisecond)
	heading(19, "a call wakes it")
	step(20, "bob: call alice", 10*time.Millisecond)
	step(21, "expect call up within 2s", 0)
	step(22, `expect notification from "Bob" within 500ms`, 0)
	step(23, "expect sent 180 within 1s", 0)
	step(24, "answer from notification", 0)
	seq, n := uint64(1), uint64(len(s.Log.After(0)))
	for i := range s.At {
		if l := &s.Lines[i]; !l.Case {
			l.Verdict, l.First, l.Last = Passed, seq, min(n, seq+8)
			seq = l.Last + 1
		}
	}
	s.Lines[s.At].First = min(n, seq)
	return s
}

func failedRun(t testing.TB) RunState {
	s := runOf(t)
	s.Failure = &RunFailure{Message: "no call up within 2 s", Facts: s.Waiting.Facts, Likely: s.Waiting.Hint}
	s.Waiting, s.Failed, s.Over, s.Report = nil, 1, "FAILED: 1 of 3", "runs/wake-0823-143209"
	s.Lines[s.At].Verdict, s.Lines[s.At].Last, s.Lines[s.At].Took = Failed, uint64(len(s.Log.After(0))), 2*time.Second
	for i := s.At + 1; i < len(s.Lines); i++ {
		s.Lines[i].Verdict = Skipped
	}
	return s
}

func heldRun(t testing.TB) RunState {
	s := runOf(t)
	s.Waiting, s.Held, s.Virtual, s.Rate, s.Now = nil, true, true, 7.5, 1326*time.Second
	return s
}

func TestRunGoldens(t *testing.T) {
	frame := Frame{Theme: "mono", Wall: moment(t, "woken")}
	for _, size := range []struct {
		name string
		w, h int
	}{{"120x40", 120, 40}, {"80x24", 80, 24}, {"60x20", 60, 20}, {"40x10", 40, 10}} {
		frame.Width, frame.Height = size.w, size.h
		golden(t, "run-"+size.name, ansi.Strip(RenderRun(runOf(t), frame)))
		golden(t, "run-failed-"+size.name, ansi.Strip(RenderRun(failedRun(t), frame)))
	}
	for _, c := range []struct {
		name, keys string
		run        RunState
	}{
		{"run-held-80x24", "", heldRun(t)},
		{"run-events-80x24", "enter", runOf(t)},
		{"run-commands-80x24", "tab tab tab", runOf(t)},
		{"run-cursor-80x24", "up up up up up", failedRun(t)},
		{"run-ladder-80x24", "s", runOf(t)},
		{"run-help-80x24", "?", runOf(t)},
		{"run-leave-80x24", "esc", runOf(t)},
		{"run-report-80x24", "r", failedRun(t)},
	} {
		f := Frame{Width: 80, Height: 24, Theme: "mono", Wall: moment(t, "woken"), Keys: strings.Fields(c.keys)}
		golden(t, c.name, ansi.Strip(RenderRun(c.run, f)))
	}
	frame.Width, frame.Height, frame.ASCII = 120, 40, true
	golden(t, "run-ascii", ansi.Strip(RenderRun(runOf(t), frame)))
	frame.Theme, frame.ASCII = "dark", false
	golden(t, "run-dark", RenderRun(failedRun(t), frame))
}

// newTestRun is a run on the screen.
func newTestRun(t testing.TB, s RunState) (*model, *conductor) {
	t.Helper()
	c := &conductor{}
	m := newRunModel(t.Context(), c, Options{Theme: "mono", Location: time.UTC, Environ: []string{}})
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	m.Update(runChangedMsg{s})
	return m, c
}

func TestRunKeysGiveOrders(t *testing.T) {
	for _, c := range []struct {
		run  RunState
		keys string
		want []RunOrder
	}{
		{runOf(t), "space", []RunOrder{{Do: RunHold}}},
		{heldRun(t), "space", []RunOrder{{Do: RunGo}}},
		{heldRun(t), "n g x", []RunOrder{{Do: RunNext}, {Do: RunGo}, {Do: RunStop}}},
		{heldRun(t), "> <", []RunOrder{{Do: RunFaster}, {Do: RunSlower}}},
		{runOf(t), ">", nil}, // real sockets
		{runOf(t), "u", nil}, // the cursor is where the run is
		{runOf(t), "down down u", []RunOrder{{Do: RunTo, Line: 12}}},
		{runOf(t), "up u", nil},
		{runOf(t), "down end u", nil},
		{failedRun(t), "space n g u x", nil}, // over
	} {
		m, conductor := newTestRun(t, c.run)
		for _, k := range strings.Fields(c.keys) {
			if _, cmd := m.Update(keyPress(k)); cmd != nil {
				cmd()
			}
		}
		if !slices.Equal(conductor.told, c.want) {
			t.Errorf("keys %s: told %v, want %v", c.keys, conductor.told, c.want)
		}
	}
}

// TestLeavingARun asks while it goes on.
func TestLeavingARun(t *testing.T) {
	for _, c := range []struct {
		run    RunState
		keys   []string
		leaves bool
	}{
		{runOf(t), []string{"esc"}, false},
		{runOf(t), []string{"esc", "n"}, false},
		{runOf(t), []string{"q", "y"}, true},
		{failedRun(t), []string{"esc"}, true},
		{failedRun(t), []string{"enter", "esc"}, false},
		{failedRun(t), []string{"z", "esc"}, false},
	} {
		m, _ := newTestRun(t, c.run)
		leaves := false
		for _, k := range c.keys {
			_, cmd := m.Update(keyPress(k))
			if cmd == nil {
				continue
			}
			if msg, ok := cmd().(verbDoneMsg); ok {
				_, cmd = m.Update(msg)
				_, leaves = cmd().(tea.QuitMsg)
			}
		}
		if leaves != c.leaves {
			t.Errorf("keys %v, over %q: leaves %v", c.keys, c.run.Over, leaves)
		}
	}
}

// TestAnotherFile begins the folds anew, and what the log of the file before
// still says is not taken for it.
func TestAnotherFile(t *testing.T) {
	m, _ := newTestRun(t, runOf(t))
	old := m.phone.Log()
	next := failedRun(t)
	next.Seq, next.Log = 2, load(t, "registered")
	m.Update(runChangedMsg{next})
	before := &m.history.fold
	if before.Banner != nil || before.Life.State != "foreground" {
		t.Errorf("state %s, banner %v", before.Life.State, before.Banner)
	}
	if _, cmd := m.Update(logGrewMsg{log: old, upTo: 3}); cmd != nil {
		t.Error("the old log is waited for")
	}
}

func TestRunFitsAnySize(t *testing.T) {
	for _, s := range []RunState{runOf(t), failedRun(t), heldRun(t), {}} {
		m, _ := newTestRun(t, s)
		for w := 0; w < 160; w += 13 {
			for _, k := range []string{"tab", "z", "enter", "esc", "?", "esc", "s", "esc", "n", "up"} {
				h := w / 3
				m.Update(tea.WindowSizeMsg{Width: w, Height: h})
				m.Update(keyPress(k))
				fits(t, screen(m), w, h)
			}
		}
	}
}

// TestCopy gives the terminal the last line of the command log.
func TestCopy(t *testing.T) {
	m, p := newTestModel(t, "woken")
	if len(m.history.commands.list) == 0 {
		t.Fatal("the recording has no verb")
	}
	_, cmd := m.Update(keyPress("y"))
	if cmd == nil || !strings.Contains(ansi.Strip(screen(m)), "copied: "+m.history.commands.list[len(m.history.commands.list)-1].verb.Line) {
		t.Errorf("nothing was copied; said %v", p.said)
	}
}
