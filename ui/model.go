package ui

import (
	"context"
	"errors"
	"slices"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// How much the screen keeps of each list of the timeline, and of the rungs of
// the ladder. At 48 keepalives in eight hours that is weeks; of a busy phone,
// hours.
const (
	maxPins  = 8000
	maxRungs = 4000
)

// noCursor is the timeline without a cursor.
const noCursor time.Duration = -1

// model is the whole screen: what it knows (two folds of the log), and how it
// is looked at.
type model struct {
	ctx   context.Context
	phone Phone
	opt   Options
	keys  []binding
	verbs []VerbHelp

	fold      event.Fold
	line      picture.Timeline
	ladder    picture.Ladder
	commands  []command
	anomalies []anomaly
	explained uint64        // the record of the anomaly that is open
	seen      uint64        // the last record that is on the screen
	behind    int           // records that a paused screen does not show
	wall      time.Time     // the moment of the last tick
	now       time.Duration // device time at wall

	w, h    int
	dark    bool
	noColor bool
	profile colorprofile.Profile
	pal     *palette
	glyphs  glyphs

	run       *runView // the run that is shown; nil: a phone
	modes     []mode   // the open views and overlays, the innermost last
	focus     panel
	zoom      panel
	pressed   string // the key that is being handled
	paused    bool
	leaving   bool // after one ctrl+c
	input     textinput.Model
	history   []string // of the prompt
	recalled  int
	sent      string // tones
	question  string
	recording bool     // what is done, as a scenario
	yes       string   // the verb line that a yes gives
	lines     []string // for the phone, oldest first; the first is being carried out
	scroll    int

	scaleAt   int // index in scales; -1: as fits
	cursor    time.Duration
	cause     string // of the wakes that are listed; "": any
	wakeSel   int    // a wake's number; 0: the newest
	sipSel    uint64 // a row's sequence number; 0: the newest
	pings     bool   // keepalives in the ladder
	filter    string
	caption   string
	captioned panel

	note     string
	noteInk  style
	noteGone time.Time

	failed error // why the program leaves

	frame string      // the last picture
	caret *tea.Cursor // the cursor in it
	stale bool        // whether they are out of date
}

func newModel(ctx context.Context, phone Phone, opt Options) *model {
	m := &model{
		ctx: ctx, phone: phone, opt: opt, keys: table(), verbs: phone.Verbs(), dark: true, stale: true,
		focus: timelinePanel, scaleAt: -1, cursor: noCursor, noColor: hasNoColor(opt.Environ),
		glyphs: glyphs{opt.ASCII}, profile: colorprofile.TrueColor, recording: opt.Recording,
		line: picture.Timeline{Limit: maxPins}, ladder: picture.Ladder{Limit: maxRungs},
	}
	m.dress()
	return m
}

// hasNoColor follows no-color.org: any value but an empty one.
func hasNoColor(environ []string) bool {
	return slices.ContainsFunc(environ, func(kv string) bool {
		return len(kv) > len("NO_COLOR=") && kv[:len("NO_COLOR=")] == "NO_COLOR="
	})
}

// dress chooses the palette for the theme, the terminal's ground and the
// colours that it has.
func (m *model) dress() { m.pal = newPalette(themeOf(m.opt.Theme, m.noColor, m.dark), m.profile) }

// The messages that the screen sends itself.
type (
	grown struct { // the log has grown
		log  *event.Log
		upTo uint64
	}
	tick struct{ now time.Time } // time has passed
	over struct{ err error }     // the context has ended
)

// Init asks for the terminal's ground, and starts the two clocks.
func (m *model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.wait(0, 0), m.nextRun(0), m.tick(), untilOver(m.ctx))
}

// tick is the next moment at which a number on the screen changes by itself.
func (m *model) tick() tea.Cmd {
	every := time.Second
	if m.fold.Life.Until > 0 || m.fold.Rate > 1 {
		every = gap
	}
	return tea.Every(every, func(now time.Time) tea.Msg { return tick{now} })
}

