package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestABugOutranksASignal has both at once.
func TestABugOutranksASignal(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	stop(Signal{syscall.SIGINT})
	var errs strings.Builder
	p := &Program{Err: &errs, Env: func(string) string { return "" }}
	for want, err := range map[int]error{ExitPanic: &live.PanicError{Where: "the loop", Value: "boom"}, 130: errors.New("not written")} {
		if got := p.report(ctx, err); got != want {
			t.Errorf("%v: exit code %d, want %d\n%s", err, got, want, &errs)
		}
	}
}

// TestFailures: an error that says nothing about itself has the exit code and
// the hint of its kind.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		hint string
	}{
		{Usage("no"), ExitUsage, "sleeptalk --help"},
		{errors.New("accepts 1 arg(s), received 2\nUsage: …"), ExitUsage, "sleeptalk --help"},
		{&stage.LabError{Op: "listen", Why: "taken", Hint: "another port"}, ExitCannot, "another port"},
		{&live.ConnectError{Failure: system.Refused}, ExitCannot, "does it listen on tcp?"},
		{&live.ConnectError{Failure: system.UnknownHost}, ExitCannot, "check the name"},
		{&live.ConnectError{}, ExitCannot, "sleeptalk doctor"},
		{&place.Error{}, ExitInvalid, ""},
		{fmt.Errorf("x: %w", config.ErrCredentials), ExitCannot, "--password-env"},
		{&config.NoAccountError{}, ExitCannot, "sleeptalk init"},
		{setup.ErrTransport, ExitInvalid, "transport=tcp"},
		{InvalidConfig(&os.PathError{Err: os.ErrNotExist}), ExitCannot, ""},
		{InvalidConfig(setup.ErrTransport), ExitInvalid, "transport=tcp"},
		{InvalidConfig(errors.New("no")), ExitInvalid, ""},
		{Fail(ExitLimit, ErrSilent, "more"), ExitLimit, "more"},
		{errors.New("anything else"), ExitCannot, ""},
	} {
		if f := classify(c.err); f.Code != c.code || !strings.Contains(f.Hint, c.hint) || (c.hint == "") != (f.Hint == "") {
			t.Errorf("%T %v: %d, %q, want %d, %q", c.err, c.err, f.Code, f.Hint, c.code, c.hint)
		}
	}
}

// TestWhoeverNeedsAHostEndsWithIt: a host that falls over leaves nobody waiting, and how it
// ended is known.
func TestWhoeverNeedsAHostEndsWithIt(t *testing.T) {
	bug := &live.PanicError{Where: "the loop", Value: "boom"}
	with, off := new(Program).Beside(t.Context(), func() error { return bug })
	<-with.Done()
	if err := <-off; !errors.Is(err, bug) || t.Context().Err() != nil {
		t.Errorf("it ended with %v", err)
	}
}
