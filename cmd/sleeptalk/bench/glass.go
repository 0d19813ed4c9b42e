package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// A glass is a terminal without a window: a program writes to it, and what it then shows can
// be read. One goroutine reads the terminal, another gives its answers to the program.
type glass struct {
	*subject
	overlay overlay
	pty     *os.File
	written chan struct{} // something was, since the last look
	ended   chan struct{} // closed when the program has closed the terminal

	mu     sync.Mutex
	screen *vt.Emulator
	at     time.Time // when what it shows had been read
}

// The size of the terminal: that of the wide screen.
const (
	glassCols = 120
	glassRows = 40
)

// newGlass starts a program in a terminal; o is what is opened in it.
func newGlass(s *subject, o overlay) (*glass, error) {
	s.cmd.Stderr = nil // the terminal's
	s.cmd.Env = append(s.cmd.Env, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "ESCDELAY=25")
	s.began = time.Now()
	f, err := pty.StartWithSize(s.cmd, &pty.Winsize{Rows: glassRows, Cols: glassCols})
	if err != nil {
		return nil, err
	}
	g := &glass{subject: s, overlay: o, pty: f, written: make(chan struct{}, 1), ended: make(chan struct{}), screen: vt.NewEmulator(glassCols, glassRows)}
	go io.Copy(f, g.screen) // ends with the emulator
	go g.read()
	return g, nil
}

func (g *glass) read() {
	defer close(g.ended)
	for buf := make([]byte, 64<<10); ; {
		n, err := g.pty.Read(buf)
		at := time.Now()
		if err != nil { // EIO: the program has gone
			return
		}
		g.mu.Lock()
		g.screen.Write(buf[:n])
		g.at = at
		g.mu.Unlock()
		select {
		case g.written <- struct{}{}:
		default:
		}
	}
}

// look is what the terminal shows, and since when.
func (g *glass) look() (string, time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.screen.String(), g.at
}

// until waits until the terminal shows something, and says when it had come.
func (g *glass) until(ctx context.Context, what string, ok func(string) bool) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		shown, at := g.look()
		if ok(shown) {
			return at, nil
		}
		select {
		case <-g.written:
		case <-g.ended:
			return at, fmt.Errorf("%s has ended, and its terminal does not show %s:\n%s", g.cmd.Args[0], what, shown)
		case <-ctx.Done():
			return at, fmt.Errorf("the terminal of %s does not show %s: %w:\n%s", g.cmd.Args[0], what, ctx.Err(), shown)
		}
	}
}

// shows waits until the terminal shows a text.
func (g *glass) shows(ctx context.Context, text string) (time.Time, error) {
	return g.until(ctx, text, func(s string) bool { return strings.Contains(s, text) })
}

// hides waits until it no longer does.
func (g *glass) hides(ctx context.Context, text string) (time.Time, error) {
	return g.until(ctx, "no "+text, func(s string) bool { return !strings.Contains(s, text) })
}

// press types keys, and says when.
func (g *glass) press(keys string) (time.Time, error) {
	at := time.Now()
	_, err := io.WriteString(g.pty, keys)
	return at, err
}

func (g *glass) close() {
	g.kill()
	g.pty.Close()
	<-g.ended
	g.screen.Close()
}
