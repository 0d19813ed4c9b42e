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
	"slices"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
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
	// Ended is told of each run that is over, from its goroutine; nil: nobody wants to know.
	Ended func()
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
	return rows, playAll(ctx, cfg, rows)
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

func playAll(ctx context.Context, cfg Config, rows []Row) error {
	errs := make([]error, len(rows))
	free := make(chan struct{}, max(cfg.Jobs, 1))
	var crew sync.WaitGroup
	for i := range rows {
		free <- struct{}{}
		crew.Go(func() {
			defer func() { <-free }()
			errs[i] = playRow(ctx, cfg, &rows[i])
			if cfg.Ended != nil {
				cfg.Ended()
			}
		})
	}
	crew.Wait()
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool { return err == nil })...)
}

func playRow(ctx context.Context, cfg Config, row *Row) error {
	d, err := newDay(cfg, *row)
	if err != nil {
		return err
	}
	if err := d.live(ctx); err != nil {
		return fmt.Errorf("%s, %s, %s: %w", row.Profile, row.Strategy, row.Fault, err)
	}
	d.tally.row(row, cfg.length())
	return nil
}
