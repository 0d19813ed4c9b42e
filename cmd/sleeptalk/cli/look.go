package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/ui"
)

// A Look says how the screen looks.
type Look struct {
	ASCII, NoMouse, NoNotices, Private bool
	glyphs                             bool // whether other glyphs are wanted, however wide they are drawn
	Theme                              string
	keys                               map[string]string // of actions that have others
}

// Flags declares the flags.
func (l *Look) Flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&l.ASCII, "ascii", false, "draw with ASCII only, as where the terminal draws other glyphs two cells wide")
	f.Var((*theme)(&l.Theme), "theme", strings.Join(config.Themes(), ", "))
	f.BoolVar(&l.NoMouse, "no-mouse", false, "leave the mouse to the terminal")
	f.BoolVar(&l.Private, "private", false, "names, numbers, addresses, texts and tokens on the screen are stand-ins; the log has them")
	f.BoolVar(&l.NoNotices, "no-notices", false, "no notices on the desktop, as in CI, where others come while the terminal has not the focus")
}

// A theme is the value of its flag.
type theme string

// String is the theme.
func (t *theme) String() string { return string(*t) }

// Set takes a theme that there is.
func (t *theme) Set(value string) error {
	*t = theme(value)
	return setup.OneOf(config.Themes()...)(value)
}

// Type is what help calls the value.
func (*theme) Type() string { return "string" }

// With takes from the config what the flags leave open.
func (l Look) With(file config.UI) Look {
	if l.Theme == "" {
		l.Theme = file.Theme
	}
	if l.Theme == "auto" {
		l.Theme = ""
	}
	l.keys = file.Keys
	l.ASCII = l.ASCII || file.ASCII == "on" || file.ASCII == "true"
	l.glyphs = file.ASCII == "off" || file.ASCII == "false"
	return l
}

// Options is a screen of this look, at the terminal of the program.
func (l Look) Options(p *Program) ui.Options {
	return ui.Options{Theme: l.Theme, ASCII: l.ASCII, Measure: !l.ASCII && !l.glyphs, Keys: l.keys, NoMouse: l.NoMouse, NoNotices: l.NoNotices || p.Env != nil && p.Env("CI") != "", Veil: veil, Private: l.Private, Explain: explanation, Find: finding, Settings: Settings{}.Table(), Input: p.In, Output: Raw(p.Out), Shown: p.Streams.Shown}
}

// veil hides who is in a log from those who see the screen.
func veil(log *event.Log) ui.Veil { return report.NewVeil(log) }

// finding is what went wrong at a record, as the screen shows it.
func finding(log *event.Log, seq uint64, stamp func(time.Duration) string) (ui.Finding, bool) {
	f, ok := diagnose.FindingOf(log, seq, stamp)
	return ui.Finding{Rule: f.Rule, Head: f.Head(), Lost: f.Lost, Why: f.Why, Mend: f.Mend, Moment: f.Moment, Cause: f.Cause, At: f.At, CauseAt: f.CauseAt}, ok
}

// explanation is the rule behind an event as the screen shows it; "" if the
// event tells of no anomaly.
func explanation(e event.Event, width int) string {
	id := diagnose.Of(e)
	if id == "" { // as for nearly all events: nothing is to be looked for
		return ""
	}
	rules, err := diagnose.Find(string(id))
	if err != nil {
		return ""
	}
	return rules[0].Text(width)
}
