package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/compare"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/ui"
)

// compareOnScreen plays the days while a screen shows them, and returns the rows when that is
// left. If not all have been played by then, it writes those that have.
func compareOnScreen(ctx context.Context, p *cli.Program, o *compareOptions, plan []compare.Row) (rows []compare.Row, err error) {
	file, _, err := p.Config()
	if err != nil {
		return nil, cli.InvalidConfig(err)
	}
	playing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	look := o.look.With(file.UI)
	c := comparison{cfg: o.cfg, columns: compareColumns(o.cfg)}
	board := cli.NewBoard(c.survey(plan), stop, func(ctx context.Context, i int, above *ui.Screens) error {
		return c.open(ctx, p, look, i, above)
	})
	c.board = board
	cfg := o.cfg
	cfg.Began = func(i int) { board.Update(func(s *ui.Survey) { s.Cases[i].Playing = true }) }
	cfg.Ended, cfg.Guard = c.ended, live.Guard
	err = board.Show(ctx, look.Options(p), func() (err error) {
		rows = plan
		err = compare.Play(playing, cfg, rows)
		if err == nil {
			board.Update(func(s *ui.Survey) { s.Over = fmt.Sprintf("ALL %d PLAYED", len(rows)) })
		}
		return err
	})
	if err == nil || ctx.Err() != nil || !errors.Is(context.Cause(playing), cli.ErrLeft) {
		return rows, err
	}
	played := c.played()
	if err := compare.Table(p.Out, o.cfg, played); err != nil {
		return nil, err
	}
	return nil, cli.Fail(cli.ExitLimit, fmt.Errorf("ended early: %d of %d were played", len(played), len(plan)), "")
}

// A comparison is what a screen shows of the days that are compared.
type comparison struct {
	cfg     compare.Config
	columns []compareColumn
	board   *cli.Board
	rows    []compare.Row // as planned
}

// A compareColumn is a column of its table.
type compareColumn struct {
	ui.SurveyColumn
	cell func(r compare.Row) ui.SurveyCell
}

// compareColumns are those of [compare.Table]; what is the same for all is left out.
func compareColumns(cfg compare.Config) []compareColumn {
	name := func(text func(r compare.Row) string) func(compare.Row) ui.SurveyCell {
		return func(r compare.Row) ui.SurveyCell { return ui.SurveyCell{Text: text(r)} }
	}
	number := func(format string, n func(r compare.Row) float64) func(compare.Row) ui.SurveyCell {
		return func(r compare.Row) ui.SurveyCell { return ui.SurveyCell{Text: fmt.Sprintf(format, n(r)), Sort: n(r)} }
	}
	list := []compareColumn{
		{ui.SurveyColumn{Name: "device", Width: 15}, name(func(r compare.Row) string { return r.Profile })},
		{ui.SurveyColumn{Name: "strategy", Width: 11}, name(compare.Row.Way)},
	}
	if len(cfg.Controls) > 1 {
		list = append(list, compareColumn{ui.SurveyColumn{Name: "protocol", Width: 12, Spare: 1}, name(func(r compare.Row) string { return r.Control })})
	}
	if len(cfg.Faults) > 1 {
		list = append(list, compareColumn{ui.SurveyColumn{Name: "fault", Width: 14, Spare: 1}, name(func(r compare.Row) string { return r.Fault })})
	}
	return append(list,
		compareColumn{ui.SurveyColumn{Name: "rung", Width: 7, Right: true}, rungCell},
		compareColumn{ui.SurveyColumn{Name: "ring", Width: 9, Right: true, Spare: 2}, func(r compare.Row) ui.SurveyCell {
			return ui.SurveyCell{Text: r.Ring(), Sort: r.RingP95.D().Seconds()}
		}},
		compareColumn{ui.SurveyColumn{Name: "wakes", Width: 5, Right: true, Spare: 3}, number("%.1f", func(r compare.Row) float64 { return r.Wakes })},
		compareColumn{ui.SurveyColumn{Name: "awake", Width: 7, Right: true, Spare: 3}, number("%.0f s", func(r compare.Row) float64 { return r.Awake })},
		compareColumn{ui.SurveyColumn{Name: "bytes", Width: 6, Right: true, Spare: 5}, number("%.0f", func(r compare.Row) float64 { return r.Bytes })},
		compareColumn{ui.SurveyColumn{Name: "radio", Width: 7, Right: true, Spare: 6}, number("%.0f s", func(r compare.Row) float64 { return r.Radio })},
		compareColumn{ui.SurveyColumn{Name: "kill", Width: 4, Right: true, Spare: 7}, number("%.0f", func(r compare.Row) float64 { return float64(r.Kills) })},
		compareColumn{ui.SurveyColumn{Name: "missed most", Width: 14, Spare: 4, Rest: true}, missedMost},
	)
}

