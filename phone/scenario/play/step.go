package play

import (
	"context"
	"errors"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// step plays one step. It gives a failure unless it passed.
func (r *runner) step(ctx context.Context, s scenario.Step) (StepResult, *Failure) {
	began := r.stage.Clock(s.Actor)
	failure, verdict := r.perform(ctx, &s, began)
	now := r.stage.Clock(s.Actor)
	res := StepResult{Line: s.Line, Text: s.Text, Verdict: verdict, Waited: now.Device - began.Device, At: r.device()}
	return res, failure
}

func (r *runner) perform(ctx context.Context, s *scenario.Step, began Reading) (*Failure, Verdict) {
	if err := context.Cause(ctx); err != nil {
		return r.cannot(*s, err), Errored
	}
	expanded, err := r.expand(*s)
	if err != nil {
		return r.cannot(*s, err), Errored
	}
	*s = expanded
	switch s.Kind {
	case scenario.Expecting:
		return r.expect(ctx, *s, began)
	case scenario.Waiting:
		if err := r.pass(ctx, *s); err != nil {
			return r.cannot(*s, err), Errored
		}
		return nil, Passed
	}
	return r.act(ctx, *s)
}

// expand puts the values of variables into a step.
func (r *runner) expand(s scenario.Step) (scenario.Step, error) {
	return s.Expand(func(name string) (string, bool) {
		v, ok := r.vars[name]
		return v, ok
	})
}

// act gives a verb to whom it is for.
func (r *runner) act(ctx context.Context, s scenario.Step) (*Failure, Verdict) {
	err := r.tell(ctx, s)
	refused, isRefusal := errors.AsType[*Refusal](err)
	switch {
	case err == nil:
		return nil, Passed
	case ctx.Err() != nil:
		return r.cannot(s, context.Cause(ctx)), Errored
	case isRefusal:
		r.stage.Settle(ctx, s.Actor)
		failure := r.refused(s, refused)
		return failure, blame(failure)
	}
	return r.cannot(s, err), Errored
}

// tell has the stage carry out a step. What it brings about is looked for from
// here on.
func (r *runner) tell(ctx context.Context, s scenario.Step) error {
	seq := r.end()
	for _, m := range r.marks {
		m.action = max(m.action, m.match)
	}
	*r.mark(s.Actor) = mark{action: seq, match: seq}
	r.prior, r.last = r.last, &act{step: s, seq: seq, at: r.stage.Clock(s.Actor).Device}
	return r.stage.Act(ctx, s)
}

// pass lets time pass.
func (r *runner) pass(ctx context.Context, s scenario.Step) error {
	began := r.stage.Clock(s.Actor)
	for {
		left := s.Wait - r.gone(s.Actor, began, s.Wall)
		if left <= 0 {
			return nil
		}
		if r.o.Pending != nil {
			r.o.Pending(Pending{Step: s, Limit: s.Wait, Gone: s.Wait - left, Wall: s.Wall})
		}
		if err := r.stage.Wait(ctx, r.end(), s.Actor, left, s.Wall); err != nil {
			return err
		}
	}
}

// gone is the time since a reading.
func (r *runner) gone(actor string, since Reading, wall bool) time.Duration {
	now := r.stage.Clock(actor)
	if wall {
		return now.Wall.Sub(since.Wall)
	}
	return now.Device - since.Device
}

// note writes the verdict on an expectation into the log, so that it is in
// the recording, at the time and place where it was given.
func (r *runner) note(s scenario.Step, ok bool, detail string, began Reading) {
	now := r.stage.Clock(s.Actor)
	r.stage.Log().Append(event.Record{
		Wall: now.Wall, Device: now.Device, Phone: s.Actor,
		Event: event.Check{Name: s.Text, OK: ok, Detail: detail, Waited: event.Seconds(now.Device - began.Device)},
	})
}
