package cli

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/ui"
)

// ErrLeft is why work ended that somebody at its screen ended.
var ErrLeft = errors.New("ended from the screen")

// A Board stands between work on many cases and the person at its screen: it says how the work
// stands. It is a [ui.Surveyor]. Its methods may be called from any goroutine.
type Board struct {
	stop context.CancelCauseFunc // of the work
	open func(ctx context.Context, i int, above *ui.Screens) error

	mu      sync.Mutex
	state   ui.Survey
	changed Bell
}

// NewBoard is the board of work that begins now, and ends by stop. The screen opens a case by
// open.
func NewBoard(s ui.Survey, stop context.CancelCauseFunc, open func(ctx context.Context, i int, above *ui.Screens) error) *Board {
	s.Seq, s.Began = 1, time.Now()
	return &Board{stop: stop, open: open, state: s}
}

// Update changes how the work stands.
func (b *Board) Update(f func(s *ui.Survey)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.Cases = slices.Clone(b.state.Cases) // others have those that were
	f(&b.state)
	b.state.Seq++
	b.changed.Ring()
}

// Look gives f how the work stands, under the lock of Update.
func (b *Board) Look(f func(s ui.Survey)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b.state)
}

// Next waits for the work to stand otherwise than it did.
func (b *Board) Next(ctx context.Context, seq uint64) (ui.Survey, error) {
	for {
		b.mu.Lock()
		s, changed := b.state, b.changed.Next()
		b.mu.Unlock()
		if s.Seq > seq {
			return s, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ui.Survey{}, ctx.Err()
		}
	}
}

// Stop ends the work.
func (b *Board) Stop() { b.stop(ErrLeft) }

// Open shows a case.
func (b *Board) Open(ctx context.Context, i int, above *ui.Screens) error {
	return b.open(ctx, i, above)
}

// Show does the work beside the screen on which it is watched, until the user leaves: then it
// is ended. Of a screen that was told to end the error is that of the work.
func (b *Board) Show(ctx context.Context, opt ui.Options, work func() error) error {
	done := make(chan error, 1)
	go func() {
		err := live.Guard("the work on the screen", work)
		b.Update(func(s *ui.Survey) {
			if s.Took = time.Since(s.Began); s.Over == "" {
				s.Over = "ENDED EARLY"
				if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
					s.Over = "BROKEN: " + err.Error()
				}
			}
		})
		done <- err
	}()
	screenErr := ui.WatchSurvey(ctx, b, opt)
	told := ctx.Err() != nil
	b.Stop()
	err := <-done
	return First(ScreenError(screenErr, told), err)
}

// ScreenError is the error of a screen that has ended by itself. One that was told to
// end, and says so, is not broken; one that has panicked is.
func ScreenError(err error, told bool) error {
	if _, bug := errors.AsType[*ui.PanicError](err); told && !bug {
		return nil
	}
	return err
}

// A Past is a log that is looked at on a screen: nothing can be told to it.
type Past struct{ Of *event.Log }

// Log is the log.
func (p Past) Log() *event.Log { return p.Of }

// Verbs are none.
func (p Past) Verbs() []ui.VerbHelp { return nil }

// Do leaves; it does nothing else.
func (p Past) Do(line string) error {
	if line == "quit" {
		return nil
	}
	return errors.New("this has happened already: nothing can be told to it")
}
