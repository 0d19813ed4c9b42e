package picture

import "cmp"

// An Ink is what a colour means. Drawings name meanings, never colours.
type Ink int

// The inks.
const (
	Text   Ink = iota // what is read
	Dim               // labels
	Faint             // rules and borders that are written in characters
	Rule              // rules and borders that are drawn as lines
	Ground            // what is drawn on
	Bright            // the app runs and the user sees it; also: keys
	Grace             // it still runs in the background
	Sleep             // no code of it runs
	Woken             // it runs in the background because the system woke it
	Banner            // the stand-in for a notification
	Fault             // lost, refused, killed
	Talk              // calls, audio, whatever went well
	Inks
)

// A Hue is a colour in the three forms in which terminals know colours: one
// of 16, one of 256, or as #rrggbb. An empty form is the terminal's own.
type Hue struct{ ANSI, ANSI256, RGB string }

// A Shade is a hue for a light ground and one for a dark ground.
type Shade struct{ Light, Dark Hue }

// Shades are the colours of Okabe and Ito, which people with any kind of
// colour vision tell apart: darkened for a light ground, lightened for a dark
// one. report.css has the same; a test compares them.
var shades = [Inks]Shade{
	Text:   {Light: Hue{RGB: "#1F2328"}, Dark: Hue{RGB: "#E6EDF3"}},
	Ground: {Light: Hue{RGB: "#FFFFFF"}, Dark: Hue{RGB: "#12161C"}},
	Rule:   {Light: Hue{RGB: "#D0D7DE"}, Dark: Hue{RGB: "#2D343D"}},
	Dim:    {Light: Hue{"8", "241", "#57606A"}, Dark: Hue{"7", "246", "#8B949E"}},
	Faint:  {Light: Hue{"7", "246", "#8A8F98"}, Dark: Hue{"8", "240", "#4D5560"}},
	Bright: {Light: Hue{"4", "25", "#0072B2"}, Dark: Hue{"12", "74", "#56B4E9"}},
	Grace:  {Light: Hue{"6", "24", "#005A8C"}, Dark: Hue{"4", "67", "#3F7FB0"}},
	Sleep:  {Light: Hue{"8", "246", "#8A8F98"}, Dark: Hue{"8", "240", "#4D5560"}},
	Woken:  {Light: Hue{"3", "130", "#B37400"}, Dark: Hue{"11", "214", "#F0B429"}},
	Banner: {Light: Hue{"5", "132", "#A8447F"}, Dark: Hue{"13", "175", "#E08BC0"}},
	Fault:  {Light: Hue{"1", "166", "#C44400"}, Dark: Hue{"9", "203", "#FF6A3D"}},
	Talk:   {Light: Hue{"2", "29", "#00795A"}, Dark: Hue{"10", "43", "#2BC49A"}},
}

// Shade is how the ink looks on either ground.
func (i Ink) Shade() Shade { return shades[i] }

// readings are the colours of text in inks that are too faint, or too bright, to be read on
// either ground: 4.5:1 at least, on a shaded part too (WCAG 2.2, 1.4.3).
var readings = [Inks]Shade{
	Bright: {Light: Hue{RGB: "#006DAA"}},
	Talk:   {Light: Hue{RGB: "#007758"}},
	Faint:  {Light: Hue{RGB: "#57606A"}, Dark: Hue{RGB: "#8B949E"}},
	Sleep:  {Light: Hue{RGB: "#57606A"}, Dark: Hue{RGB: "#8B949E"}},
	Grace:  {Dark: Hue{RGB: "#6FA8D6"}},
	Woken:  {Light: Hue{RGB: "#8C5A00"}},
	Fault:  {Light: Hue{RGB: "#B83E00"}},
}

// Reading is the ink for text, where there are all colours: its hue, and dark or bright
// enough.
func (i Ink) Reading() Shade {
	s := shades[i]
	s.Light.RGB = cmp.Or(readings[i].Light.RGB, s.Light.RGB)
	s.Dark.RGB = cmp.Or(readings[i].Dark.RGB, s.Dark.RGB)
	return s
}
