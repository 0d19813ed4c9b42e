package cli

import (
	"io"
	"sync"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/ui"
)

// A Gauge shows how much of long work is over, in the tab of the terminal or in the task bar
// (OSC 9;4). Its methods may be called from any goroutine.
type Gauge struct {
	out io.Writer // nil: there is no terminal that shows it

	mu       sync.Mutex
	done, of int
	failed   bool
}

// Gauge is that of work of so many parts, on the terminal of standard error.
func (p *Program) Gauge(of int) *Gauge {
	environ := []string{"TERM=" + p.Env("TERM"), "TERM_PROGRAM=" + p.Env("TERM_PROGRAM"), "WT_SESSION=" + p.Env("WT_SESSION"), "ConEmuPID=" + p.Env("ConEmuPID")}
	g := &Gauge{of: of}
	if of > 0 && isTerminal(p.Err) && ui.ShowsProgress(environ) {
		g.out = Raw(p.Err)
	}
	return g
}

// Step counts parts that are over; ok says that they went well.
func (g *Gauge) Step(parts int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done, g.failed = min(g.of, g.done+parts), g.failed || !ok
	if g.out == nil {
		return
	}
	set := ansi.SetProgressBar
	if g.failed {
		set = ansi.SetErrorProgressBar
	}
	_, _ = io.WriteString(g.out, set(100*g.done/g.of)) // nothing depends on it
}

// Close takes it away.
func (g *Gauge) Close() {
	if g.out != nil {
		_, _ = io.WriteString(g.out, ansi.ResetProgressBar)
	}
}
