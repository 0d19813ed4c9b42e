package ui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A style is the meaning of a cell, which a palette turns into a colour: an ink,
// perhaps strong, on a ground. Panes name meanings, never colours.
type style uint16

// The inks, as styles; package picture documents them.
const (
	text   = style(picture.Text)
	dim    = style(picture.Dim)
	faint  = style(picture.Faint)
	open   = style(picture.Bright)
	grace  = style(picture.Grace)
	sleep  = style(picture.Sleep)
	woken  = style(picture.Woken)
	banner = style(picture.Banner)
	fault  = style(picture.Fault)
	talk   = style(picture.Talk)
	inks   = style(picture.Inks)
)

// inkOf is the style that consists of an ink alone.
func inkOf(i picture.Ink) style { return style(i) }

// What may be added to an ink.
const (
	strong   style = 1 << 5  // bold
	inverted style = 1 << 6  // ink and ground changed places
	onBar    style = 1 << 7  // on the header's ground
	onCard   style = 1 << 8  // on a notification's ground
	onLate   style = 1 << 9  // on vermilion: a wake that came late or for no reason
	onPast   style = 1 << 10 // on blue: what was, and is not now
	onFail   style = 1 << 11 // on dark vermilion: where a scenario waited in vain
	styles   style = 1 << 12

	inkMask style = 1<<5 - 1
	grounds       = onBar | onCard | onLate | onPast | onFail
)

// The styles that stand for keys and titles.
const (
	keycap = open | strong
	title  = text | strong
)

func (s style) ink() style { return s & inkMask }

// plain reports whether a blank in this style looks like nothing.
func (s style) plain() bool { return s&(grounds|inverted) == 0 }

// A palette maps each style to a [lipgloss.Style] and to the escapes around text
// in it. Lip Gloss takes 5 µs to render a string; a frame has hundreds of runs,
// so the escapes are computed once.
type palette struct {
	mono            bool
	inks            [inks]lipgloss.Style
	bar, card, late color.Color
	past, fail      color.Color
	seq             [styles]escapes
}

// escapes are what is written before and after a run of text.
type escapes struct {
	on, off string
	known   bool
}

// The grounds. Of 16 colours none is quiet enough to read on.
var (
	barShade  = picture.Shade{Light: picture.Hue{ANSI256: "254", RGB: "#DDE3EA"}, Dark: picture.Hue{ANSI256: "235", RGB: "#1F2731"}}
	cardShade = picture.Shade{Light: picture.Hue{ANSI256: "255", RGB: "#EEF1F4"}, Dark: picture.Hue{ANSI256: "236", RGB: "#262D36"}}
	pastShade = picture.Shade{Light: picture.Hue{ANSI: "14", ANSI256: "153", RGB: "#B9DDF5"}, Dark: picture.Hue{ANSI: "4", ANSI256: "24", RGB: "#14476B"}}
	failShade = picture.Shade{Light: picture.Hue{ANSI256: "223", RGB: "#F9DFD3"}, Dark: picture.Hue{ANSI256: "52", RGB: "#3B1D14"}}
	lateShade = picture.Shade{Light: picture.Hue{ANSI: "9", ANSI256: "208", RGB: "#FF6A3D"}, Dark: picture.Hue{ANSI: "1", ANSI256: "166", RGB: "#C44400"}}
)

// newPalette makes the palette of a theme, "dark", "light", "mono", "contrast" or
// "contrast-light", for a terminal with the colours of profile.
func newPalette(theme string, profile colorprofile.Profile) *palette {
	p := &palette{mono: theme == "mono" || profile < colorprofile.ANSI}
	if p.mono {
		p.inks = monoInks()
		return p
	}
	pick, complete := lipgloss.LightDark(!strings.HasSuffix(theme, "light")), lipgloss.Complete(profile)
	colour := func(s picture.Shade) color.Color {
		of := func(light, dark string) color.Color { return pick(lipgloss.Color(light), lipgloss.Color(dark)) }
		l, d := s.Light, s.Dark
		return complete(of(l.ANSI, d.ANSI), of(l.ANSI256, d.ANSI256), of(l.RGB, d.RGB))
	}
	for ink := range inks {
		p.inks[ink] = lipgloss.NewStyle().Foreground(colour(picture.Ink(ink).Shade())).Bold(ink == fault)
	}
	p.inks[text] = lipgloss.NewStyle().Foreground(lipgloss.Color("")) // the terminal's own
	if strings.HasPrefix(theme, "contrast") {
		p.contrast()
	}
	p.bar, p.card, p.late, p.past, p.fail = colour(barShade), colour(cardShade), colour(lateShade), colour(pastShade), colour(failShade)
	return p
}

