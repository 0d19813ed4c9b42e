//go:build unix

package ui

import (
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"
)

// controlJob has the screen leave the terminal before the process is stopped
// (SIGTSTP, by the key or from elsewhere), and take it again when the process
// goes on. After a SIGSTOP, which nobody sees come, the shell has used the
// terminal meanwhile: the screen takes it anew. The function that it returns
// ends that.
func controlJob(p *tea.Program) (end func()) {
	stops, conts := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(stops, syscall.SIGTSTP)
	signal.Notify(conts, syscall.SIGCONT)
	over := make(chan struct{})
	go func() {
		for {
			select {
			case <-stops:
				if canGoOn() {
					leaveScreen(p, over, func() {
						_ = syscall.Kill(0, syscall.SIGSTOP) // a process may always send its group one
						<-conts
					})
				}
			case <-conts:
				leaveScreen(p, over, func() {})
			case <-over:
				return
			}
		}
	}()
	return func() { signal.Stop(stops); signal.Stop(conts); close(over) }
}

// suspendBySignal has a suspended program stop as a shell's ctrl+z stops it: see
// controlJob.
func suspendBySignal(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.SuspendMsg); !ok {
		return msg
	}
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGTSTP) // a process may always send itself one
	return nil
}

// canGoOn reports whether there is a shell that could let a stopped process go
// on: one that controls jobs gives each a process group that is not its own.
// Without one, the kernel would ignore a SIGTSTP as well (POSIX, orphaned process
// groups).
func canGoOn() bool {
	session, err := unix.Getsid(0)
	return err == nil && session != unix.Getpgrp()
}

// settle is how long the screen stays away at least. Bubble Tea stops the clock of
// its old renderer in a goroutine that it does not wait for: were the new one
// started before that, its clock would be stopped instead, and the screen stand
// still.
const settle = 50 * time.Millisecond

// leaveScreen calls f while the screen has left the terminal, unless the screen
// is over.
func leaveScreen(p *tea.Program, over <-chan struct{}, f func()) {
	c := interval{make(chan struct{}), make(chan struct{})}
	p.Send(tea.Exec(c, nil)())
	select {
	case <-c.begun:
		f()
		time.Sleep(settle)
		close(c.end)
	case <-over:
	}
}

// An interval is a command for which the screen leaves the terminal until it ends.
type interval struct{ begun, end chan struct{} }

// Run waits for the end.
func (c interval) Run() error {
	close(c.begun)
	<-c.end
	return nil
}

func (interval) SetStdin(io.Reader)  {}
func (interval) SetStdout(io.Writer) {}
func (interval) SetStderr(io.Writer) {}
