package play

import (
	"context"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// A Stage is where a scenario is played: phones, a lab or a server, and time.
// They are in phone/stage: World in virtual time, Live and Running on real
// sockets. One goroutine uses it.
type Stage interface {
	// Log is what happens, to everybody.
	Log() *event.Log
	// Act carries out a step that acts: a verb, a request to the lab, a
	// clock or a sound. An error that is a [*Refusal] is the
	// phone's; any other means that the stage could not do it.
	Act(ctx context.Context, s scenario.Step) error
	// Clock is what an actor's clock shows now.
	Clock(actor string) Reading
	// Settle returns when what an actor was late for is in the log: that the
	// process stood still, if it did.
	Settle(ctx context.Context, actor string)
	// Wait returns when the log has records after the one numbered seq, or
	// after the time left: of the actor's device clock, or of the wall's.
	// Its error is why time cannot pass any more.
	Wait(ctx context.Context, seq uint64, actor string, left time.Duration, wall bool) error
}

// A Reading is a look at an actor's clock.
type Reading struct {
	Wall   time.Time // as in the records of the log
	Device time.Duration
}

// A Refusal is a phone that would not do what it was asked: there was no
// notification to answer from, say. It is the phone's failure, not the
// stage's.
type Refusal struct{ Err error }

func (r *Refusal) Error() string { return r.Err.Error() }

func (r *Refusal) Unwrap() error { return r.Err }
