//go:build unix

package ui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A terminal is a pseudo-terminal with a program on its other side.
type terminal struct {
	t        *testing.T
	ours     *os.File
	theirs   *os.File
	mu       sync.Mutex
	seen     strings.Builder
	changed  chan struct{}
	finished chan error
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(ours, &pty.Winsize{Cols: 120, Rows: 40}); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, ours: ours, theirs: theirs, changed: make(chan struct{}, 1), finished: make(chan error, 1)}
	t.Cleanup(func() { theirs.Close(); ours.Close() })
	go x.read()
	return x
}

func (x *terminal) read() {
	buf := make([]byte, 4096)
	for {
		n, err := x.ours.Read(buf)
		x.mu.Lock()
		x.seen.Write(buf[:n])
		x.mu.Unlock()
		select {
		case x.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// expect waits until the program has written s.
func (x *terminal) expect(s string) {
	x.t.Helper()
	late := time.After(30 * time.Second)
	for {
		x.mu.Lock()
		seen := x.seen.String()
		x.mu.Unlock()
		if strings.Contains(seen, s) {
			return
		}
		select {
		case <-x.changed:
		case <-late:
			x.t.Fatalf("never saw %q in %q", s, seen)
		}
	}
}

// text is what the program has written, since it was forgotten.
func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.String()
}

func (x *terminal) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seen.Reset()
}

func (x *terminal) typed(s string) {
	if _, err := io.WriteString(x.ours, s); err != nil {
		x.t.Error(err)
	}
}

func (x *terminal) options() Options {
	return Options{Theme: "mono", Location: time.UTC, Input: x.theirs, Output: x.theirs, Environ: []string{"TERM=xterm-256color"}}
}

// leftAltScreen is what a program writes when it gives the screen back.
const leftAltScreen = "\x1b[?1049l"

func TestRunInATerminal(t *testing.T) {
	x := newTerminal(t)
	p := &puppet{log: load(t, "woken")}
	go func() { x.finished <- Run(context.Background(), p, x.options()) }()
	x.expect("INVITE")
	x.typed("q")  // a call rings, so it asks
	x.expect("?") // "Hang up and quit?"
	x.expect("yes")
	x.typed("y")
	if err := <-x.finished; err != nil {
		t.Error(err)
	}
	x.expect(leftAltScreen)
	if len(p.said) != 1 || p.said[0] != "quit" {
		t.Errorf("said %q", p.said)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	x := newTerminal(t)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { x.finished <- Run(ctx, &puppet{log: load(t, "call")}, x.options()) }()
	x.expect("FOREGROUND")
	cancel()
	if err := <-x.finished; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	x.expect(leftAltScreen)
}

// clumsy is a phone that panics.
type clumsy struct{ puppet }

func (clumsy) Do(string) error { panic("clumsy") }

func TestAPanicGivesTheTerminalBack(t *testing.T) {
	x := newTerminal(t)
	p := &clumsy{puppet{log: load(t, "registered")}}
	go func() { x.finished <- Run(context.Background(), p, x.options()) }()
	x.expect("FOREGROUND")
	x.typed("b")
	var broken *PanicError
	if err := <-x.finished; !errors.As(err, &broken) || broken.Value != "clumsy" || broken.Stack == "" {
		t.Errorf("error %v", err)
	}
	x.expect(leftAltScreen)
}

func TestAPanicInTheModel(t *testing.T) {
	m, _ := newTestModel(t, "call")
	g := &guarded{model: m}
	m.display.pal, m.last.stale = nil, true
	if v := g.View(); !v.AltScreen || g.broken == nil {
		t.Error("the panic was not caught")
	}
	if _, cmd := g.Update(tickMsg{}); cmd == nil {
		t.Error("the program goes on")
	}
}

func TestStartCard(t *testing.T) {
	for _, c := range []struct {
		keys string
		want Choice
	}{{"j\r", Connect}, {"3", Scenario}, {"\r", Demo}, {"q", Leave}} {
		x := newTerminal(t)
		got := make(chan Choice, 1)
		go func() {
			choice, err := StartCard(context.Background(), x.options(), nil)
			got <- choice
			x.finished <- err
		}()
		x.expect("run a scenario")
		x.typed(c.keys)
		if choice := <-got; choice != c.want {
			t.Errorf("keys %q: choice %d, want %d", c.keys, choice, c.want)
		}
		if err := <-x.finished; err != nil {
			t.Error(err)
		}
	}
}

func TestStartCardFits(t *testing.T) {
	for w := range 100 {
		c := &card{w: w, h: w / 3, at: Demo, opt: Options{Theme: "mono"}}
		fits(t, c.draw(), c.w, c.h)
	}
	c := &card{w: 80, h: 24, at: Demo, opt: Options{Theme: "mono"}}
	golden(t, "card-80x24", c.draw())
}
