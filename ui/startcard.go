package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// A Choice is a row of the start card.
type Choice int

// The ways to begin.
const (
	Leave     Choice = iota // the card was closed
	Demo                    // the demo, which needs nothing
	Connect                 // connect to the user's own server
	Scenario                // run a scenario
	ReadKeys                // read the keys
	numChoice = iota
)

var cardRows = [numChoice]struct{ name, words string }{
	Demo:     {"demo", "a phone, a server and a robot; needs nothing"},
	Connect:  {"connect to my server", "writes a profile: sleeptalk init"},
	Scenario: {"run a scenario", "a .talk file, step by step"},
	ReadKeys: {"read the keys", "what every key does"},
}

// StartCard offers ways to begin to a user who has no profile yet, and returns
// the choice.
func StartCard(ctx context.Context, opt Options) (Choice, error) {
	opt.settle()
	opt.Above = newScreens()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &card{ctx: ctx, opt: opt, at: Demo, dark: true, colors: colorprofile.TrueColor}
	if err := onTerminal(c, opt); err != nil {
		return Leave, err
	}
	return c.chosen, c.failed
}

// card is the start card's model.
type card struct {
	ctx    context.Context
	failed error
	opt    Options
	w, h   int
	dark   bool
	colors colorprofile.Profile
	at     Choice
	chosen Choice
}

// Init asks for the terminal's ground.
func (c *card) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, waitForEnd(c.ctx)) }

// Update routes.
func (c *card) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		c.w, c.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		c.dark = msg.IsDark()
	case tea.ColorProfileMsg:
		c.colors = msg.Profile
	case tea.KeyPressMsg:
		return c, c.press(msg.String())
	case doneMsg:
		c.failed = msg.err
		return c, tea.Quit
	}
	return c, nil
}

func (c *card) press(k string) tea.Cmd {
	switch k {
	case "up", "k":
		c.at = max(Demo, c.at-1)
	case "down", "j", "tab":
		c.at = min(numChoice-1, c.at+1)
	case "1", "2", "3", "4":
		c.chosen = Choice(k[0] - '0')
		return tea.Quit
	case "enter":
		c.chosen = c.at
		return tea.Quit
	case "q", "esc", "ctrl+c":
		return tea.Quit
	}
	return nil
}

// View is the card in the middle of the window.
func (c *card) View() tea.View {
	v := tea.NewView(c.draw())
	v.AltScreen = true
	v.WindowTitle = "sleeptalk"
	return v
}

func (c *card) draw() string {
	if c.w <= 0 || c.h <= 0 {
		return ""
	}
	cv := newCanvas(c.w, c.h, c.opt.ASCII)
	w, h := min(72, c.w), min(11, c.h)
	r := rect{(c.w - w) / 2, (c.h - h) / 2, w, h}
	box(cv, r, "sleeptalk", "", keycap, open)
	p := area{cv, r.inset()}
	p.line(0).put(text, "A softphone that falls asleep on purpose.")
	for i := Demo; i < numChoice; i++ {
		l := p.line(1 + int(i))
		mark, ink := " ", text
		if i == c.at {
			mark, ink = "▌", title
		}
		l.put(open, mark).put(keycap, string('0'+rune(i))).gap(2).put(ink, cardRows[i].name).at(26).put(dim, cardRows[i].words)
	}
	p.line(p.h-1).put(keycap, "↑↓").put(dim, " choose  ").put(keycap, "enter").put(dim, " go  ").put(keycap, "q").put(dim, " quit")
	return cv.render(newPalette(themeOf(c.opt.Theme, hasNoColor(c.opt.Environ), c.dark), c.colors))
}
