package ui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// A style is what a cell means, which a palette turns into a colour: an ink,
// perhaps strong, on a ground. Panes name meanings, never colours.
type style uint16

// The inks.
const (
	text   style = iota // what is read
	dim                 // labels
	faint               // rules and borders
	open                // the app runs and the user sees it; also: keys
	grace               // it still runs in the background
	sleep               // no code of it runs
	woken               // it runs in the background because the system woke it
	banner              // the stand-in for a notification
	fault               // lost, refused, killed
	talk                // calls, audio, whatever went well
	inks
)

// What may be added to an ink.
const (
	strong   style = 1 << 5 // bold
	inverted style = 1 << 6 // ink and ground changed places
	onBar    style = 1 << 7 // on the header's ground
	onCard   style = 1 << 8 // on a notification's ground
	onLate   style = 1 << 9 // on vermilion: a wake that came late or for no reason
	styles   style = 1 << 10

	inkMask style = 1<<5 - 1
	grounds       = onBar | onCard | onLate
)

// The styles that stand for keys and titles.
const (
	keycap = open | strong
	title  = text | strong
)

func (s style) ink() style { return s & inkMask }

// plain reports whether a blank in this style looks like nothing.
func (s style) plain() bool { return s&(grounds|inverted) == 0 }

// A palette is how each style looks on a terminal: a [lipgloss.Style], and the
// escapes around text in it. Lip Gloss takes 5 µs to render a string; a frame
// has hundreds of runs, so the escapes are asked for once and kept.
type palette struct {
	mono            bool
	inks            [inks]lipgloss.Style
	bar, card, late color.Color
	seq             [styles]escapes
}

// escapes are what is written before and after a run of text.
type escapes struct {
	on, off string
	known   bool
}

// A hue is a colour in the three forms in which terminals know colours: one
// of 16, one of 256, or as #rrggbb. An empty form is the terminal's own.
type hue [3]string

// A shade is a hue for a light ground and one for a dark ground.
type shade struct{ light, dark hue }

// The shades are the colours of Okabe and Ito, which people with any kind of
// colour vision tell apart: lightened for a dark ground, darkened for a light
// one.
var shades = [inks]shade{
	dim:    {light: hue{"8", "241", "#57606A"}, dark: hue{"7", "246", "#8B949E"}},
	faint:  {light: hue{"7", "246", "#8A8F98"}, dark: hue{"8", "240", "#4D5560"}},
	open:   {light: hue{"4", "25", "#0072B2"}, dark: hue{"12", "74", "#56B4E9"}},
	grace:  {light: hue{"6", "24", "#005A8C"}, dark: hue{"4", "67", "#3F7FB0"}},
	sleep:  {light: hue{"8", "246", "#8A8F98"}, dark: hue{"8", "240", "#4D5560"}},
	woken:  {light: hue{"3", "130", "#B37400"}, dark: hue{"11", "214", "#F0B429"}},
	banner: {light: hue{"5", "132", "#A8447F"}, dark: hue{"13", "175", "#E08BC0"}},
	fault:  {light: hue{"1", "166", "#C44400"}, dark: hue{"9", "203", "#FF6A3D"}},
	talk:   {light: hue{"2", "29", "#00795A"}, dark: hue{"10", "43", "#2BC49A"}},
}

// The grounds. Of 16 colours none is quiet enough to read on.
var (
	barShade  = shade{light: hue{"", "254", "#DDE3EA"}, dark: hue{"", "235", "#1F2731"}}
	cardShade = shade{light: hue{"", "255", "#EEF1F4"}, dark: hue{"", "236", "#262D36"}}
	lateShade = shade{light: hue{"9", "208", "#FF6A3D"}, dark: hue{"1", "166", "#C44400"}}
)

// newPalette makes the palette of a theme, "dark", "light" or "mono", for a
// terminal with the colours of profile.
func newPalette(theme string, profile colorprofile.Profile) *palette {
	p := &palette{mono: theme == "mono" || profile < colorprofile.ANSI}
	if p.mono {
		p.inks = monoInks()
		return p
	}
	pick, complete := lipgloss.LightDark(theme != "light"), lipgloss.Complete(profile)
	colour := func(s shade) color.Color {
		of := func(form int) color.Color { return pick(lipgloss.Color(s.light[form]), lipgloss.Color(s.dark[form])) }
		return complete(of(0), of(1), of(2))
	}
	for ink, s := range shades {
		p.inks[ink] = lipgloss.NewStyle().Foreground(colour(s)).Bold(style(ink) == fault)
	}
	p.bar, p.card, p.late = colour(barShade), colour(cardShade), colour(lateShade)
	return p
}

