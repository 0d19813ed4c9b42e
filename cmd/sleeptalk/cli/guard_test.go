package cli

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/live"
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
