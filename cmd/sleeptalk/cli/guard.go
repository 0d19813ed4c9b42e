package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/ui"
)

// Guard runs f, reports its error and returns the exit code. A panic becomes a
// crash report.
func (p *Program) Guard(ctx context.Context, f func(context.Context) error) (code int) {
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
func (p *Program) report(ctx context.Context, err error) int {
	if bug, ok := errors.AsType[*live.PanicError](err); ok {
		return p.crashed(bug, bug.Stack)
	}
	if bug, ok := errors.AsType[*ui.PanicError](err); ok {
		return p.crashed(bug.Value, bug.Stack)
	}
	code, interrupted := Interrupted(ctx)
	if interrupted && (err == nil || errors.Is(err, context.Canceled) || nobodyReads(err)) {
		return code
	}
	if err == nil {
		return 0
	}
	f := classify(err)
	if text := f.Err.Error(); text != "" {
		fmt.Fprintf(p.Err, "error: %s\n", p.ErrorText(text))
	}
	if f.Hint != "" {
		fmt.Fprintf(p.Err, "  try: %s\n", p.ErrorText(f.Hint))
	}
	if interrupted {
		return code
	}
	return f.Code
}

// crashed writes a report of a panic and says where it is.
func (p *Program) crashed(v any, stack string) int {
	b := Build()
	report := p.ErrorText(fmt.Sprintf("sleeptalk %s (%s, %s, %s/%s)\n\npanic: %v\n\n%s", b.Version, b.Commit, b.Go, b.OS, b.Arch, v, stack))
	name := filepath.Join(p.Paths().State, time.Now().Format("crash-0102-150405.txt"))
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = keep.Private(filepath.Dir(name))
	}
	if err == nil {
		err = writePrivate(name, clean.Lines(report))
	}
	if err != nil {
		fmt.Fprintf(p.Err, "sleeptalk crashed, and its report could not be saved (%v):\n%s\n", err, report)
		return ExitPanic
	}
	fmt.Fprintf(p.Err, "sleeptalk crashed; your terminal was restored. Report: %s (no secrets)\n", name)
	return ExitPanic
}
