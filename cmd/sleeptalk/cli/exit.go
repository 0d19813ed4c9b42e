package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The exit codes. Those who run this in CI care most about the difference
// between 1 (the product failed) and 3 to 5 (nobody can tell).
const (
	ExitFailed  = 1  // an expectation failed: the product's fault
	ExitUsage   = 2  // bad command line
	ExitInvalid = 3  // config or input invalid
	ExitCannot  = 4  // could not run: refused, no such host, port taken, no credentials, no sound card
	ExitLimit   = 5  // the limit of the whole run has passed, or nothing was tested
	ExitPanic   = 70 // a bug of ours
	// exitSignal plus its number is the code of a signal: 130 for an
	// interrupt, 143 for a termination.
	exitSignal = 128
)

// A Failure is an error that knows its exit code and what to do about it.
type Failure struct {
	Code int
	Err  error
	Hint string
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap is the error itself.
func (f *Failure) Unwrap() error { return f.Err }

// ErrSilent ends a command whose errors have been shown.
var ErrSilent = errors.New("")

// Fail is an error with an exit code, and a hint, which may be "".
func Fail(code int, err error, hint string) error { return &Failure{code, err, hint} }

// Usage is an error of the command line.
func Usage(format string, args ...any) error {
	return Fail(ExitUsage, fmt.Errorf(format, args...), "sleeptalk --help")
}

// Cannot is the error of a command that could not be run.
func Cannot(err error, hint string) error { return Fail(ExitCannot, err, hint) }

// Invalid is an error of the config or of the input.
func Invalid(err error, hint string) error { return Fail(ExitInvalid, err, hint) }

// First is the first that is one.
func First(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// classify finds the exit code of an error that does not say it itself.
func classify(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	if _, taken := errors.AsType[*keep.TakenError](err); taken {
		return &Failure{ExitInvalid, err, "another name, or --force, which overwrites it"}
	}
	if e, ok := errors.AsType[*place.Error](err); ok {
		return &Failure{ExitInvalid, e, ""}
	}
	if e, ok := errors.AsType[*config.NoAccountError](err); ok {
		return &Failure{ExitCannot, e, "sleeptalk init (a config file to begin with)   or   sleeptalk phone --server HOST --user NAME"}
	}
	if e, ok := errors.AsType[*config.UntrustedError](err); ok {
		return &Failure{ExitInvalid, err, e.Hint()}
	}
	if errors.Is(err, config.ErrCredentials) {
		return &Failure{ExitCannot, err, "set it, or name another with --password-env VARIABLE"}
	}
	if errors.Is(err, setup.ErrTransport) {
		return &Failure{ExitInvalid, err, "transport=tcp, udp, tls, ws or wss, where the server listens"}
	}
	if e, ok := errors.AsType[*live.ConnectError](err); ok {
		return &Failure{ExitCannot, e, ConnectHint(e)}
	}
	if e, ok := errors.AsType[*stage.LabError](err); ok {
		return &Failure{ExitCannot, e, e.Hint}
	}
	if isUsage(err) {
		return &Failure{ExitUsage, errors.New(firstLine(err.Error())), "sleeptalk --help"}
	}
	return &Failure{ExitCannot, err, ""}
}

// ConnectHint is what to do about a server that cannot be reached.
func ConnectHint(e *live.ConnectError) string {
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

// TrustHint is how to trust what err refuses; empty if it is about something
// else.
func TrustHint(err error) string {
	if e, ok := errors.AsType[*config.UntrustedError](err); ok {
		return e.Hint()
	}
	return ""
}

// InvalidConfig makes an error of the config exit with 3, unless a file could
// not be read at all.
func InvalidConfig(err error) error {
	if _, unreadable := errors.AsType[*os.PathError](err); unreadable {
		return Cannot(err, "")
	}
	if errors.Is(err, setup.ErrTransport) {
		return err // has a hint of its own
	}
	return Invalid(err, TrustHint(err))
}
