package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// base is that of this screen; nil: it shows a phone, or a run.
func (m *model) base() base { return m.bases.of(m.modes.base) }

// progress is how much is over of the work that the screen shows; nil: all of it is, or there
// is no terminal that shows it.
func (m *model) progress() (bar *tea.ProgressBar) {
	if b := m.base(); m.running() {
		bar = m.run.progress()
	} else if b != nil {
		bar = b.progress()
	}
	if bar == nil || !ShowsProgress(m.opt.Environ) {
		return nil
	}
	return bar
}

// WatchSurvey shows work on many cases on the terminal until the user leaves. The work belongs
// to the surveyor, and goes on without the screen.
func WatchSurvey(ctx context.Context, w Surveyor, opt Options) error {
	return show(ctx, opt, func(ctx context.Context, opt Options) *model { return newSurveyModel(ctx, w, opt) })
}

func newSurveyModel(ctx context.Context, w Surveyor, opt Options) *model {
	m := newModel(ctx, still{new(event.Log), nil}, opt)
	m.modes.base = surveyMode
	v := &m.bases.survey
	v.surveyor, v.ctx, v.above = w, ctx, opt.Above
	return m
}

// RenderSurvey is the screen of a survey, as [RenderFrame] is that of a phone.
func RenderSurvey(s Survey, f Frame) string {
	m := newSurveyModel(context.Background(), nil, f.options())
	m.resize(f.Width, f.Height)
	m.bases.survey.take(s)
	m.bases.survey.clock = f.Wall
	return m.shown(f)
}

// Host shows a lab that has no phone beside it, until the user leaves: see [Options.Lab].
func Host(ctx context.Context, lab Phone, opt Options) error {
	return show(ctx, opt, func(ctx context.Context, opt Options) *model { return newHostModel(ctx, lab, opt) })
}

func newHostModel(ctx context.Context, lab Phone, opt Options) *model {
	m := newModel(ctx, lab, opt)
	m.modes.base = hostMode
	return m
}

// RenderHost is the screen of a lab, as [RenderFrame] is that of a phone.
func RenderHost(log *event.Log, f Frame) string {
	m := newHostModel(context.Background(), still{log, f.Verbs}, f.options())
	m.resize(f.Width, f.Height)
	m.take()
	m.layers.lab.clock = f.Wall
	return m.shown(f)
}

// measured takes in how wide glyphs are drawn. The row in which that was tried is drawn anew.
func (m *model) measured(at tea.CursorPositionMsg) tea.Cmd {
	wide, answered := m.width.wide(at, time.Now())
	if !answered {
		return nil
	}
	if wide {
		m.opt.ASCII = true
		m.opt.Above.ascii.Store(true)
		m.remark.tell(dim, "this terminal draws some glyphs in two cells: ASCII instead (ui: ascii: off, in the config, keeps them)")
	}
	return tea.ClearScreen
}

// caseLeft goes on after a case has been looked at.
func (m *model) caseLeft(msg caseLeftMsg) tea.Cmd {
	m.bases.survey.opening = false
	if msg.err != nil {
		return m.finished(msg.err, tellReq{fault, msg.err.Error()})
	}
	m.remark = remark{}
	return nil
}
