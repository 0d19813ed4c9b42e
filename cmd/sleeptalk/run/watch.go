package run

import (
	"context"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A watchedStage tells a person everything that happens on a stage, when it
// happens: --watch.
type watchedStage struct {
	play.Stage
	show *progress
	seen uint64
}

// watch is the stage, watched if somebody wants to.
func (s *progress) watch(on play.Stage) play.Stage {
	if !s.all {
		return on
	}
	w := &watchedStage{Stage: on, show: s}
	for r := range on.Log().From(0) {
		if _, on := r.Event.(event.Start); on {
			break
		}
		w.seen = r.Seq // how the lab's robots sign on is nobody's story
	}
	return w
}

// Wait lets time pass, and tells what it brought.
func (w *watchedStage) Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error {
	err := w.Stage.Wait(ctx, seq, actor, left, wall)
	w.tell()
	return err
}

// Act carries out a step, and tells what came of it at once.
func (w *watchedStage) Act(ctx context.Context, s scenario.Step) error {
	w.tell()
	err := w.Stage.Act(ctx, s)
	w.tell()
	return err
}

// tell writes the events that nobody has seen yet, without the snapshots and
// without the verdicts, which the steps say.
func (w *watchedStage) tell() {
	for r := range w.Stage.Log().From(w.seen) {
		w.seen = r.Seq
		switch r.Event.(type) {
		case event.Check, event.Scenario, event.Step:
		default:
			if !cli.Periodic(r.Event) {
				w.show.line("        %s", event.Line(r))
			}
		}
	}
}
