package compare

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// The actors.
const (
	alice = "alice" // whose phone it is
	bob   = "bob"   // a robot, who calls
)

// The behaviour of people (our own numbers).
const (
	patience = 30 * time.Second // how long bob lets it ring
	reaction = 4 * time.Second  // from the ringing to the answer
	comingUp = 5 * time.Second  // how long an answered call may take to come up
	talk     = 10 * time.Second
	pocket   = 5 * time.Second // until the phone is put away
)

// look is the longest step of a wait: nothing is missed, because the log keeps
// it.
const look = time.Hour

// A day is one run from morning to evening.
type day struct {
	cfg   Config
	stage *stage.World
	steps map[string]scenario.Step // what people do, by the line
	rng   *rand.Rand               // when bob calls
	fault string
	tally *tally
}

// people is the script of a day, in the language of scenarios.
const people = `use device %s
use phone alice strategy=%s%s
%sbackground
lock
bob: call alice
bob: hang up
answer
hang up
`

func newDay(cfg Config, row Row) (*day, error) {
	d := &day{cfg: cfg, steps: map[string]scenario.Step{}, rng: rand.New(rand.NewPCG(cfg.Seed, 0xda7)), tally: newTally()}
	line := ""
	if row.Fault != NoFault {
		d.fault = "fault " + row.Fault
		line = d.fault + "\n"
	}
	text := fmt.Sprintf(people, row.Profile, row.Strategy, speaks(row.Control), line)
	f, err := scenario.ParseFile("the day of "+row.Profile, []byte(text), nil)
	if err != nil {
		return nil, firstMistake(err)
	}
	for _, c := range f.Cases {
		for _, s := range c.Steps {
			d.steps[s.Text] = s
		}
	}
	d.stage, err = stage.New(stage.Config{Casting: stage.Casting{File: f}, Seed: cfg.Seed})
	return d, err
}

// speaks returns the setting of a phone that speaks a protocol.
func speaks(protocol string) string {
	if _, ok := setup.FindProtocol(protocol); ok {
		return " control=" + protocol
	}
	return " raw=" + protocol
}

// firstMistake returns the first mistake without its place: the text is ours,
// only the names in it are the user's.
func firstMistake(err error) error {
	e, ok := errors.AsType[*scenario.SyntaxError](err)
	switch {
	case !ok:
		return err
	case e.Meant != "":
		return fmt.Errorf("%s; did you mean %s?", e.Message, e.Meant)
	case len(e.Known) > 0:
		return fmt.Errorf("%s; %s: %s", e.Message, e.Kind, strings.Join(e.Known, ", "))
	}
	return errors.New(e.Message)
}

// live plays the day.
func (d *day) live(ctx context.Context) error {
	if d.fault != "" {
		if err := d.do(ctx, d.fault); err != nil {
			return err
		}
	}
	d.pass(ctx, pocket)
	if err := d.putAway(ctx); err != nil {
		return err
	}
	for i := range d.cfg.Calls {
		d.until(ctx, d.ringsAt(i))
		if err := d.call(ctx); err != nil {
			return err
		}
	}
	d.until(ctx, d.cfg.length())
	d.tally.end(d.now())
	return context.Cause(ctx)
}

// ringsAt returns when bob calls for the i-th time: somewhere in the i-th part
// of the day, not too near its ends.
func (d *day) ringsAt(i int) time.Duration {
	part := d.cfg.between()
	return time.Duration(i)*part + time.Duration((0.1+0.5*d.rng.Float64())*float64(part))
}

// call is one call of bob's, from the first INVITE until the phone is back in
// the pocket.
func (d *day) call(ctx context.Context) error {
	began := d.tally.seen
	d.tally.offer(d.now())
	if err := d.do(ctx, "bob: call alice"); err != nil {
		return err
	}
	if !d.wait(ctx, patience, func(t *tally) bool { return t.call.rung }) {
		d.giveUp(ctx)
		d.tally.miss(d.why(began))
		return context.Cause(ctx)
	}
	d.pass(ctx, reaction)
	if d.do(ctx, "answer") != nil || !d.wait(ctx, comingUp, func(t *tally) bool { return t.call.up }) {
		// The answer found no call: the caller has hung up or the call
		// never came.
		d.giveUp(ctx)
		d.tally.miss(d.why(began))
		return d.putAway(ctx)
	}
	d.tally.answer()
	d.pass(ctx, talk)
	d.giveUp(ctx)
	return d.putAway(ctx)
}

// giveUp ends bob's call, if there still is one.
func (d *day) giveUp(ctx context.Context) {
	_ = d.do(ctx, "bob: hang up") // it may have ended by itself
	d.pass(ctx, pocket)
}

// putAway leaves the app and locks the screen.
func (d *day) putAway(ctx context.Context) error {
	if err := d.do(ctx, "background"); err != nil {
		return err
	}
	return d.do(ctx, "lock")
}

// why returns the rule that explains a missed call.
func (d *day) why(began uint64) string {
	rule, _ := diagnose.Likely(d.stage.Log(), alice, began)
	if rule == "" {
		return "unknown"
	}
	return string(rule)
}

func (d *day) do(ctx context.Context, line string) error {
	s, ok := d.steps[line]
	if !ok {
		return fmt.Errorf("no step %q", line)
	}
	err := d.stage.Act(ctx, s)
	d.count()
	return err
}

// wait lets time pass until so holds.
func (d *day) wait(ctx context.Context, limit time.Duration, so func(*tally) bool) bool {
	for end := d.now() + limit; !so(d.tally) && d.now() < end && ctx.Err() == nil; {
		_ = d.stage.Wait(ctx, d.tally.seen, alice, end-d.now(), false) // its error is ctx's
		d.count()
	}
	return so(d.tally)
}

func (d *day) pass(ctx context.Context, t time.Duration) { d.until(ctx, d.now()+t) }

func (d *day) until(ctx context.Context, at time.Duration) {
	for d.now() < at && ctx.Err() == nil {
		// A record number that is never reached: only the time ends the
		// wait.
		_ = d.stage.Wait(ctx, ^uint64(0), alice, min(look, at-d.now()), false)
		d.count()
	}
}

func (d *day) now() time.Duration { return d.stage.Clock(alice).Device }

// count tallies the new records.
func (d *day) count() {
	for r := range d.stage.Log().From(d.tally.seen) {
		d.tally.apply(r)
	}
}
