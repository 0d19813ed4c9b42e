package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// defaultWait is how long "wait for" waits when nothing is said.
const defaultWait = scenario.DefaultWithin

// driven is what a driver drives.
type driven interface {
	Log() *event.Log
	Do(ctx context.Context, line, by string) error
}

// A driver carries out lines of verbs, one after the other: this is the
// automation contract, see [driveHelp]. It belongs to one goroutine.
type driver struct {
	phone driven
	name  string // whose events "wait for" means
	// others take the lines that begin with their name and a colon.
	others map[string]func(ctx context.Context, line string) error
	// complain tells a person about a line that is wrong.
	complain func(format string, args ...any)

	began   time.Time
	mark    uint64 // the log's end before the last action
	invalid bool   // a line was no verb
	failed  bool   // a verb was refused, or waited for in vain
}

// errDone ends a driver: somebody said "quit".
var errDone = errors.New("done")

// run carries out lines until they end, the context ends, or an expectation
// fails. Its error is the outcome.
func (d *driver) run(ctx context.Context, lines <-chan string) error {
	d.began = time.Now()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, ok := <-lines:
			if !ok {
				if err := d.known(ctx); err != nil {
					return err
				}
				return d.outcome()
			}
			if err := d.line(ctx, n, line); errors.Is(err, errDone) {
				return d.outcome()
			} else if err != nil {
				return err
			}
		}
	}
}

// known waits until the phone knows whether the server lets it in: input that
// ends at once must not end the phone before that. Its error is the context's.
func (d *driver) known(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, defaultWait)
	defer cancel()
	var seen uint64
	for {
		records, err := d.phone.Log().Wait(limited, seen)
		if err != nil {
			return ctx.Err()
		}
		for _, r := range records {
			seen = r.Seq
			e, ok := r.Event.(event.Registration)
			if ok && r.Phone == d.name && (e.Phase == event.RegistrationActive || e.Phase == event.RegistrationFailed) {
				return nil
			}
		}
	}
}

// outcome is the worst that happened: input that nobody could mean outranks
// what the phone did.
func (d *driver) outcome() error {
	switch {
	case d.invalid:
		return &failure{exitInvalid, errors.New("the input had lines that are no verbs"), "sleeptalk phone --help lists the verbs"}
	case d.failed:
		return &failure{exitFailed, errors.New("a verb could not be carried out"), ""}
	}
	return nil
}

// line carries out one line.
func (d *driver) line(ctx context.Context, n int, line string) error {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	who, rest := d.addressee(line)
	w, isWait, err := parseWait(rest)
	switch {
	case isWait && err != nil:
		d.wrong(n, line, err)
		return nil
	case isWait:
		return d.wait(ctx, n, who, w)
	case strings.EqualFold(rest, "quit"):
		return errDone
	}
	return d.act(ctx, n, who, rest)
}

// addressee splits "bob: call alice" into who and what.
func (d *driver) addressee(line string) (who, rest string) {
	first, rest, _ := strings.Cut(line, " ")
	if name, ok := strings.CutSuffix(first, ":"); ok && name != "" {
		return name, strings.TrimSpace(rest)
	}
	return d.name, line
}

// act gives a verb to whom it is for. A verb that is refused is noted, and the
// driver goes on: what follows may still make sense. Only a line that is a
// verb is an action, from which the next wait looks back.
func (d *driver) act(ctx context.Context, n int, who, line string) error {
	before := d.end()
	if do, ok := d.others[who]; ok {
		if err := do(ctx, line); err != nil {
			d.wrong(n, line, err)
			return ctx.Err()
		}
		d.mark = before
		return ctx.Err()
	}
	if who != d.name {
		d.wrong(n, line, fmt.Errorf("nobody here is called %q", who))
		return nil
	}
	err := d.phone.Do(ctx, line, "input")
	if _, syntax := verb.ParsePhone(line); syntax != nil {
		d.wrong(n, line, syntax)
		return ctx.Err()
	}
	d.mark = before
	if err != nil && ctx.Err() == nil {
		d.failed = true
		d.complain("line %d: %v", n, err)
	}
	return ctx.Err()
}

// end is the number of the last record so far.
func (d *driver) end() uint64 {
	if rs := d.phone.Log().After(d.mark); len(rs) > 0 {
		return rs[len(rs)-1].Seq
	}
	return d.mark
}

func (d *driver) wrong(n int, line string, err error) {
	d.invalid = true
	d.complain("line %d: %s: %v", n, line, err)
}

