package main

import (
	"context"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/compare"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/ui"
)

// TestComparisonOnAScreen: each row stands where it was planned, with the numbers of the table.
func TestComparisonOnAScreen(t *testing.T) {
	cfg := compare.Config{
		Profiles: []string{"ios-voip-socket", "desktop"}, Strategies: []string{"voip-socket", "none"}, Controls: []string{control.SIP},
		Faults: []string{compare.NoFault, "loss 100%"}, Hours: 2, Calls: 4, Seed: 1, Jobs: 2,
	}
	plan, err := compare.Plan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := comparison{cfg: cfg, columns: compareColumns(cfg)}
	c.board = cli.NewBoard(c.survey(plan), nil, nil)
	cfg.Began = func(i int) { c.board.Update(func(s *ui.Survey) { s.Cases[i].Playing = true }) }
	cfg.Ended = c.ended
	rows, err := compare.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.board.Next(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range s.Cases {
		var line []string
		for _, cell := range one.Cells {
			line = append(line, cell.Text)
		}
		for _, want := range []string{rows[i].Profile, rows[i].Way(), rows[i].Fault, rungCell(rows[i]).Text, rows[i].Ring()} {
			if !strings.Contains(strings.Join(line, "|")+"|", want+"|") {
				t.Errorf("case %d, %q, lacks %q", i, line, want)
			}
		}
		if !one.Done || one.Playing || len(one.Facts) == 0 {
			t.Errorf("case %d: %+v", i, one)
		}
	}
	if got := c.played(); len(got) != len(rows) {
		t.Errorf("%d of %d were played", len(got), len(rows))
	}
}

// TestRungMood: green is what rang each time, and red what never did.
func TestRungMood(t *testing.T) {
	for want, r := range map[ui.Verdict]compare.Row{
		ui.Passed: {Offered: 4, Rung: 4}, ui.Errored: {Offered: 4, Rung: 3}, ui.Failed: {Offered: 4}, "": {},
	} {
		if got := rungCell(r).Mood; got != want {
			t.Errorf("%d of %d: %q, want %q", r.Rung, r.Offered, got, want)
		}
	}
}

// TestBoardWaits: each change is in a new snapshot, and those that were taken stay as they are.
func TestBoardWaits(t *testing.T) {
	b := cli.NewBoard(ui.Survey{Name: "compare", Cases: []ui.SurveyCase{{Name: "one"}}}, nil, nil)
	first, _ := b.Next(t.Context(), 0)
	b.Update(func(s *ui.Survey) { s.Cases[0].Done = true })
	second, _ := b.Next(t.Context(), first.Seq)
	if first.Cases[0].Done || !second.Cases[0].Done {
		t.Error("a snapshot has changed, or a change is in no snapshot")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Next(ctx, second.Seq); err == nil {
		t.Error("it waits for ever")
	}
}