// contrast has nothing fainter than the terminal's own text, and what has a colour bold.
func (p *palette) contrast() {
	for ink := range p.inks {
		switch style(ink) {
		case text, dim, faint, sleep:
			p.inks[ink] = p.inks[text]
		default:
			p.inks[ink] = p.inks[ink].Bold(true)
		}
	}
}

// monoInks tell the inks apart by brightness alone.
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

// lip is a style in Lip Gloss's terms.
func (p *palette) lip(s style) lipgloss.Style {
	st := p.inks[s.ink()]
	if s&strong != 0 {
		st = st.Bold(true).Faint(false)
	}
	if s&inverted != 0 || p.mono && s&(onBar|onLate|onPast) != 0 {
		st = st.Reverse(true)
	}
	switch {
	case p.mono:
	case s&onPast != 0:
		st = st.Background(p.past)
	case s&onFail != 0:
		st = st.Background(p.fail)
	case s&onLate != 0:
		st = st.Background(p.late)
	case s&onCard != 0:
		st = st.Background(p.card)
	case s&onBar != 0:
		st = st.Background(p.bar)
	}
	return st
}

// escapes returns those of a style.
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

// glyphs choose between the two sets of glyphs: those that differ by meaning are
// asked for here. Every other glyph is turned into ASCII by its shape, with the
// table plain.
type glyphs struct{ ascii bool }

// of is the glyph of a sign.
func (g glyphs) of(s picture.Sign) string {
	if g.ascii {
		return s.ASCII()
	}
	return s.Glyph()
}

// state is the glyph of a state of the app in a lane, and its ink.
func (g glyphs) state(s event.Lifecycle) (glyph string, ink style) {
	look := picture.LookOf(s)
	if g.ascii {
		return look.ASCII, inkOf(look.Ink)
	}
	return look.Glyph, inkOf(look.Ink)
}

// awake is the glyph of a column in which the app was awake all the time.
func (g glyphs) awake() string {
	if g.ascii {
		return "!"
	}
	return "█"
}

// levels are the bars of a meter, the lowest first.
func (g glyphs) levels() [5]string {
	if g.ascii {
		return [5]string{"1", "2", "3", "5", "7"}
	}
	return [5]string{"▁", "▂", "▃", "▅", "▇"}
}

// plain replaces a glyph on an ASCII terminal, by its shape.
var plain = map[string]string{
	"─": "-", "━": "=", "═": "=", "╶": "-", "│": "|", "┃": "!", "┬": "+", "┴": "+",
	"╭": "+", "╮": "+", "╰": "+", "╯": "+",
	"█": "#", "▓": "+", "▒": "r", "░": ".", "▌": ">", "▏": "|", "▎": "|", "▍": "|", "▋": "#", "▊": "#", "▉": "#",
	"▁": "1", "▂": "2", "▃": "3", "▅": "5", "▇": "7",
	"◆": "N", "◇": "n", "╳": "x", "▲": "^", "▸": ">", "▶": ">", "◀": "<",
	"●": "*", "○": "o", "·": ".", "…": "~", "→": ">", "←": "<", "↑": "^", "↓": "v", "⇄": "=",
	"┊": ":", "┅": "~", "╌": "~", "▼": "v", "├": "|", "┤": "|", "┘": "+", "✓": "+", "✗": "x", "×": "x", "−": "-", "µ": "u", "¦": "|", "≤": "<",
	"┼": "+", "╪": "+", "╎": ":", "≠": "#", "▐": "#", "–": "-", "»": ">", "□": "o", "■": "#",
}

// A theme's name, as options and NO_COLOR choose it.
func themeOf(option string, noColour, isDark bool) string {
	switch {
	case option == "mono" || option == "" && noColour:
		return "mono"
	case option == "contrast" && !isDark:
		return "contrast-light"
	case option != "":
		return option
	case isDark:
		return "dark"
	}
	return "light"
}
