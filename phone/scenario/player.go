package scenario

import (
	"context"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Player plays the steps of a scenario one by one, for somebody who decides
// on the next when the one before is done. [Run] plays a whole one.
type Player struct{ r *runner }

// NewPlayer returns a player for a stage.
func NewPlayer(stage Stage) *Player {
	return &Player{&runner{stage: stage, marks: map[string]*mark{}, vars: map[string]string{}}}
}

// Play plays one step of a scenario, which may be longer than it was at the
// last step. It gives a failure unless the step passed.
func (p *Player) Play(ctx context.Context, f *File, s Step) (StepResult, *Failure) {
	p.r.file = f
	return p.r.step(ctx, s)
}

// Value is what a variable has been set to with "as".
func (p *Player) Value(name string) (string, bool) {
	v, ok := p.r.vars[name]
	return v, ok
}

// Invariants says what became of the invariants of a scenario until now.
func (p *Player) Invariants(f *File) []InvariantResult {
	return checkInvariants(f, p.r.stage.Log(), p.r.stage.Clock(f.Phone).Device)
}

// Event is an expectation in Go: of an event of one type for which ok holds
// (nil: any). The text names it in messages: "no TEXT within 2 s".
func Event[E event.Event](text string, ok func(E) bool) Expectation {
	var zero E
	return Expectation{text: text, head: zero.Kind(), meaning: happens(ok)}
}

// Await is a step that waits for an expectation, as the line at a place says.
func Await(at Place, actor string, e Expectation, within time.Duration) Step {
	return Step{
		Place: at, Text: "expect " + e.text, Actor: actor, Kind: Expecting,
		Expect: &Expect{Terms: []Term{{Place: at, Expectation: e}}, Within: within},
	}
}
