package run

import (
	"context"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A run in virtual time has no pace of its own: eight hours pass in a moment.
// So that a person can follow, a step's waiting is stretched or shortened to
// at most longest, and there is a beat between two steps.
const (
	longest = 2 * time.Second
	between = 300 * time.Millisecond
	// tickTock is how often the screen sees time pass.
	tickTock = 100 * time.Millisecond
)

// paces are how many times as fast as that it can go; the last, as fast as it
// can.
var paces = []float64{0.25, 1, 4, 16, 0}

// usualPace is where in paces a run begins.
const usualPace = 1

// beat is the pause between two steps in virtual time.
func (d *director) beat(ctx context.Context) {
	d.mu.Lock()
	pace, first := paces[d.pace], d.next == 0
	virtual := d.state.Virtual
	d.mu.Unlock()
	if !virtual || first || pace == 0 {
		return
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(float64(between)/pace))
	defer cancel()
	d.waitWhile(limited, func() bool { return paces[d.pace] == pace })
}

// A pacedStage is a stage in virtual time which lets that pass no faster than
// somebody can watch, and not at all while they hold it.
type pacedStage struct {
	play.Stage
	d *director
}

// Wait lets a little of the time pass, and waits for as much of the wall's as
// it stands for.
func (s *pacedStage) Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error {
	s.d.waitWhile(ctx, func() bool { return s.d.still })
	rate := s.d.currentRate()
	part := left
	if rate > 0 {
		part = min(left, time.Duration(float64(tickTock)*rate))
	}
	before := s.Stage.Clock(actor).Device
	err := s.Stage.Wait(ctx, seq, actor, part, wall)
	now := s.Stage.Clock(actor).Device
	s.d.update(func() { s.d.state.Now = now })
	if rate == 0 || err != nil {
		return err
	}
	return pass(ctx, time.Duration(float64(now-before)/rate))
}

// pass lets time of the wall pass.
func pass(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// rate is how many seconds of virtual time are to pass in one of the wall, for
// the step that waits; 0: nobody waits for them.
// The lock is held.
func (d *director) rate() float64 {
	rate := paces[d.pace]
	if d.last != nil && d.last.Limit > longest {
		rate *= float64(d.last.Limit) / float64(longest)
	}
	return rate
}

func (d *director) currentRate() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rate()
}

// A seenStage is a stage of real sockets: its time goes as it does, and the
// screen sees it go.
type seenStage struct {
	play.Stage
	d *director
}

// Wait lets time pass, a little at a time.
func (s *seenStage) Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error {
	short, cancel := context.WithTimeout(ctx, tickTock)
	defer cancel()
	err := s.Stage.Wait(short, seq, actor, left, wall)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if short.Err() != nil {
		return nil
	}
	return err
}
