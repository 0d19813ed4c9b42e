package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// A Signal is why a context ended: somebody sent one, or closed the pipe that
// the program writes to, which stands for SIGPIPE.
type Signal struct{ Signal syscall.Signal }

func (s Signal) Error() string { return s.Signal.String() }

// UntilSignal is a context that ends with a signal that asks to leave, or when
// nobody reads standard output or standard error any more. A second signal ends
// the process at once, by exit. The terminal is given back before that, and
// before Go writes all stacks for SIGQUIT or SIGABRT.
func (s *Streams) UntilSignal(ctx context.Context, exit func(code int)) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT)
	// A write to a closed pipe is an error only for those who want to know of
	// SIGPIPE; the channel itself also hears of sockets, which mean nothing.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	s.leave(cancel)
	over := make(chan struct{})
	go func() {
		for {
			select {
			case sig := <-signals:
				s.obey(ctx, cancel, sig.(syscall.Signal), exit) // of another kind there are none
			case <-over:
				return
			}
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil); close(over) }
}

// obey does what a signal asks for.
func (s *Streams) obey(ctx context.Context, cancel context.CancelCauseFunc, sig syscall.Signal, exit func(code int)) {
	_, leaving := Interrupted(ctx)
	switch {
	case sig == syscall.SIGQUIT || sig == syscall.SIGABRT:
		s.Restore()
		signal.Reset(sig)
		raise(sig)
	case leaving:
		s.Restore()
		exit(exitSignal + int(sig))
	default:
		cancel(Signal{sig})
		go s.giveUp(exitSignal+int(sig), exit)
	}
}

// goodbye is how long a program that was told to leave may take although nobody
// reads what it writes: a phone signs off within half of that.
const goodbye = 10 * time.Second

// giveUp ends a program that is told to leave and cannot, for it waits for a
// reader that stands still.
func (s *Streams) giveUp(code int, exit func(code int)) {
	time.Sleep(goodbye)
	if s.Out.stuck() || s.Err.stuck() {
		s.Restore()
		exit(code)
	}
}

// Interrupted reports whether a context ended with a signal, and the exit code
// that this stands for.
func Interrupted(ctx context.Context) (code int, interrupted bool) {
	if sig, ok := errors.AsType[Signal](context.Cause(ctx)); ok {
		return exitSignal + int(sig.Signal), true
	}
	return 0, false
}

// Go runs f in a goroutine of its own. A panic in it gives the terminal back,
// becomes a crash report, and ends the program.
func (p *Program) Go(f func()) {
	go func() {
		defer func() {
			if v := recover(); v != nil {
				stack := string(debug.Stack())
				p.Streams.Restore()
				p.exit(p.crashed(v, stack))
			}
		}()
		f()
	}()
}
