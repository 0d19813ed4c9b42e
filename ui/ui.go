package ui

import (
	"context"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Phone is the part of a phone that the screen needs: its log, and a way to give
// it verbs. A recording is a Phone without verbs.
type Phone interface {
	Log() *event.Log
	// Do carries out one line of the verb language, and returns when that has
	// been done or refused. It is called from other goroutines.
	Do(line string) error
	Verbs() []VerbHelp
}

// A VerbHelp is a verb of the phone, for the prompt.
type VerbHelp struct {
	Name, Args, Help string
}

// Options say how the screen looks and where it is.
type Options struct {
	Theme string // dark, light, mono; "": by NO_COLOR and the terminal's ground
	ASCII bool   // only ASCII glyphs
	// Measure has the terminal asked how wide it draws them: where an ambiguous one takes two
	// cells, only ASCII glyphs are drawn.
	Measure bool
	// Keys are other keys for actions, by their names: see [KeyTable] and [CheckKeys].
	Keys map[string]string
	// Caption makes the screen a tour: it gives the words to a record, and the
	// panel (1 to 6; 0: none) that they speak of. Empty words keep the last.
	// [Narrate] is one.
	Caption func(event.Record) (words string, panel int)
	// Explain gives the rule behind an event that shows an anomaly, in lines of at
	// most width columns, and "" for any other event; nil: nothing is explained.
	Explain func(e event.Event, width int) string
	// Find gives the finding of a record: of a lost call, or of another anomaly; nil: there
	// are none.
	Find Finder
	// Lab says that the lab of this process can be told something by the screen.
	Lab *LabHelp
	// Settings are what can be set of the phone.
	Settings SettingsTable
	// Record begins to record what is done as a scenario, or ends that and
	// writes it; on says which, words where it is. Save keeps the evidence so
	// far, and says where. Both are called from other goroutines; nil: there is
	// nothing to keep.
	// Recording says that a recording is on from the beginning.
	Record    func() (on bool, words string, err error)
	Recording bool
	// Replay is the name of the recording that is looked at, as the screen shows it; "": it is
	// a phone, or a recording that nobody named.
	Replay string
	// Ladder shows the ladder alone, as of a phone of which nobody knows more than its messages,
	// and Message the record that is selected in it; 0: the newest.
	Ladder  bool
	Message uint64
	// Loading says how much of a log is there that is being read meanwhile, such
	// as "loading 40 %"; "": all of it. nil: it is.
	Loading func() string
	Save    func() (words string, err error)
	// Report says where the report of a recording is; nil: it has none.
	Report func() (words string, err error)
	// SaveCalls keeps the calls with one of these Call-IDs as a capture, and says where; it
	// is called from another goroutine. nil: there is nowhere to keep them.
	SaveCalls func(callIDs []string) (words string, err error)
	NoMouse   bool // leave the mouse to the terminal
	// NoNotices keeps the phone's notifications off the desktop, where they are shown while the
	// terminal has not the focus.
	NoNotices bool
	Location  *time.Location // of the times of day; nil: local
	Input     io.Reader      // nil: the terminal
	Output    io.Writer      // nil: the terminal
	Environ   []string       // nil: the process's
	// Above are the screens above which this one opens; nil: it has a terminal of its own.
	Above *Screens
	// Veil makes a veil for a log, behind which it can be shown ([Veil]); nil: there is none.
	// Private draws it from the beginning.
	Veil    func(*event.Log) Veil
	Private bool
	// Shown is told when the screen takes the terminal, and when it has given it
	// back; nil: nobody wants to know.
	Shown func(up bool)
}

// frames limits how often in a second the terminal is written to. The model
// changes at most ten times a second by itself; the higher rate is there so that
// a key shows its effect within 50 ms, esc too, which is waited for.
const frames = 40

// Run shows phone on the terminal until the user quits, the context ends, or
// something fails; the terminal is as before then, after a panic too. It
// returns nil when the user quit, the context's error if that ended it, and a
// [PanicError] after a panic.
func Run(ctx context.Context, phone Phone, opt Options) error {
	return show(ctx, opt, func(ctx context.Context, opt Options) *model { return newModel(ctx, phone, opt) })
}

// show shows a model until it leaves, above others or on a terminal of its own.
func show(ctx context.Context, opt Options, newModel func(context.Context, Options) *model) error {
	opt.settle()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	above := opt.Above
	if above == nil {
		opt.Above = newScreens()
	} else {
		opt.Measure, opt.ASCII = false, opt.ASCII || above.ascii.Load()
	}
	m := newModel(ctx, opt)
	g := &guarded{model: m}
	if above != nil {
		above.show(g)
	} else if err := onTerminal(newStack(g), opt); err != nil {
		return err
	}
	if g.broken != nil {
		return g.broken
	}
	return m.failed
}

// settle fills in what the process says.
func (o *Options) settle() {
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.Location == nil {
		o.Location = time.Local
	}
}

// onTerminal runs a model on the terminal until it leaves.
func onTerminal(m tea.Model, opt Options) error {
	if opt.Shown != nil {
		opt.Shown(true)
		defer opt.Shown(false)
	}
	p := tea.NewProgram(m, append(programOptions(opt), tea.WithFilter(suspendBySignal))...)
	opt.Above.program = p
	defer close(opt.Above.over)
	defer controlJob(p)()
	_, err := p.Run()
	return err
}

func programOptions(opt Options) []tea.ProgramOption {
	o := []tea.ProgramOption{tea.WithFPS(frames), tea.WithoutSignalHandler(), tea.WithEnvironment(opt.Environ)}
	if opt.Input == nil {
		opt.Input = os.Stdin
	}
	if f, ok := opt.Input.(*os.File); ok && isTerminal(f) {
		opt.Input = keyboard{f}
	}
	o = append(o, tea.WithInput(opt.Input))
	if opt.Output != nil {
		o = append(o, tea.WithOutput(opt.Output))
	}
	return o
}

// A Frame describes one picture of a log.
type Frame struct {
	Width, Height int
	Theme         string // dark, light, mono; "": dark
	ASCII         bool
	Location      *time.Location // nil: UTC
	Wall          time.Time      // the moment; zero: that of the last record
	Keys          []string       // pressed before the picture, such as "s"
	Verbs         []VerbHelp     // that the phone offers
	Caption       func(event.Record) (words string, panel int)
	Explain       func(e event.Event, width int) string
	Find          Finder
	Settings      SettingsTable
	Lab           *LabHelp
	Replay        string // as in [Options]
	Veil          func(*event.Log) Veil
	Private       bool
}

// RenderFrame is the screen of a log as lines of text with colour escapes:
// for tests and documents. Verbs that Keys would give go nowhere.
func RenderFrame(log *event.Log, f Frame) string {
	m := newModel(context.Background(), still{log, f.Verbs}, f.options())
	m.resize(f.Width, f.Height)
	m.take()
	return m.shown(f)
}

// options are those of the screen in the picture.
func (f Frame) options() Options {
	opt := Options{Theme: f.Theme, ASCII: f.ASCII, Location: f.Location, Caption: f.Caption, Explain: f.Explain, Find: f.Find, Settings: f.Settings, Lab: f.Lab, Replay: f.Replay, Veil: f.Veil, Private: f.Private}
	if opt.Location == nil {
		opt.Location = time.UTC
	}
	if opt.Theme == "" {
		opt.Theme = "dark"
	}
	return opt
}

// shown presses the keys of a frame and draws what is then on the screen.
func (m *model) shown(f Frame) string {
	m.clock.wall = f.Wall
	m.clock.set(&m.history.fold, m.run)
	m.again()
	for _, k := range f.Keys {
		m.press(keyPress(k))
		m.again()
	}
	return m.draw().render(m.display.pal)
}

// still is a phone that takes no commands.
type still struct {
	log   *event.Log
	verbs []VerbHelp
}

func (s still) Log() *event.Log   { return s.log }
func (s still) Do(string) error   { return nil }
func (s still) Verbs() []VerbHelp { return s.verbs }

// keyPress is the message of a key by its name, as in the key table.
func keyPress(name string) tea.KeyPressMsg {
	if name == "space" { // as terminals say it
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp,
		"pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	}
	if code, ok := special[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if name == "shift+tab" {
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	}
	if len(name) == len("ctrl+c") && name[:5] == "ctrl+" {
		return tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}