// monoInks say with brightness alone what the colours say.
func monoInks() (m [inks]lipgloss.Style) {
	for ink := range m {
		m[ink] = lipgloss.NewStyle()
	}
	for _, ink := range []style{dim, faint, sleep, grace} {
		m[ink] = m[ink].Faint(true)
	}
	for _, ink := range []style{woken, fault} {
		m[ink] = m[ink].Bold(true)
	}
	return m
}

// lip is a style as Lip Gloss knows it.
func (p *palette) lip(s style) lipgloss.Style {
	st := p.inks[s.ink()]
	if s&strong != 0 {
		st = st.Bold(true).Faint(false)
	}
	if s&inverted != 0 || p.mono && s&(onBar|onLate) != 0 {
		st = st.Reverse(true)
	}
	switch {
	case p.mono:
	case s&onLate != 0:
		st = st.Background(p.late)
	case s&onCard != 0:
		st = st.Background(p.card)
	case s&onBar != 0:
		st = st.Background(p.bar)
	}
	return st
}

// escapes are those of a style.
func (p *palette) escapes(s style) *escapes {
	e := &p.seq[s]
	if !e.known {
		e.on, e.off, _ = strings.Cut(p.lip(s).Render("x"), "x")
		e.known = true
	}
	return e
}

// frame is the border of panels and overlays.
var frame = lipgloss.RoundedBorder()

// glyphs are those that differ between the two sets by what they mean. Every
// other glyph is turned into ASCII by its look, in the table plain.
type glyphs struct {
	open, grace, sleep, wake, awake, dead string
	posted, tapped, lost                  string
	ring, call                            string
	levels                                [5]string
	line, gone, reg                       string
	light, deep, window                   string // how idle the device is
	pushed, sent                          string
}

var unicodeGlyphs = glyphs{
	open: "█", grace: "▓", sleep: "·", wake: "┃", awake: "█", dead: "╳",
	posted: "◆", tapped: "◇", lost: "╳", ring: "▒", call: "█",
	levels: [5]string{"▁", "▂", "▃", "▅", "▇"},
	line:   "━", gone: " ", reg: "╶",
	light: "░", deep: "▒", window: "○",
	pushed: "↓", sent: "↑",
}

var asciiGlyphs = glyphs{
	open: "#", grace: "+", sleep: ".", wake: "!", awake: "!", dead: "x",
	posted: "N", tapped: "n", lost: "x", ring: "r", call: "c",
	levels: [5]string{"1", "2", "3", "5", "7"},
	line:   "=", gone: " ", reg: "-",
	light: ":", deep: "%", window: "o",
	pushed: "v", sent: "^",
}

// plain is what stands for a glyph on an ASCII terminal, by its look.
var plain = map[string]string{
	"─": "-", "━": "=", "═": "=", "╶": "-", "│": "|", "┃": "!", "┬": "+", "┴": "+",
	"╭": "+", "╮": "+", "╰": "+", "╯": "+",
	"█": "#", "▓": "+", "▒": "r", "░": ".", "▌": ">", "▏": "|", "▎": "|", "▍": "|", "▋": "#", "▊": "#", "▉": "#",
	"▁": "1", "▂": "2", "▃": "3", "▅": "5", "▇": "7",
	"◆": "N", "◇": "n", "╳": "x", "▲": "^", "▸": ">", "▶": ">", "◀": "<",
	"●": "*", "○": "o", "·": ".", "…": "~", "→": ">", "←": "<", "↑": "^", "↓": "v", "⇄": "=",
	"✓": "+", "✗": "x", "×": "x", "−": "-", "µ": "u", "¦": "|", "≤": "<",
}

// A theme's name, as options and NO_COLOR choose it.
func themeOf(option string, noColour, isDark bool) string {
	switch {
	case option == "mono" || option == "" && noColour:
		return "mono"
	case option != "":
		return option
	case isDark:
		return "dark"
	}
	return "light"
}
