package grade

import (
	"context"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/grade"
	"github.com/sleeptalk/sleeptalk/ui"
)

// examineOnScreen takes whoever registers through the checks while a screen shows them, until
// that is left.
func examineOnScreen(ctx context.Context, p *cli.Program, x *examination) error {
	file, _, err := p.Config()
	if err != nil {
		return cli.InvalidConfig(err)
	}
	look := x.options.look.With(file.UI)
	examining, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	v := &screenView{examination: x, checks: x.examiner.Plan()}
	v.board = cli.NewBoard(v.survey(), stop, func(ctx context.Context, i int, above *ui.Screens) error {
		opt := look.Options(p)
		opt.Above, opt.Replay, opt.Ladder, opt.Message = above, "grade: "+v.checks[i].ID, true, v.message(i)
		return ui.Run(ctx, cli.Past{Of: x.log}, opt)
	})
	x.view = v
	return v.board.Show(ctx, look.Options(p), func() error {
		err := examine(examining, x)
		if err == nil {
			v.board.Update(func(s *ui.Survey) { s.Over = grade.Totals(x.examiner.Report()) })
		}
		return err
	})
}

// A screenView is an examination on a screen.
type screenView struct {
	*examination
	checks []grade.Check
	board  *cli.Board
	marks  []grade.Mark  // of those that are decided
	until  time.Duration // which deadline the screen shows; 0: none
}

// The columns.
const (
	checkColumn = iota
	whyColumn
	tookColumn
)

// survey is how it stands before anybody has registered.
func (v *screenView) survey() ui.Survey {
	s := ui.Survey{
		Name: "grade", About: "sip:" + v.options.user + "@" + v.options.domain,
		Limit: time.Now().Add(v.options.limit),
		Columns: []ui.SurveyColumn{
			checkColumn: {Name: "check", Width: 16},
			whyColumn:   {Name: "what was seen", Width: 14, Rest: true},
			tookColumn:  {Name: "took", Width: 7, Right: true, Spare: 1},
		},
	}
	for _, c := range v.checks {
		s.Cases = append(s.Cases, ui.SurveyCase{
			Name: c.ID, Cells: []ui.SurveyCell{checkColumn: {Text: c.ID}, whyColumn: {Text: c.Title}, tookColumn: {}},
			Facts: []ui.RunFact{{Subject: "check", Text: c.Title}, {Subject: "rule", Text: c.Rule}, {Subject: "source", Text: c.Source}},
		})
	}
	v.marks = make([]grade.Mark, len(v.checks))
	return s
}

// message is the first message between the lab and the phone in a check; 0: there was none.
func (v *screenView) message(i int) uint64 {
	var first, last uint64
	v.board.Look(func(ui.Survey) { first, last = v.marks[i].Span() })
	if first == 0 {
		return 0
	}
	for r := range v.log.Span(first-1, last) {
		if _, is := r.Event.(event.Message); is && r.Phone == v.options.user {
			return r.Seq
		}
	}
	return 0
}

func (v *screenView) listening(addr string) {
	v.board.Update(func(s *ui.Survey) {
		s.About = fmt.Sprintf("%s as %s, %s (tcp, tls, udp, ws, wss)", addr, v.options.user, v.options.withPassword())
	})
}

func (v *screenView) tell(_ time.Duration, e grade.Effect) {
	switch e := e.(type) {
	case grade.Began:
		v.of(e.ID, func(c *ui.SurveyCase, _ int) { c.Playing = true })
	case grade.Tell:
		v.board.Update(func(s *ui.Survey) { s.Task = e.Text })
	case grade.Decided:
		v.of(e.Mark.ID, func(c *ui.SurveyCase, i int) { v.decided(c, e.Mark); v.marks[i] = e.Mark })
		v.board.Update(func(s *ui.Survey) { s.Task, s.Until = "", time.Time{} })
		v.until = 0
	}
}

// of changes the case of a check.
func (v *screenView) of(id string, f func(c *ui.SurveyCase, i int)) {
	v.board.Update(func(s *ui.Survey) {
		for i := range s.Cases {
			if s.Cases[i].Name == id {
				f(&s.Cases[i], i)
			}
		}
	})
}

// decided fills in the outcome of a check.
func (v *screenView) decided(c *ui.SurveyCase, m grade.Mark) {
	took := m.To.D() - m.From.D()
	c.Playing, c.Done = false, true
	c.Verdict = map[grade.Verdict]ui.Verdict{grade.Pass: ui.Passed, grade.Fail: ui.Failed, grade.Untold: ui.Skipped}[m.Verdict]
	c.Cells = []ui.SurveyCell{
		checkColumn: {Text: m.ID},
		whyColumn:   {Text: m.Why},
		tookColumn:  {Text: fmt.Sprintf("%.1f s", took.Seconds()), Sort: took.Seconds()},
	}
	c.Facts = append([]ui.RunFact{{Subject: string(m.Verdict), Text: m.Why}}, c.Facts...)
	for _, line := range m.Evidence {
		c.Facts = append(c.Facts, ui.RunFact{Subject: event.Clock(line.At.D()), Text: line.Text})
	}
}

// waits says until when a person has time for what was asked.
func (v *screenView) waits(e *grade.Examiner, born time.Time) {
	at := e.Deadline()
	if at == 0 || at == v.until {
		return
	}
	v.until = at
	v.board.Update(func(s *ui.Survey) { s.Until = born.Add(at) })
}
