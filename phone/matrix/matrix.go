package matrix

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// Config says what is played.
type Config struct {
	Phone Phone
	Seed  uint64
	Jobs  int // rows that play at a time
	// Ended is told of each row that is over, from its goroutine; nil: nobody wants to know.
	Ended func()
}

// A Row is what became of a combination.
type Row struct {
	N           int // from 1
	Combination Combination
	Script      string
	Result      *play.Result
}

// Name is the name of the row's scenario.
func (r Row) Name() string { return fmt.Sprintf("matrix-%02d", r.N) }

// Passed reports whether all of it went as it should.
func (r Row) Passed() bool { return r.Result.Verdict() == play.Passed }

// Finding is what went wrong, and the rule that is its likely cause; "": nobody knows
// one. Both are empty if nothing did.
func (r Row) Finding() (rule event.Rule, words string) {
	for _, c := range r.Result.Cases {
		if f := c.Failure; f != nil {
			words = f.Message
			if f.Likely != "" {
				words += ": " + f.Likely
			}
			return f.Rule, words
		}
	}
	return "", ""
}

// Run plays all rows, cfg.Jobs at a time, in virtual time. The same seed gives the
// same rows.
func Run(ctx context.Context, cfg Config) ([]Row, error) {
	var rows []Row
	for i, c := range Rows() {
		rows = append(rows, Row{N: i + 1, Combination: c, Script: cfg.Phone.Script(i+1, c)})
	}
	files := make([]*scenario.File, len(rows))
	for i, r := range rows { // a mistake in a name is found before anything is played
		f, err := scenario.ParseFile(r.Name()+".talk", []byte(r.Script), nil)
		if err != nil {
			return nil, err
		}
		files[i] = f
	}
	errs := make([]error, len(rows))
	stage.SideBySide(len(rows), cfg.Jobs, func(i int) {
		rows[i].Result, errs[i] = playRow(ctx, files[i], cfg.Seed)
		if cfg.Ended != nil {
			cfg.Ended()
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return rows, context.Cause(ctx)
}

func playRow(ctx context.Context, f *scenario.File, seed uint64) (*play.Result, error) {
	w, err := stage.New(stage.Config{Casting: stage.Casting{File: f}, Seed: seed})
	if err != nil {
		return nil, err
	}
	return play.Run(ctx, f, w, play.Options{World: true, Seed: seed}), nil
}
