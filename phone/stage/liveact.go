package stage

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// Act carries out a step.
func (l *Live) Act(ctx context.Context, s scenario.Step) error {
	switch s.Kind {
	case scenario.Do:
		return l.tell(ctx, s.Told)
	case scenario.Lab:
		return l.ask(ctx, s.Told)
	case scenario.Clocking:
		return l.clock(ctx, s)
	case scenario.Speaking:
		return l.speak(ctx, s)
	}
	return fmt.Errorf("a %s is nothing that a stage does", s.Kind)
}

func (l *Live) phone(name string) *livePhone {
	for _, ph := range l.phones {
		if ph.name == name {
			return ph
		}
	}
	return nil
}

func (l *Live) tell(ctx context.Context, line verb.Line) error {
	ph := l.phone(line.Actor)
	if ph == nil {
		return fmt.Errorf("nobody here is called %q", line.Actor)
	}
	return refusal(ctx, ph.live.Tell(ctx, line, "script"))
}

// refusal tells what a phone did not do from what ends the run.
func refusal(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, live.ErrStopped) || ctx.Err() != nil {
		return err
	}
	return &play.Refusal{Err: err}
}

// ask gives the lab a request.
func (l *Live) ask(ctx context.Context, line verb.Line) error {
	if l.lab == nil {
		return fmt.Errorf("%s: that is for the built-in server, and another is used", line)
	}
	return l.lab.Tell(ctx, line, "script")
}

// clock changes the device clock, by the rule of [system.Pace].
func (l *Live) clock(ctx context.Context, s scenario.Step) error {
	ph := l.phone(s.Actor)
	switch {
	case ph == nil:
		return fmt.Errorf("%s has no device clock", s.Actor)
	case s.Clock.WhileSuspended:
		return refusal(ctx, ph.live.Pace(s.Clock.Rate))
	}
	return l.tell(ctx, s.Told)
}

// speak lets a phone or a robot say something else.
func (l *Live) speak(ctx context.Context, s scenario.Step) error {
	ph := l.phone(s.Actor)
	if ph == nil {
		return l.ask(ctx, s.Told)
	}
	open, err := spoken(s.Speak).OpenFrom(l.cfg.readSound)
	if err != nil {
		return fmt.Errorf("speak %s: %w", s.Speak.Name, err)
	}
	return refusal(ctx, ph.live.Say(ctx, s.Told.Verb(), "script", open))
}
