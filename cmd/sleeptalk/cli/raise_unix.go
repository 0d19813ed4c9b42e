//go:build unix

package cli

import (
	"errors"
	"syscall"
)

// nobodyReads reports whether a write failed because the other end of the pipe
// is closed.
func nobodyReads(err error) bool { return errors.Is(err, syscall.EPIPE) }

// raise sends the process a signal whose handling is the default one, and
// waits for it to end the process.
func raise(sig syscall.Signal) {
	if syscall.Kill(syscall.Getpid(), sig) == nil {
		select {}
	}
}