// Update routes.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	m.stale = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.scroll = min(m.scroll, max(0, m.scrollLimit()))
		m.input.SetWidth(m.inputWidth(m.mode()))
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.dress()
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.dress()
	case tea.KeyPressMsg:
		cmd = m.press(msg)
	case tea.PasteMsg:
		if m.mode()&typingModes != 0 {
			m.input, cmd = m.input.Update(msg)
		}
	case tea.MouseWheelMsg:
		cmd = m.wheel(msg)
	case tea.MouseClickMsg:
		m.click(msg.X, msg.Y)
	case grown:
		if msg.log == m.phone.Log() { // else it is that of the file before
			m.take()
			cmd = m.wait(msg.upTo, m.pace())
		}
	case ran:
		cmd = tea.Batch(m.ran(msg.state), m.nextRun(gap))
	case over:
		m.failed = msg.err
		cmd = tea.Quit
	case kept:
		cmd = m.keep(msg)
	case said:
		m.take()
		cmd = m.answered(msg)
	case tick:
		if !m.paused && m.timePasses() {
			m.wall = msg.now
		}
		if m.run != nil {
			m.run.clock = msg.now
		}
		m.forget(msg.now)
		cmd = m.tick()
	default:
		m.stale = false
	}
	m.now = m.clockNow()
	return m, cmd
}

// timePasses reports whether device time goes on between two records: not in a
// recording, and in a run only where its phones are real.
func (m *model) timePasses() bool {
	if m.run != nil {
		return !m.run.state.Virtual && m.run.state.Over == ""
	}
	return len(m.verbs) > 0
}

// clockNow is device time on the screen.
func (m *model) clockNow() time.Duration {
	if m.run != nil && m.run.state.Virtual {
		return max(m.run.state.Now, m.fold.Device)
	}
	return m.fold.Now(m.wall)
}

// View is the picture of the model, drawn anew only if something changed.
func (m *model) View() tea.View {
	if m.stale {
		c := m.draw()
		m.frame, m.caret, m.stale = c.render(m.pal), c.caret, false
	}
	v := tea.NewView(m.frame)
	v.Cursor = m.caret
	v.AltScreen = true
	v.WindowTitle = "sleeptalk " + event.Printable(m.fold.Start.AOR)
	if !m.opt.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// mode is the innermost view or overlay that is open.
func (m *model) mode() mode {
	if n := len(m.modes); n > 0 {
		return m.modes[n-1]
	}
	if m.run != nil {
		return runMode
	}
	return mainMode
}

// has reports whether a view or overlay is open at any level.
func (m *model) has(md mode) bool { return slices.Contains(m.modes, md) }

// press does what the key table says of a key; other keys are typed where
// there is a line to type in.
func (m *model) press(k tea.KeyPressMsg) tea.Cmd {
	m.pressed = k.String()
	if m.pressed != "ctrl+c" {
		m.leaving, m.note = false, ""
	}
	b := m.bound(m.mode(), k)
	switch {
	case b == nil && m.mode()&typingModes != 0:
		var cmd tea.Cmd
		m.input, cmd = m.input.Update(k)
		return cmd
	case b == nil:
		return nil
	case b.why != nil:
		if why := b.why(m); why != "" {
			_, label := b.shown(m)
			m.tell(woken, label+": "+why)
			return nil
		}
	}
	return b.do(m)
}

// answered shows what the phone said to a verb.
func (m *model) answered(s said) tea.Cmd {
	if m.broke(s.err) {
		return tea.Quit
	}
	if s.err != nil {
		m.tell(fault, s.err.Error())
	}
	if s.line == "quit" {
		return tea.Quit
	}
	m.lines = m.lines[1:]
	return m.sayNext()
}

// broke reports whether an error is a panic, with which the program leaves.
func (m *model) broke(err error) bool {
	broken := (*PanicError)(nil)
	if errors.As(err, &broken) {
		m.failed = broken
	}
	return broken != nil
}

// told is how long a remark stays in the last line.
const told = 6 * time.Second

// tell puts a remark in the last line.
func (m *model) tell(ink style, words string) {
	m.note, m.noteInk, m.noteGone = event.Printable(words), ink, time.Time{}
}

// forget takes down a remark that has stood long enough.
func (m *model) forget(now time.Time) {
	switch {
	case m.note == "":
	case m.noteGone.IsZero():
		m.noteGone = now.Add(told)
	case now.After(m.noteGone):
		m.note, m.leaving = "", false
	}
}

// offers reports whether the phone has a verb.
func (m *model) offers(verb string) bool {
	return slices.ContainsFunc(m.verbs, func(v VerbHelp) bool { return v.Name == verb })
}
