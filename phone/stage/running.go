package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// Running is a stage of what runs already: phones and a lab on real sockets,
// which somebody else switches on and off. It belongs to one goroutine.
type Running struct {
	log    *event.Log
	by     string // who gives the lines: script, input or key
	clocks *clocks
	phones map[string]*live.Phone
	lab    *LabHost // nil: it is not here
	sounds func(name string) (io.ReadCloser, error)
}

// NewRunning returns a stage without anybody on it. The log is everybody's, by
// says in it who gives the lines, and read reads a sound that is not the
// program's.
func NewRunning(log *event.Log, by string, read func(name string) ([]byte, error)) *Running {
	return &Running{
		log: log, by: by, clocks: newClocks(log), phones: map[string]*live.Phone{},
		sounds: Casting{Read: read}.readSound,
	}
}

// Phone puts a phone on the stage.
func (r *Running) Phone(name string, ph *live.Phone) { r.phones[name] = ph }

// Lab puts a lab on the stage.
func (r *Running) Lab(l *LabHost) { r.lab = l }

// Act carries out a step.
func (r *Running) Act(ctx context.Context, s scenario.Step) error {
	ph := r.phones[s.Actor]
	switch {
	case s.Told.Spec == nil:
		return fmt.Errorf("a %s is nothing that a stage does", s.Kind)
	case ph != nil:
		return refusal(ctx, r.tell(ctx, ph, s.Told))
	case s.Kind == scenario.Clocking:
		return fmt.Errorf("%s has no device clock", s.Actor)
	case !s.Told.Robot && s.Actor != verb.LabName:
		return fmt.Errorf("nobody here is called %q", s.Actor)
	case r.lab == nil:
		return fmt.Errorf("%s: that is for the built-in server, and another is used", s.Told)
	}
	return r.lab.Tell(ctx, s.Told, r.by)
}

// tell has a phone do something.
func (r *Running) tell(ctx context.Context, ph *live.Phone, line verb.Line) error {
	switch {
	case line.Name() == "speak":
		open, err := spoken(&line.Sound).OpenFrom(r.sounds)
		if err != nil {
			return &soundError{fmt.Errorf("speak %s: %w", line.Sound.Name, err)}
		}
		return ph.Say(ctx, line.Verb(), r.by, open)
	case line.Clock.WhileSuspended:
		return ph.Pace(line.Clock.Rate)
	}
	return ph.Tell(ctx, line, r.by)
}

// A soundError is a sound that is not there, which is not the phone's fault.
type soundError struct{ error }

func (e *soundError) Unwrap() error { return e.error }

// refusal tells what a phone did not do from what ends the run.
func refusal(ctx context.Context, err error) error {
	_, isSound := errors.AsType[*soundError](err)
	if err == nil || isSound || errors.Is(err, live.ErrStopped) || ctx.Err() != nil {
		return err
	}
	return &play.Refusal{Err: err}
}

// Log is what has happened.
func (r *Running) Log() *event.Log { return r.log }

// Clock is what an actor's device clock shows.
func (r *Running) Clock(actor string) play.Reading {
	now := r.clocks.read(actor)
	return play.Reading{Wall: now.wall, Device: now.device}
}

// Wait waits for the log, or for the time. A change of the device clock's pace
// is in the log: nobody oversleeps it. By the wall's clock, it may be called
// from any goroutine.
func (r *Running) Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error {
	if !wall {
		left = r.OnWall(actor, left)
	}
	limited, cancel := context.WithTimeout(ctx, max(left, time.Microsecond))
	defer cancel()
	if _, err := r.log.Wait(limited, seq); err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// Settle returns when an actor's loop has run: it has noticed then whether it
// stood still.
func (r *Running) Settle(ctx context.Context, actor string) {
	switch ph := r.phones[actor]; {
	case ph != nil:
		ph.Settle(ctx)
	case r.lab != nil:
		r.lab.Settle(ctx)
	}
}

// OnWall is how long a time of an actor's device clock takes at its present
// pace.
func (r *Running) OnWall(actor string, left time.Duration) time.Duration {
	return time.Duration(float64(left) / r.clocks.read(actor).rate)
}
