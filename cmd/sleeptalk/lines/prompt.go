package lines

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// A Prompt takes the lines that a person types at the screen, and those of the
// keys. They are played as a scenario's are, but a line that waits lets others
// pass: nobody can hang up otherwise. It may be used from any goroutine.
type Prompt struct {
	*stage.Running
	phone *live.Phone
	name  string

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
	p := &Prompt{
		Running: stage.NewRunning(ph.Log(), "key", files.Named), phone: ph, name: name,
		script: scenario.NewScript("prompt", cast),
	}
	p.Running.Phone(name, ph)
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
		return p.phone.Do(ctx, line, "key")
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
		go p.phone.Guard("prompt", func() { p.await(ctx, line, step) })
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
