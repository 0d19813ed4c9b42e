package run

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/ui"
)

// errStopped is why a run ended that somebody at its screen ended.
var errStopped = errors.New("stopped from the screen")

// A director stands between a run and the person at its screen: it says how
// the run stands, and holds it up before a step when it is asked to. It is a
// [ui.Runner].
//
// The run tells it in the run's goroutine, the screen asks in its own.
type director struct {
	stop context.CancelCauseFunc // of the run

	mu      sync.Mutex
	state   ui.RunState
	changed cli.Bell
	// free is how many steps may begin before the run holds; negative: all.
	free  int
	gate  bool // a step is about to begin
	until int  // the line before which to hold; none if negative
	still bool // virtual time stands
	pace  int  // an index in paces

	scripts []*piece // those that have begun
	// passed and failed are the steps of the files before this one.
	passed, failed int
	lines          []ui.RunLine
	next           int           // where in lines the next step is looked for
	last           *play.Pending // the step that waits
	known          time.Time     // when was last looked what is known of it
}

// newDirector directs a run of so many files. Held, it does not begin by
// itself.
func newDirector(stop context.CancelCauseFunc, files int, held bool) *director {
	d := &director{stop: stop, free: -1, until: noLine, pace: usualPace}
	if held {
		d.free = 0
	}
	d.state.Of, d.state.Began = files, time.Now()
	return d
}

// noLine is no line to hold before.
const noLine = -1

// Next waits for the run to be another than it was.
func (d *director) Next(ctx context.Context, seq uint64) (ui.RunState, error) {
	for {
		d.mu.Lock()
		if d.state.Seq > seq {
			s := d.state
			s.Lines = slices.Clone(d.lines)
			d.mu.Unlock()
			return s, nil
		}
		changed := d.changed.Next()
		d.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ui.RunState{}, ctx.Err()
		}
	}
}

// update changes how the run stands.
func (d *director) update(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
	d.state.Seq++
	d.state.Rate = d.rate()
	d.state.Held, d.state.Holding = d.free == 0 && d.gate, d.free == 0 && !d.gate
	d.changed.Ring()
}

// Tell does what the person at the screen asks for.
func (d *director) Tell(o ui.RunOrder) {
	d.update(func() {
		switch o.Do {
		case ui.RunHold:
			d.free, d.still = 0, true
		case ui.RunNext:
			if d.free < 0 || d.still && !d.gate { // this step to its end is the next
				d.free = 0
			} else {
				d.free++
			}
			d.still = false
		case ui.RunGo:
			d.free, d.until, d.still = -1, noLine, false
		case ui.RunTo:
			d.free, d.until, d.still = -1, o.Line, false
		case ui.RunFaster:
			d.pace = min(len(paces)-1, d.pace+1)
		case ui.RunSlower:
			d.pace = max(0, d.pace-1)
		}
	})
	if o.Do == ui.RunStop {
		d.stop(errStopped)
	}
}

// waitWhile waits as long as something holds, which is asked with the lock held.
func (d *director) waitWhile(ctx context.Context, holds func() bool) {
	for {
		d.mu.Lock()
		held, changed := holds(), d.changed.Next()
		d.mu.Unlock()
		if !held {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
