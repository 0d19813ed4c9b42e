package ui

import (
	"cmp"
	"context"
	"fmt"
	"strings"

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
	Demo:     {"demo", "phone, server and robot; needs nothing"},
	Connect:  {"connect to my server", "what to do: a config file, or flags"},
	Scenario: {"run a scenario", "a .talk file, step by step"},
	ReadKeys: {"read the keys", "what every key does"},
}

// StartCard offers ways to begin to a user who has no account yet, and returns the choice. One
// that has a page is read on the card, which goes on.
func StartCard(ctx context.Context, opt Options, pages map[Choice]string) (Choice, error) {
	opt.settle()
	opt.Above = newScreens()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &card{ctx: ctx, opt: opt, pages: pages, at: Demo, dark: true, colors: colorprofile.TrueColor}
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
	pages  map[Choice]string
	open   Choice // whose page is read; Leave: none
	scroll int    // lines of it that are above the screen
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
	if c.open != Leave && k != "ctrl+c" {
		c.turn(k)
		return nil
	}
	switch k {
	case "up", "k":
		c.at = max(Demo, c.at-1)
	case "down", "j", "tab":
		c.at = min(numChoice-1, c.at+1)
	case "1", "2", "3", "4":
		c.at = Choice(k[0] - '0')
		return c.choose()
	case "enter":
		return c.choose()
	case "q", "esc", "ctrl+c":
		return tea.Quit
	}
	return nil
}

// choose opens the page of a row, or leaves with the choice.
func (c *card) choose() tea.Cmd {
	if c.pages[c.at] != "" {
		c.open, c.scroll = c.at, 0
		return nil
	}
	c.chosen = c.at
	return tea.Quit
}

// turn is a key on a page.
func (c *card) turn(k string) {
	_, rows := c.page()
	last := max(0, len(c.lines())-rows)
	switch k {
	case "q", "esc", "enter", "left":
		c.open = Leave
	case "up", "k":
		c.scroll--
	case "down", "j":
		c.scroll++
	case "pgup":
		c.scroll -= rows
	case "pgdown", "space":
		c.scroll += rows
	case "home", "g":
		c.scroll = 0
	case "end", "G":
		c.scroll = last
	}
	c.scroll = max(0, min(last, c.scroll))
}

// page is the box of a page, and how many of its lines fit.
func (c *card) page() (r rect, rows int) {
	w, h := min(pageWidth, c.w), min(len(c.lines())+4, c.h)
	r = rect{(c.w - w) / 2, (c.h - h) / 2, w, h}
	return r, max(1, r.inset().h-2)
}

// pageWidth is how wide a page is at most.
const pageWidth = 86

// lines are those of the page.
func (c *card) lines() []string { return strings.Split(strings.TrimRight(c.pages[c.open], "\n"), "\n") }

// drawPage draws the page, and how to come back.
func (c *card) drawPage(cv *canvas) {
	r, rows := c.page()
	box(cv, r, cardRows[c.open].name, "esc", keycap, open)
	p, lines := area{cv, r.inset()}, c.lines()
	at := max(0, min(c.scroll, len(lines)-rows))
	for i := 0; i < rows && at+i < len(lines); i++ {
		p.line(i).put(text, lines[at+i])
	}
	l := p.line(p.h-1).put(keycap, "esc").put(dim, " back")
	if below := len(lines) - rows - at; below > 0 {
		l.put(keycap, "  ↓").put(dim, fmt.Sprintf(" %d more", below))
	}
}

// KeyPage lists all keys, by the places in which they work, as the page of [ReadKeys].
func KeyPage() string {
	var b strings.Builder
	for _, place := range KeysByPlace() {
		fmt.Fprintf(&b, "%s\n", cmp.Or(place.Name, "everywhere"))
		for _, k := range place.Keys {
			fmt.Fprintf(&b, "  %-9s %s\n", k.Keys, k.Help)
		}
	}
	return b.String()
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
	if c.open != Leave {
		c.drawPage(cv)
		return cv.render(c.palette())
	}
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
	return cv.render(c.palette())
}

func (c *card) palette() *palette {
	return newPalette(themeOf(c.opt.Theme, hasNoColor(c.opt.Environ), c.dark), c.colors)
}
