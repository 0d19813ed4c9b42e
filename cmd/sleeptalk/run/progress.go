package run

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A progress shows a person that something happens: on a terminal a line for
// each step, elsewhere a dot for each test case. Files that are played at the
// same time report from goroutines of their own.
type progress struct {
	mu    sync.Mutex
	out   io.Writer
	steps bool // a line each
	all   bool // and one for each event
	dots  int
}

// dotsInLine is where a row of dots is continued on the next line.
const dotsInLine = 72

func newProgress(p *cli.Program, o *options, files int) *progress {
	s := &progress{out: human(p, o), all: o.watch}
	s.steps = o.watch || !o.plain.Plain && p.Terminal() && (files == 1 || o.jobs == 1)
	return s
}

// human is where text for people goes: standard output, unless that is for
// the events.
func human(p *cli.Program, o *options) io.Writer {
	if o.json {
		return p.Err
	}
	return p.Out
}

// tell lets a run report to s.
func (s *progress) tell(f *piece, o *play.Options) {
	if !s.steps {
		o.Ended = func(c *play.CaseResult) { s.dot(c.Verdict) }
		return
	}
	o.Began = func(c *scenario.Case) { s.line("%s   == %s", f.Name, c.Name) }
	o.Stepped = func(_ *scenario.Case, r play.StepResult) { s.step(r) }
}

func (s *progress) step(r play.StepResult) {
	waited := ""
	if r.Waited > 0 {
		waited = event.Round(r.Waited)
	}
	s.line("  %s %3d  %-60s %s", sign(r.Verdict), r.Line, event.Printable(r.Text), waited)
}

func sign(v play.Verdict) string {
	switch v {
	case play.Passed:
		return "✓"
	case play.Failed:
		return "✗"
	case play.Errored:
		return "!"
	}
	return "-"
}

// dot is one test case. What is skipped says nothing.
func (s *progress) dot(v play.Verdict) {
	mark := map[play.Verdict]string{play.Passed: ".", play.Failed: "F", play.Errored: "!"}[v]
	if mark == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprint(s.out, mark)
	if s.dots++; s.dots%dotsInLine == 0 {
		fmt.Fprintln(s.out)
	}
}

func (s *progress) line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(s.out, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// again says that a file is played once more.
func (s *progress) again(f *piece, try int) {
	if s.steps {
		s.line("%s   failed; try %d", f.Name, try+1)
	}
}

// over ends the row of dots, or the list of steps.
func (s *progress) over() {
	if s.steps || s.dots%dotsInLine != 0 {
		fmt.Fprintln(s.out)
	}
}
