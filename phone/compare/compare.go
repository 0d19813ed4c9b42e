// Package compare plays the same day on one phone after another: each device
// profile with each strategy, protocol and fault, in virtual time, and counts
// the results.
//
//	profiles × strategies × protocols × faults ──▶ a run each ──▶ log ──▶ tally ──▶ Row
//
// In each run the phone registers, and its user locks it and puts it away. Bob
// calls at times that the seed decides, the same in every run, and lets it ring
// for half a minute; the user answers soon after the phone rings, and hangs up
// again. The rows are computed from the log and nothing else.
//
// The same seed gives the same rows, however many runs play at a time.
package compare

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// Config says what is compared.
type Config struct {
	Profiles, Strategies []string
	// Faults are arguments of the verb "fault", such as "nat carrier"; each
	// is on for the whole day. [NoFault] is a good network.
	Faults []string
	// Controls are the protocols of the phones: the name of one of
	// [setup.Protocols], or of a raw protocol.
	Controls []string
	Hours    float64
	Calls    int // made in each run, spread over the time
	Seed     uint64
	Jobs     int // runs that play at a time
	// Began and Ended are told of each run, by its index in the rows, from its goroutine; nil:
	// nobody wants to know.
	Began func(i int)
	Ended func(i int, row Row)
	// Guard plays a day, in its goroutine, and turns a panic into an error; nil: a panic ends the
	// process.
	Guard func(what string, day func() error) error
}

func (c *Config) guard(what string, day func() error) error {
	if c.Guard == nil {
		return day()
	}
	return c.Guard(what, day)
}

// NoFault stands for a network without a fault.
const NoFault = "none"

// Limits of a [Config].
const (
	maxHours = 24 * 7
	// minBetween is the least time from one call to the next: ringing, a
	// talk, and the way back into the pocket.
	minBetween = 3 * time.Minute
)

func (c *Config) check() error {
	switch {
	case len(c.Profiles) == 0 || len(c.Strategies) == 0 || len(c.Faults) == 0 || len(c.Controls) == 0:
		return errors.New("nothing to compare: name a profile, a strategy, a protocol and a fault at least")
	case !(c.Hours > 0 && c.Hours <= maxHours):
		return fmt.Errorf("%g hours: more than 0, at most %d", c.Hours, maxHours)
	case c.Calls < 0:
		return fmt.Errorf("%d calls: none or more", c.Calls)
	case c.Calls > 0 && c.between() < minBetween:
		return fmt.Errorf("%d calls in %g hours are too many: each takes %s", c.Calls, c.Hours, minBetween)
	}
	return nil
}

func (c *Config) length() time.Duration { return time.Duration(c.Hours * float64(time.Hour)) }

func (c *Config) between() time.Duration { return c.length() / time.Duration(c.Calls) }

// Run plays all combinations, cfg.Jobs at a time, and returns a row for each,
// in the order of faults, protocols, profiles and strategies. It ends early
// when ctx is done.
func Run(ctx context.Context, cfg Config) ([]Row, error) {
	rows, err := Plan(cfg)
	if err != nil {
		return nil, err
	}
	return rows, Play(ctx, cfg, rows)
}

// Plan returns the rows of all combinations, before they are played. Its error is that one of
// them cannot be played.
func Plan(cfg Config) ([]Row, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	var rows []Row
	for _, fault := range cfg.Faults {
		for _, control := range cfg.Controls {
			for _, profile := range cfg.Profiles {
				for _, strategy := range cfg.Strategies {
					rows = append(rows, Row{Profile: profile, Strategy: strategy, Fault: fault, Control: control, Gateway: gateway(profile, strategy)})
				}
			}
		}
	}
	for _, row := range rows { // a mistake in a name is found before anything is played
		if _, err := newDay(cfg, row); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// gateway returns the push service of a profile, if the strategy needs one.
func gateway(profile, strategy string) string {
	if !app.Strategy(strategy).Traits().Pushed {
		return ""
	}
	p, err := device.Load(profile)
	if err != nil {
		return "" // newDay reports the error
	}
	return p.PushService()
}

// Play plays the rows of a plan, and fills them in: see [Run].
func Play(ctx context.Context, cfg Config, rows []Row) error {
	errs := make([]error, len(rows))
	stage.SideBySide(len(rows), cfg.Jobs, func(i int) {
		if cfg.Began != nil {
			cfg.Began(i)
		}
		errs[i] = cfg.guard("day of "+rows[i].Profile, func() error { return playRow(ctx, cfg, &rows[i]) })
		if cfg.Ended != nil && errs[i] == nil {
			cfg.Ended(i, rows[i])
		}
	})
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool { return err == nil })...)
}

func playRow(ctx context.Context, cfg Config, row *Row) error {
	d, err := newDay(cfg, *row)
	if err != nil {
		return err
	}
	return d.play(ctx, row)
}

// play plays a day and fills in its row.
func (d *day) play(ctx context.Context, row *Row) error {
	if err := d.live(ctx); err != nil {
		return fmt.Errorf("%s, %s, %s: %w", row.Profile, row.Strategy, row.Fault, err)
	}
	d.tally.row(row, d.cfg.length())
	return nil
}

// errOther is the error of a day that was another when it was played again.
var errOther = errors.New("played again, the day was another: its log would not be that of this row")

// Again plays the day of a row again, and returns its log: with the same seed, it is the same.
func Again(ctx context.Context, cfg Config, row Row) (*event.Log, error) {
	same := Row{Profile: row.Profile, Strategy: row.Strategy, Fault: row.Fault, Control: row.Control, Gateway: row.Gateway}
	d, err := newDay(cfg, same)
	if err != nil {
		return nil, err
	}
	if err := d.play(ctx, &same); err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(same, row) {
		return nil, errOther
	}
	return d.stage.Log(), nil
}
