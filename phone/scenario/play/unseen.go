package play

import (
	"context"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// drained is how long after a standstill what came meanwhile has been taken in:
// phone/live takes it in before any timer fires, within that time.
const drained = 150 * time.Millisecond

// maxGraces bounds how often a line looks on because this process stood still again (our
// own number).
const maxGraces = 5

const endUnseen = "this process stood still when the time of the line was over: what happened then was not seen"

// unseen is why nobody can say what did not happen in the time of a line that has come true;
// empty: it did not. Either this computer refused somebody a socket, and more might have come
// of that, or this process stood still when that time was over. The line is then looked at
// for as long again as the process missed: if nothing changes, nothing was missed; if
// something does, nobody knows whether it was in time.
func (w *watch) unseen(ctx context.Context) (string, error) {
	e := w.step.Expect
	if (e.No || e.Counted) && w.hostFailed() {
		return "this computer refused a socket: without that, more might have happened", nil
	}
	for range maxGraces {
		stood := w.stoodAtTheEnd()
		if stood == 0 {
			return "", nil
		}
		if err := w.lookOn(ctx, stood+drained); err != nil {
			return "", err
		}
		if e.No && w.any() || e.Counted && w.terms[0].when.n != e.Exactly || w.lasting() && (w.broke || !w.all()) {
			return endUnseen, nil
		}
	}
	return endUnseen, nil
}

// stoodAtTheEnd is how long this process stood still, if it ran again only now.
func (w *watch) stoodAtTheEnd() (stood time.Duration) {
	now := w.r.stage.Clock(w.step.Actor).Wall
	for rec := range w.r.stage.Log().From(w.since.action) {
		if e, is := rec.Event.(event.Standstill); is && rec.Wall.After(w.began.Wall) && now.Sub(rec.Wall) < drained {
			stood = max(stood, e.For.D())
		}
	}
	return stood
}

// hostFailed reports whether this computer refused somebody a socket since the line began.
func (w *watch) hostFailed() bool {
	for rec := range w.r.stage.Log().From(w.since.action) {
		if e, is := rec.Event.(event.Error); is && e.Rule == event.RuleHostFailed {
			return true
		}
	}
	return false
}

// lookOn looks at the log for some time after that of the line.
func (w *watch) lookOn(ctx context.Context, d time.Duration) error {
	end := w.gone() + d
	w.grace = end - w.step.Expect.Limit()
	for left := d; left > 0; left = end - w.gone() {
		if err := w.sleep(ctx, left); err != nil {
			return err
		}
		if w.look(); w.err != nil {
			return w.err
		}
	}
	w.r.stage.Settle(ctx, w.step.Actor)
	return nil
}
