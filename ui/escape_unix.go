//go:build unix

package ui

import (
	"os"
	"time"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// escapeDelay is within which the rest of a key's sequence follows its escape: tmux's
// escape-time. Bubble Tea waits for 50 ms, in which nothing happens on the screen.
const escapeDelay = 10 * time.Millisecond

// escapeKey is the key esc in the form that is not the beginning of another one (kitty's
// keyboard protocol).
const escapeKey = "\x1b[27u"

// A keyboard is a terminal's input in which an escape that nothing follows is the key esc at
// once.
type keyboard struct{ *os.File }

// isTerminal reports whether somebody types at a file.
func isTerminal(f *os.File) bool { return term.IsTerminal(f.Fd()) }

// Read reads what has been typed.
func (k keyboard) Read(b []byte) (int, error) {
	n, err := k.File.Read(b)
	if err != nil || n == 0 || b[n-1] != '\x1b' || n+len(escapeKey) > len(b) {
		return n, err
	}
	if k.follows() {
		m, err := k.File.Read(b[n:])
		return n + m, err
	}
	return n - 1 + copy(b[n-1:], escapeKey), nil
}

// follows reports whether more is typed within the delay.
func (k keyboard) follows() bool {
	fds := []unix.PollFd{{Fd: int32(k.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(escapeDelay.Milliseconds()))
	return n > 0 || err != nil // interrupted: what it is will show
}
