package play

import (
	"context"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// A Player plays the steps of a scenario one by one, for somebody who decides
// on the next when the one before is done. [Run] plays a whole one.
type Player struct{ r *runner }

// NewPlayer returns a player for a stage.
func NewPlayer(stage Stage) *Player {
	return &Player{newRunner(stage)}
}

// Play plays one step of a scenario, which may be longer than it was at the
// last step. It gives a failure unless the step passed.
func (p *Player) Play(ctx context.Context, f *scenario.File, s scenario.Step) (StepResult, *Failure) {
	p.r.file = f
	return p.r.step(ctx, s)
}

// Tell has the stage carry out a step that acts, for somebody who looks on: what
// is refused is an error, and not a claim that has failed.
func (p *Player) Tell(ctx context.Context, f *scenario.File, s scenario.Step) error {
	p.r.file = f
	expanded, err := p.r.expand(s)
	if err != nil {
		return err
	}
	return p.r.tell(ctx, expanded)
}

// Value is what a variable has been set to with "as".
func (p *Player) Value(name string) (string, bool) {
	v, ok := p.r.vars[name]
	return v, ok
}

// Invariants says what became of the invariants of a scenario until now.
func (p *Player) Invariants(f *scenario.File) []InvariantResult {
	return checkInvariants(f, p.r.stage.Log(), p.r.stage.Clock(f.Phone).Device)
}