// missedMost is the rule by which most calls were missed.
func missedMost(r compare.Row) ui.SurveyCell {
	if len(r.Missed) == 0 {
		return ui.SurveyCell{}
	}
	return ui.SurveyCell{Text: fmt.Sprintf("%d %s", r.Missed[0].Calls, r.Missed[0].Rule)}
}

// rungCell is how many of the calls rang.
func rungCell(r compare.Row) ui.SurveyCell {
	cell := ui.SurveyCell{Text: fmt.Sprintf("%d/%d", r.Rung, r.Offered), Sort: float64(r.Rung)}
	switch {
	case r.Offered == 0:
	case r.Rung == r.Offered:
		cell.Mood = ui.Passed
	case r.Rung == 0:
		cell.Mood = ui.Failed
	default:
		cell.Mood = ui.Errored
	}
	return cell
}

// survey is how it stands before anything was played.
func (c *comparison) survey(plan []compare.Row) ui.Survey {
	c.rows = slices.Clone(plan) // what is played is written into it
	s := ui.Survey{
		Name: "compare", Alike: true,
		About: fmt.Sprintf("%d calls in %g hours to each, virtual time, seed %d", c.cfg.Calls, c.cfg.Hours, c.cfg.Seed),
	}
	for _, col := range c.columns {
		s.Columns = append(s.Columns, col.SurveyColumn)
	}
	for _, r := range plan {
		one := ui.SurveyCase{Name: dayName(r), Cells: make([]ui.SurveyCell, len(c.columns))}
		for i, col := range c.columns {
			if col.Spare < 2 && !col.Right { // the numbers are not known yet
				one.Cells[i] = col.cell(r)
			}
		}
		s.Cases = append(s.Cases, one)
	}
	return s
}

// dayName is a row in words.
func dayName(r compare.Row) string {
	name := r.Profile + " " + r.Way()
	if r.Control != control.SIP {
		name += " " + r.Control
	}
	if r.Fault != compare.NoFault {
		name += ", fault " + r.Fault
	}
	return name
}

// ended fills in a row.
func (c *comparison) ended(i int, r compare.Row) {
	c.board.Update(func(s *ui.Survey) {
		one := &s.Cases[i]
		one.Playing, one.Done, one.Facts = false, true, dayFacts(r)
		one.Cells = nil
		for _, col := range c.columns {
			one.Cells = append(one.Cells, col.cell(r))
		}
		c.rows[i] = r
	})
}

// dayFacts are what the table has no room for: why calls were missed, by the rules.
func dayFacts(r compare.Row) []ui.RunFact {
	facts := []ui.RunFact{
		{Subject: "calls", Text: fmt.Sprintf("%d offered, %d rang within half a minute, %d answered", r.Offered, r.Rung, r.Answered)},
	}
	for _, m := range r.Missed {
		text := fmt.Sprintf("%d %s", m.Calls, m.Rule)
		if rules, err := diagnose.Find(m.Rule); err == nil {
			text += ": " + rules[0].Title
		}
		facts = append(facts, ui.RunFact{Subject: "missed", Text: text})
	}
	if r.Rung > 0 {
		facts = append(facts, ui.RunFact{Subject: "ring", Text: r.Ring() + " from the INVITE, median and 95 %"})
	}
	return append(facts,
		ui.RunFact{Subject: "an hour", Text: fmt.Sprintf("%.1f wakes, awake %.0f s, %.0f bytes of signalling, radio %.0f s (an estimate)", r.Wakes, r.Awake, r.Bytes, r.Radio)},
		ui.RunFact{Subject: "killed", Text: fmt.Sprintf("%d times", r.Kills)},
	)
}

// open plays a day again, and shows its log.
func (c *comparison) open(ctx context.Context, p *cli.Program, look cli.Look, i int, above *ui.Screens) error {
	var row compare.Row
	c.board.Look(func(ui.Survey) { row = c.rows[i] })
	log, err := compare.Again(ctx, c.cfg, row)
	if err != nil {
		return err
	}
	opt := look.Options(p)
	opt.Above, opt.Replay = above, dayName(row)
	return ui.Run(ctx, cli.Past{Of: log}, opt)
}

// played are the rows of the days that were played to their end.
func (c *comparison) played() (rows []compare.Row) {
	c.board.Look(func(s ui.Survey) {
		for i := range s.Cases {
			if s.Cases[i].Done {
				rows = append(rows, c.rows[i])
			}
		}
	})
	return rows
}
