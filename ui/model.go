package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// model is the root of the screen: it routes messages to the panes, and draws
// them into the window. What is selected in a pane, the pane knows.
type model struct {
	ctx     context.Context
	phone   Phone
	verbs   []VerbHelp // of the phone; none: it is a recording
	opt     Options
	display display
	history history
	clock   deviceClock
	queue   verbQueue
	keys    []binding // of all panes
	legend  legend

	modes      modes
	desk       desk
	selections selections
	layers     layers
	navigator  navigator
	run        *runView // without a runner: a phone is shown
	bases      bases
	replay     replay
	commands   commands
	keeper     keeper
	caption    caption
	exit       exit
	notices    notices
	remark     remark // in the last line
	width      widthGauge

	ahead  *event.Fold // the phone as it is now, where the display is paused; nil: it is not
	behind int         // records that a paused display does not show
	failed error       // why the program leaves
	last   drawn
	veil   veiled
}

// display is the terminal.
type display struct {
	w, h    int
	dark    bool
	noColor bool
	profile colorprofile.Profile
	pal     *palette
}

// dress chooses the palette for the theme, the terminal's ground and the
// colours that it has.
func (d *display) dress(theme string) {
	d.pal = newPalette(themeOf(theme, d.noColor, d.dark), d.profile)
}

// drawn is the last picture, and the cursor in it.
type drawn struct {
	text  string
	caret *tea.Cursor
	stale bool // whether they are out of date
}

func newModel(ctx context.Context, phone Phone, opt Options) *model {
	m := &model{
		ctx: ctx, phone: phone, verbs: phone.Verbs(), opt: opt, history: startHistory(""),
		display:    display{dark: true, noColor: hasNoColor(opt.Environ), profile: colorprofile.TrueColor},
		modes:      modes{base: mainMode},
		desk:       desk{focus: timelinePanel},
		selections: selections{timeline: timeline{scaleAt: -1, cursor: cursor{at: noCursor}}},
		run:        &runView{cursor: noLine},
		keeper:     keeper{record: opt.Record, save: opt.Save, report: opt.Report, recording: opt.Recording},
		caption:    caption{of: opt.Caption},
		replay:     replay{name: opt.Replay},
		width:      widthGauge{wanted: opt.Measure && !opt.ASCII},
		last:       drawn{stale: true},
	}
	m.selections.messages.dialogs = &m.history.dialogs
	m.layers = newLayers(opt, &m.history, &m.selections)
	m.layers.setting.panel = &m.layers.settings
	m.bases = newBases(&m.layers.lab)
	m.navigator = navigator{&m.desk, &m.selections, &m.layers, m.run, &m.bases}
	m.commands = commands{&m.history.commands, m.run}
	m.notices = newNotices(opt, len(m.verbs) > 0)
	m.layers.said.commands = &m.commands
	m.keys = remapped(m.bindings(), opt.Keys)
	m.legend = legendOf(m.keys)
	m.veil.weave = opt.Veil
	m.layers.help.keys = m.keys
	m.display.dress(opt.Theme)
	if opt.Private && opt.Veil != nil {
		m.hide(situation{})
	}
	if opt.Ladder {
		m.open(ladderMode)
		m.selections.messages.sel = opt.Message
	}
	return m
}

// hasNoColor follows no-color.org: any value but an empty one.
func hasNoColor(environ []string) bool {
	return slices.ContainsFunc(environ, func(kv string) bool {
		return len(kv) > len("NO_COLOR=") && kv[:len("NO_COLOR=")] == "NO_COLOR="
	})
}

// tickMsg reports that time has passed.
type tickMsg struct{ now time.Time }

// Init asks for the terminal's ground, and starts the clocks.
func (m *model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.width.begin(), tea.RequestBackgroundColor, m.waitForRecords(0, 0), m.tick(), waitForEnd(m.ctx)}
	if m.running() {
		cmds = append(cmds, m.run.next(m.ctx, 0))
	}
	if m.modes.base == surveyMode {
		cmds = append(cmds, m.bases.survey.next(m.ctx, 0))
	}
	return tea.Batch(cmds...)
}

