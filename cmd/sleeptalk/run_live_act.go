package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// Act carries out a step.
func (l *liveStage) Act(ctx context.Context, s scenario.Step) error {
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

func (l *liveStage) phone(name string) *stagePhone {
	for _, ph := range l.phones {
		if ph.name == name {
			return ph
		}
	}
	return nil
}

func (l *liveStage) tell(ctx context.Context, line verb.Line) error {
	ph := l.phone(line.Actor)
	if ph == nil {
		return fmt.Errorf("nobody here is called %q", line.Actor)
	}
	err := ph.live.Tell(ctx, line, "script")
	if err == nil || errors.Is(err, live.ErrStopped) || ctx.Err() != nil {
		return err
	}
	return &play.Refusal{Err: err}
}

// ask gives the lab a request.
func (l *liveStage) ask(ctx context.Context, line verb.Line) error {
	if l.lab == nil {
		return fmt.Errorf("%s: that is for the built-in server, and another is used", line)
	}
	return l.lab.do(ctx, line, "script")
}

func (l *liveStage) clock(ctx context.Context, s scenario.Step) error {
	ph := l.phone(s.Actor)
	switch {
	case ph == nil:
		return fmt.Errorf("%s has no device clock", s.Actor)
	case !s.Clock.WhileSuspended:
		return l.tell(ctx, s.Told)
	case !(s.Clock.Rate >= live.MinRate && s.Clock.Rate <= live.MaxRate):
		return fmt.Errorf("clock x%g: a live clock runs from x%g to x%d", s.Clock.Rate, live.MinRate, int(live.MaxRate))
	}
	ph.rate.Store(math.Float64bits(s.Clock.Rate))
	return ph.hurryUp()
}

// speak lets a phone or a robot say something else.
func (l *liveStage) speak(ctx context.Context, s scenario.Step) error {
	line := s.Told
	if l.phone(s.Actor) == nil {
		return l.ask(ctx, line)
	}
	if line.Sound.What == "file" {
		var err error
		if line.Sound.Name, err = l.soundFile(line.Sound.Name); err != nil {
			return err
		}
	}
	return l.tell(ctx, line)
}

// soundFile is where a sound is: beside the scenario, or, of those of the
// program, in a folder for as long as the stage stands.
func (l *liveStage) soundFile(name string) (string, error) {
	wav, err := assets.Files.ReadFile("sounds/" + scenario.SampleName(name) + ".wav")
	if err != nil {
		return filepath.Join(l.script.dir, filepath.FromSlash(name)), nil
	}
	if l.sounds == "" {
		if l.sounds, err = os.MkdirTemp("", "sleeptalk-*"); err != nil {
			return "", err
		}
	}
	file := filepath.Join(l.sounds, scenario.SampleName(name)+".wav")
	return file, os.WriteFile(file, wav, 0o600)
}
