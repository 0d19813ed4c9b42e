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
// nobody reads standard output or standard error any more. SIGQUIT writes the stacks of all
// goroutines first, and waits for nobody for long. A second signal ends the process at once,
// by exit; so does SIGABRT, with the stacks. The terminal is given back before that.
func (s *Streams) UntilSignal(ctx context.Context, exit func(code int)) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT)
	// A write to a closed pipe is an error only for those who want to know of
	// SIGPIPE; the channel itself also hears of sockets, which mean nothing.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	s.leave(cancel)
	s.abandon = func(code int) {
		cancel(Crash{code})
		time.AfterFunc(shortGoodbye, func() { exit(code) })
	}
	over := make(chan struct{})
	go s.obey(signals, over, cancel, exit)
	go s.giveUp(ctx, over, exit)
	return ctx, func() { signal.Stop(signals); close(over); cancel(nil) }
}

// obey does what the signals ask for, until all is over. A closed pipe counts for
// none of them: nobody has sent it.
func (s *Streams) obey(signals <-chan os.Signal, over <-chan struct{}, cancel context.CancelCauseFunc, exit func(code int)) {
	for told := false; ; told = true {
		select {
		case received := <-signals:
			sig := received.(syscall.Signal) // of another kind there are none
			switch {
			case sig == syscall.SIGABRT || sig == syscall.SIGQUIT && told:
				s.Restore()
				s.dump(sig)
				exit(exitSignal + int(sig))
			case sig == syscall.SIGQUIT: // a call is ended, if that can be done
				s.Restore()
				s.dump(sig)
				cancel(Signal{sig})
				time.AfterFunc(shortGoodbye, func() { exit(exitSignal + int(sig)) })
			case told:
				s.Restore()
				exit(exitSignal + int(sig))
			default:
				cancel(Signal{sig})
			}
		case <-over:
			return
		}
	}
}

// goodbye is how long a program that was told to leave may take although nobody
// reads what it writes: a phone signs off within half of that.
const goodbye = 10 * time.Second

// shortGoodbye is how long a program that hangs, or is broken, may take to end its call: a
// phone that works needs a round trip.
const shortGoodbye = 3 * time.Second

// giveUp ends a program that is told to leave, by ctx, and cannot, for it waits for
// a reader that stands still, until it is over.
func (s *Streams) giveUp(ctx context.Context, over <-chan struct{}, exit func(code int)) {
	<-ctx.Done()
	code, leaving := Interrupted(ctx)
	for wait := goodbye; leaving; wait = patience {
		select {
		case <-over:
			return
		case <-time.After(wait):
		}
		if s.Out.stuck() || s.Err.stuck() {
			s.Restore()
			exit(code)
		}
	}
}

// Crash is why a context ended: a goroutine panicked, which has been reported.
type Crash struct{ Code int }

func (Crash) Error() string { return "a bug" }

// Interrupted reports whether a context ended with a signal, or a crash, and the exit code
// that this stands for.
func Interrupted(ctx context.Context) (code int, interrupted bool) {
	if crash, ok := errors.AsType[Crash](context.Cause(ctx)); ok {
		return crash.Code, true
	}
	if sig, ok := errors.AsType[Signal](context.Cause(ctx)); ok {
		return exitSignal + int(sig.Signal), true
	}
	return 0, false
}

// Go runs f in a goroutine of its own. A panic in it gives the terminal back,
// becomes a crash report, and ends the program, as a signal does: the others may end a call.
func (p *Program) Go(f func()) {
	go func() {
		defer func() {
			if v := recover(); v != nil {
				stack := string(debug.Stack())
				p.Streams.Restore()
				p.abandon(p.crashed(v, stack))
			}
		}()
		f()
	}()
}

// Beside runs a host in a goroutine of its own. Who needs it waits with the context, which
// ends when the host does, be it by a bug; off is how it ended.
func (p *Program) Beside(ctx context.Context, host func() error) (with context.Context, off <-chan error) {
	with, gone := context.WithCancel(ctx)
	ended := make(chan error, 1)
	p.Go(func() {
		ended <- host()
		gone()
	})
	return with, ended
}