func (m *model) waitForRecords(seq uint64, pause time.Duration) tea.Cmd {
	return waitForRecords(m.ctx, m.source(), seq, pause)
}

// running reports whether a run is shown, and not a phone.
func (m *model) running() bool { return m.modes.base == runMode }

// tick is the next moment at which a number on the screen changes by itself.
func (m *model) tick() tea.Cmd {
	every := time.Second
	if f := &m.history.fold; f.Life.Until > 0 || f.Rate > 1 {
		every = gap
	}
	return tea.Every(every, func(now time.Time) tea.Msg { return tickMsg{now} })
}

// Update routes.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	m.last.stale = true
	cursor := m.selections.timeline.cursor
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.resize(msg.Width, msg.Height)
	case tea.BackgroundColorMsg:
		m.display.dark = msg.IsDark()
		m.display.dress(m.opt.Theme)
	case measureMsg:
		cmd = m.width.ask(msg.now)
	case tea.CursorPositionMsg:
		cmd = m.measured(msg)
	case tea.ColorProfileMsg:
		m.display.profile = msg.Profile
		m.display.dress(m.opt.Theme)
	case tea.KeyPressMsg:
		cmd = m.press(msg)
	case tea.PasteMsg:
		if t, ok := m.layer().(typist); ok {
			cmd = typeKey(t.line(), msg)
		}
	case tea.MouseWheelMsg:
		m.wheel(msg)
	case tea.MouseClickMsg:
		m.click(msg)
	case tea.BlurMsg:
		m.notices.blurred = true
	case tea.FocusMsg:
		m.notices.blurred = false
	case tea.MouseMotionMsg:
		m.drag(msg)
	case logGrewMsg:
		if msg.log == m.source() { // else it is that of the file before
			m.take()
			if m.modes.has(explainMode) {
				cmd = m.look()
			}
			if h := &m.layers.events; m.modes.top() == eventsMode && h.last == 0 {
				h.read(m.phone.Log()) // it goes on
			}
			cmd = tea.Batch(cmd, m.waitForRecords(max(msg.upTo, m.history.seen), pace(&m.history.fold)))
		}
	case runChangedMsg:
		cmd = tea.Batch(m.runChanged(msg.state), m.run.next(m.ctx, gap))
	case surveyMsg:
		m.bases.survey.take(msg.state)
		cmd = m.bases.survey.next(m.ctx, gap)
	case caseLeftMsg:
		cmd = m.caseLeft(msg)
	case hiddenMsg:
		m.hidden(msg)
		m.remark.tell(dim, hidden)
	case doneMsg:
		m.failed = msg.err
		cmd = tea.Quit
	case findingMsg:
		if msg.seq == m.layers.explain.seq {
			m.layers.explain.finding = msg
		}
	case verdictMsg:
		if msg.seq == m.replay.card.seq {
			m.replay.card = findingMsg(msg)
		}
	case keptMsg:
		cmd = m.finished(msg.err, m.keeper.kept(msg))
	case verbDoneMsg:
		cmd = m.verbDone(msg)
	case tickMsg:
		m.passTime(msg.now)
		cmd = m.tick()
	case playMsg:
		if t := &m.selections.timeline; t.passed(msg, m.clock.now, len(m.verbs) == 0) {
			cmd = t.ticks()
		}
	default:
		m.last.stale = false
	}
	cmd = tea.Batch(cmd, m.again())
	m.clock.set(&m.history.fold, m.run)
	if m.selections.timeline.cursor != cursor && m.modes.has(ladderMode) {
		m.selections.messages.follow() // what is selected in the ladder is at the instant
	}
	m.settle()
	if ask := m.notices.ask(); ask != nil {
		cmd = tea.Batch(cmd, ask)
	}
	return m, cmd
}

// settle moves the bar of the calls on, as time passes.
func (m *model) settle() {
	s := m.phoneNow()
	m.selections.calls.settle(s.fold, s.now)
}

