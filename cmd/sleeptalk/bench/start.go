package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/creack/pty"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// starts is how often a program is started to see how long it takes.
const starts = 20

// register measures from the start of the process to the 200 to its REGISTER,
// of this phone and of baresip in turns.
func (b *bench) register(ctx context.Context) (Result, error) {
	r := Result{Unit: seconds}
	withBaresip := true
	if m := baresipPeer.missing(); m != "" {
		r.Missing, withBaresip = []string{m}, false
	}
	var ours, theirs []time.Duration
	for range starts {
		p, err := b.phone(ctx, "--mic", "tone:440")
		if err != nil {
			return r, err
		}
		ours = append(ours, p.flow.registered.Sub(p.began))
		if err := p.quit(); err != nil {
			return r, err
		}
		if !withBaresip {
			continue
		}
		peer, err := b.baresip(ctx, "manual", codec.PCMU)
		if err != nil {
			return r, err
		}
		theirs = append(theirs, peer.flow.registered.Sub(peer.began))
		peer.kill()
	}
	r.Rows = append(r.Rows, Row{Who: "sleeptalk", N: len(ours), Figures: medianAndMost(ours)})
	if withBaresip {
		r.Rows = append(r.Rows, Row{Who: "baresip", N: len(theirs), Figures: medianAndMost(theirs)})
	}
	return r, nil
}

// firstScreenLimit is when the first screen should be there: what a person
// takes for at once. Nielsen, Usability Engineering, 1993, chapter 5.
const firstScreenLimit = 100 * time.Millisecond

// screen measures from the start of the process to the last byte of its first
// full picture.
func (b *bench) screen(ctx context.Context) (Result, error) {
	r := Result{Unit: seconds}
	if runtime.GOOS == "windows" {
		r.Missing = []string{"there are no pseudo-terminals here that are known to the bench"}
		return r, nil
	}
	var took []time.Duration
	for range starts {
		t, err := b.firstScreen(ctx)
		if err != nil {
			return r, err
		}
		took = append(took, t)
	}
	r.Rows = []Row{{Who: "sleeptalk", N: len(took), Figures: medianAndMost(took)}}
	r.Aim = &Aim{Figure: "median", Limit: firstScreenLimit.Seconds()}
	return r, nil
}

// firstScreen runs the phone in a terminal until it has drawn.
func (b *bench) firstScreen(ctx context.Context) (time.Duration, error) {
	p, err := newPhone(ctx, b.Program, b.phoneArgs(ourUser, "--mic", "tone:440"))
	if err != nil {
		return 0, err
	}
	defer p.kill()
	p.cmd.Stderr = nil // the terminal's
	p.cmd.Env = append(p.cmd.Env, "TERM=xterm-256color", "COLORTERM=truecolor")
	p.began = time.Now()
	terminal, err := pty.StartWithSize(p.cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		return 0, err
	}
	defer terminal.Close()
	limit := time.AfterFunc(patience, func() { terminal.Close() })
	defer limit.Stop()
	at, err := drawn(terminal)
	if err != nil {
		return 0, err
	}
	// Its connection is of no use to the next one.
	if _, err := b.server.registered(ctx, ourUser); err != nil {
		return 0, err
	}
	return at.Sub(p.began), nil
}

// pictureEnds is the last word of a full picture: of its bottom line, which is
// written last.
const pictureEnds = "quit"

// drawn reads what a terminal is given until a picture is complete, and says
// when that was.
func drawn(terminal io.Reader) (time.Time, error) {
	var text strings.Builder
	for buf := make([]byte, 64<<10); ; {
		n, err := terminal.Read(buf)
		at := time.Now()
		text.Write(buf[:n])
		if strings.Contains(text.String(), pictureEnds) {
			return at, nil
		}
		if err != nil {
			return at, fmt.Errorf("no picture that ends with %q: %w", pictureEnds, errors.Join(err, errNotDrawn(text.String())))
		}
	}
}

func errNotDrawn(text string) error {
	return fmt.Errorf("the terminal was given %d bytes: %.200q", len(text), text)
}
