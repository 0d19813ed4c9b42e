package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/ui"
)

// The exit codes. Those who run this in CI care most about the difference
// between 1 (the product failed) and 3 to 5 (nobody can tell).
const (
	exitFailed  = 1  // an expectation failed: the product's fault
	exitUsage   = 2  // bad command line
	exitInvalid = 3  // config or input invalid
	exitCannot  = 4  // could not run: refused, no such host, port taken, no credentials, no sound card
	exitLimit   = 5  // the limit of the whole run has passed, or nothing was tested
	exitPanic   = 70 // a bug of ours
	// exitSignal plus its number is the code of a signal: 130 for an
	// interrupt, 143 for a termination.
	exitSignal = 128
)

// A failure is an error that knows its exit code and what to do about it.
type failure struct {
	code int
	err  error
	hint string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usage(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...), "sleeptalk --help"}
}

func cannot(err error, hint string) error { return &failure{exitCannot, err, hint} }

func invalid(err error, hint string) error { return &failure{exitInvalid, err, hint} }

// signaled is why a context ended: somebody sent a signal.
type signaled struct{ signal syscall.Signal }

func (s signaled) Error() string { return s.signal.String() }

// untilSignal is a context that ends with a signal that asks to leave. A
// second one finds the default handling: it ends the process at once.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			number, _ := s.(syscall.Signal) // of another kind there are none
			cancel(signaled{number})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

// guarded runs f, reports its error and returns the exit code. A panic
// becomes a crash report.
func (p *program) guarded(ctx context.Context, f func(context.Context) error) (code int) {
	defer func() {
		if v := recover(); v != nil {
			code = p.crashed(v, string(debug.Stack()))
		}
	}()
	return p.report(ctx, f(ctx))
}

// report writes an error for a person, and returns the exit code that it
// stands for. A signal outranks what came of the run: it may have come of the
// signal.
func (p *program) report(ctx context.Context, err error) int {
	if bug, ok := errors.AsType[*live.PanicError](err); ok {
		return p.crashed(bug, bug.Stack)
	}
	if bug, ok := errors.AsType[*ui.PanicError](err); ok {
		return p.crashed(bug.Value, bug.Stack)
	}
	sig, interrupted := errors.AsType[signaled](context.Cause(ctx))
	if interrupted && (err == nil || errors.Is(err, context.Canceled)) {
		return exitSignal + int(sig.signal)
	}
	if err == nil {
		return 0
	}
	f := classify(err)
	if text := f.err.Error(); text != "" {
		fmt.Fprintf(p.err, "error: %s\n", text)
	}
	if f.hint != "" {
		fmt.Fprintf(p.err, "  try: %s\n", f.hint)
	}
	if interrupted {
		return exitSignal + int(sig.signal)
	}
	return f.code
}

// classify finds the exit code of an error that does not say it itself.
func classify(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*place.Error](err); ok {
		return &failure{exitInvalid, e, ""}
	}
	if e, ok := errors.AsType[*config.NoAccountError](err); ok {
		return &failure{exitCannot, e, "sleeptalk init (a config file to begin with)   or   sleeptalk phone --server HOST --user NAME"}
	}
	if errors.Is(err, config.ErrCredentials) {
		return &failure{exitCannot, err, "set it, or name another with --password-env VARIABLE"}
	}
	if errors.Is(err, setup.ErrTransport) {
		return &failure{exitInvalid, err, "transport=tcp, udp or tls, where the server listens"}
	}
	if e, ok := errors.AsType[*live.ConnectError](err); ok {
		return &failure{exitCannot, e, connectHint(e)}
	}
	if isUsage(err) {
		return &failure{exitUsage, errors.New(firstLine(err.Error())), "sleeptalk --help"}
	}
	return &failure{exitCannot, err, ""}
}

func connectHint(e *live.ConnectError) string {
	switch e.Failure {
	case system.Refused:
		return "is the server up, and does it listen on tcp? If only on udp: transport=udp; for tls the port is 5061"
	case system.UnknownHost, system.NoResolver:
		return "check the name, or give the address:  --server 192.0.2.5"
	}
	return "sleeptalk doctor"
}

// isUsage recognises the errors of cobra and pflag, which have no types.
func isUsage(err error) bool {
	for _, start := range []string{
		"unknown command", "unknown flag", "unknown shorthand flag", "flag needs an argument", "invalid argument", "bad flag syntax",
		"accepts ", "requires ", "if any flags in the group",
	} {
		if strings.HasPrefix(err.Error(), start) {
			return true
		}
	}
	return false
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// crashed writes a report of a panic and says where it is.
func (p *program) crashed(v any, stack string) int {
	b := build()
	report := fmt.Sprintf("sleeptalk %s (%s, %s, %s/%s)\n\npanic: %v\n\n%s", b.Version, b.Commit, b.Go, b.OS, b.Arch, v, stack)
	name := filepath.Join(p.paths().State, time.Now().Format("crash-0102-150405.txt"))
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = os.WriteFile(name, []byte(report), 0o600)
	}
	if err != nil {
		fmt.Fprintf(p.err, "sleeptalk crashed, and its report could not be saved (%v):\n%s\n", err, report)
		return exitPanic
	}
	fmt.Fprintf(p.err, "sleeptalk crashed; your terminal was restored. Report: %s (no secrets)\n", name)
	return exitPanic
}
