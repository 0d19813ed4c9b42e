package lines

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A Prompt takes the lines that a person types at the screen, and those of the
// keys. They are played as a scenario's are, but a line that waits lets others
// pass: nobody can hang up otherwise. It may be used from any goroutine.
type Prompt struct {
	*stage.Running
	name   string // who is told where a line names nobody
	quit   func(ctx context.Context) error
	beside func(f func()) // a goroutine, with a net under it

	mu     sync.Mutex // held but for while a line waits
	script *scenario.Script
	player *play.Player
}

// NewPrompt takes lines for a phone, and for the lab that is in the process, if there is one.
func NewPrompt(ph *live.Phone, name string, l *stage.LabHost) *Prompt {
	cast := Alone(ph.Cast())
	if l != nil {
		cast.Lab, cast.Robots = true, l.Robots()
	}
	p := newPrompt(ph.Log(), name, cast, l)
	p.Running.Phone(name, ph)
	p.quit = func(ctx context.Context) error { return ph.Do(ctx, "quit", "key") }
	p.beside = func(f func()) { go ph.Guard("prompt", f) }
	return p
}

// NewLabPrompt takes lines for a lab that has no phone beside it. What waits does so by beside.
func NewLabPrompt(l *stage.LabHost, cast verb.Cast, beside func(f func())) *Prompt {
	p := newPrompt(l.Log(), cast.Default, cast, l)
	p.quit = func(context.Context) error { return nil } // the lab ends with its screen
	p.beside = beside
	return p
}

func newPrompt(log *event.Log, name string, cast verb.Cast, l *stage.LabHost) *Prompt {
	p := &Prompt{Running: stage.NewRunning(log, "key", files.Named), name: name, script: scenario.NewScript("prompt", cast)}
	if l != nil {
		p.Lab(l)
	}
	p.player = play.NewPlayer(p)
	return p
}

// Wait lets others pass.
func (p *Prompt) Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error {
	if !wall {
		left = p.OnWall(actor, left)
	}
	p.mu.Unlock()
	defer p.mu.Lock()
	return p.Running.Wait(ctx, seq, actor, left, true)
}

// Do plays a line. The verdict on one that waits is in the log.
func (p *Prompt) Do(ctx context.Context, line string) error {
	if strings.EqualFold(strings.TrimSpace(line), "quit") {
		return p.quit(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	step, ok, err := p.script.Read(line)
	switch {
	case err != nil:
		return p.wrong(line, err)
	case !ok:
		return nil
	case step.Kind == scenario.Expecting || step.Kind == scenario.Waiting:
		p.beside(func() { p.await(ctx, line, step) })
		return nil
	}
	err = p.player.Tell(ctx, p.script.File(), step)
	if refusal, ok := errors.AsType[*play.Refusal](err); ok {
		return refusal.Err
	}
	return err
}

// await plays a line that waits. What came of it is in the log, also if it could
// not be played.
func (p *Prompt) await(ctx context.Context, line string, step scenario.Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	done, why := p.player.Play(ctx, p.script.File(), step)
	if done.Verdict == play.Errored && ctx.Err() == nil {
		_ = p.wrong(line, errors.New(why.Message))
	}
}

// wrong notes a line that cannot be read.
func (p *Prompt) wrong(line string, err error) error {
	return errors.New(noteWrong(p, p.name, line, err).Err)
}