// A waiting is the line "wait for EVENT within 10s", or "wait 3s".
type waiting struct {
	event scenario.Expectation
	any   bool // no event: just the time
	limit time.Duration
}

// parseWait reads a waiting, if the line is one.
func parseWait(line string) (w waiting, isWait bool, err error) {
	word, rest, _ := strings.Cut(line, " ")
	if !strings.EqualFold(word, "wait") {
		return w, false, nil
	}
	rest = strings.TrimSpace(rest)
	what, isEvent := strings.CutPrefix(rest, "for ")
	if !isEvent {
		w.any = true
		w.limit, err = parseLimit(rest)
		return w, true, err
	}
	e, err := scenario.ParseExpect(what)
	if err != nil {
		return w, true, err
	}
	w.event, w.limit = e.Terms[0].Expectation, e.Limit()
	if e.No || e.Counted || e.Wall || e.For > 0 || len(e.Terms) > 1 || e.Terms[0].As != "" {
		err = errors.New("a wait is for one event, within a time; for more, write a scenario: sleeptalk help scenario")
	}
	return w, true, err
}

func parseLimit(text string) (time.Duration, error) {
	limit, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil || limit <= 0 {
		return 0, fmt.Errorf("%q is no time such as 500ms, 10s or 10m", text)
	}
	return limit, nil
}

// wait waits until the event comes, and fails the run if it does not. It
// first searches the log back to the last action, so that an event that was
// fast is not missed.
func (d *driver) wait(ctx context.Context, n int, who string, w waiting) error {
	log, seen := d.phone.Log(), d.mark
	since := d.readClock(who)
	state := d.stateOf(who, seen)
	var last event.Record
	for {
		for _, r := range log.After(seen) {
			seen = r.Seq
			if r.Phone != who {
				continue
			}
			if !w.any && w.event.MatchAfter(&state, r.Event) {
				d.verdict(who, w, true, "", since)
				return nil
			}
			state.Apply(r)
			last = r
		}
		now := d.readClock(who)
		left := w.limit - (now.device - since.device)
		if left <= 0 {
			return d.timedOut(n, who, w, last, since)
		}
		if err := d.pause(ctx, seen, time.Duration(float64(left)/now.rate)); err != nil {
			return err
		}
	}
}

// stateOf is what somebody's phone was like at a place in the log.
func (d *driver) stateOf(who string, seq uint64) event.Fold {
	state := event.Fold{Phone: who}
	for _, r := range d.phone.Log().After(0) {
		if r.Seq > seq {
			break
		}
		state.Apply(r)
	}
	return state
}

// pause returns when the log has grown or the time is over.
func (d *driver) pause(ctx context.Context, seen uint64, limit time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if _, err := d.phone.Log().Wait(limited, seen); ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return nil
}

func (d *driver) timedOut(n int, who string, w waiting, last event.Record, since reading) error {
	if w.any {
		return nil
	}
	happened := "nothing happened in that time"
	if last.Seq != 0 {
		happened = "the last that happened: " + event.Line(last)
	}
	d.verdict(who, w, false, happened, since)
	return &failure{exitFailed, fmt.Errorf("line %d: no %s within %s\n  %s", n, w.event, w.limit, happened), ""}
}

// verdict writes down what came of a wait.
func (d *driver) verdict(who string, w waiting, ok bool, detail string, since reading) {
	now := d.readClock(who)
	d.phone.Log().Append(event.Record{
		Wall: now.wall, Device: now.device, Phone: who,
		Event: event.Check{Name: w.event.String(), OK: ok, Detail: detail, Waited: event.Seconds(now.device - since.device)},
	})
}

// A reading is a look at a device clock.
type reading struct {
	wall   time.Time
	device time.Duration
	rate   float64
}

// readClock reads somebody's device clock off the log: their last record says
// what it showed then, and the last change of its rate how fast it has run
// since.
// Of those who have said nothing, it is zero when the driver begins.
func (d *driver) readClock(who string) reading {
	now := reading{wall: d.began, rate: 1}
	known := false
	for _, r := range slices.Backward(d.phone.Log().After(0)) {
		if r.Phone != who {
			continue
		}
		if !known {
			now.device, now.wall, known = r.Device, r.Wall, true
		}
		if c, ok := r.Event.(event.ClockRate); ok && c.Rate > 0 {
			now.rate = c.Rate
			break
		}
	}
	return now.at(time.Now())
}

// at is what the clock shows later, at its present rate.
func (r reading) at(wall time.Time) reading {
	r.device += time.Duration(float64(max(0, wall.Sub(r.wall))) * r.rate)
	r.wall = wall
	return r
}