// again puts the cursor of a recording where it opens, once all of it is there, and looks for the
// finding of the failure that it shows.
func (m *model) again() tea.Cmd {
	if m.veil.waits && !strings.HasPrefix(m.loading(), loading) {
		m.take()
		m.last.stale = true
	}
	r := &m.replay
	if !r.on() || m.display.w == 0 || m.history.seen == 0 {
		return nil
	}
	m.clock.set(&m.history.fold, m.run)
	if !r.opened && !strings.HasPrefix(m.loading(), loading) {
		r.opens(&m.selections, m.situation(""))
		m.last.stale = true
	}
	return r.look(m.situation(""), m.phone.Log(), m.opt.Find, m.frozenStamp())
}

// loading is how [Options.Loading] begins while there is more to come.
const loading = "loading"

// resize takes in the window's new size.
func (m *model) resize(w, h int) {
	m.display.w, m.display.h = w, h
	s := m.situation("")
	switch l := m.layer().(type) {
	case scroller:
		at, limit := l.position(s)
		*at = min(*at, max(0, limit))
	case typist:
		l.line().SetWidth(l.room(s.scene))
	}
}

// take folds the records that the screen has not seen. Of a display that is paused the keys
// know them all the same.
func (m *model) take() {
	m.weave()
	log, now := m.phone.Log(), &m.history.fold
	if m.ahead != nil {
		now = m.ahead
		for r := range log.From(m.history.seen + uint64(m.behind)) {
			m.behind++
			m.ahead.Apply(r)
			m.notices.take(r)
			m.layers.tones.take(r, now)
			m.layers.settings.take(r, now)
			m.selections.calls.settle(now, now.Now(r.Wall))
		}
	} else {
		for r := range log.From(m.history.seen) {
			m.history.take(r)
			m.notices.take(r)
			m.layers.explain.take(r, now)
			m.layers.tones.take(r, now)
			m.layers.settings.take(r, now)
			m.selections.calls.settle(now, now.Now(r.Wall))
			if !m.veil.on() {
				m.caption.take(r)
			}
		}
	}
}

// loading says how much of a recording is there.
func (m *model) loading() string {
	if m.opt.Loading == nil {
		return ""
	}
	return m.opt.Loading()
}

// passTime moves the clocks on.
func (m *model) passTime(now time.Time) {
	if m.timePasses() {
		m.clock.real = now
	}
	if m.ahead == nil {
		m.clock.wall = m.clock.real
	}
	m.run.clock, m.bases.survey.clock, m.layers.lab.clock = now, now, now
	if m.remark.forget(now) {
		m.exit.leaving = false
	}
}

// timePasses reports whether device time goes on between two records: not in a
// recording, and in a run only where its phones are real.
func (m *model) timePasses() bool {
	if m.running() {
		return m.run.timePasses()
	}
	return len(m.verbs) > 0
}

// maxTitle bounds what the window's title says of an account, in characters.
const maxTitle = 100

// View is the picture of the model, drawn anew only if something changed.
func (m *model) View() tea.View {
	if m.last.stale {
		c := m.draw()
		m.last = drawn{text: c.render(m.display.pal), caret: c.caret}
	}
	v := tea.NewView(m.last.text)
	v.Cursor = m.last.caret
	v.AltScreen = true
	v.ProgressBar = m.progress()
	v.WindowTitle = "sleeptalk " + clean.Cut(clean.Line(m.history.fold.Start.AOR), maxTitle)
	v.ReportFocus = m.notices.form != nil
	if !m.opt.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// verbDone shows what the phone said to a verb.
func (m *model) verbDone(msg verbDoneMsg) tea.Cmd {
	m.take()
	if m.broke(msg.err) || msg.line == "quit" {
		return tea.Quit
	}
	next := m.queue.done(m.phone)
	if m.remark.waits && len(m.queue) < 2 {
		m.remark = remark{}
	}
	if msg.err != nil {
		m.remark.tell(fault, m.veil.text(msg.err.Error()))
	}
	return next
}

// finished says what came of something that was done meanwhile.
func (m *model) finished(err error, words tellReq) tea.Cmd {
	if m.broke(err) {
		return tea.Quit
	}
	m.remark.tell(words.ink, words.words)
	return nil
}

// broke reports whether an error is a panic, with which the program leaves.
func (m *model) broke(err error) bool {
	broken := (*PanicError)(nil)
	if errors.As(err, &broken) {
		m.failed = broken
	}
	return broken != nil
}
