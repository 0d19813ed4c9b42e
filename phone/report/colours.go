package report

import "github.com/sleeptalk/sleeptalk/phone/picture"

// A theme is the ground that drawings are made for.
type theme struct {
	name string
	dark bool
}

var themes = []theme{{name: "light"}, {name: "dark", dark: true}}

// of is the colour of an ink.
func (t theme) of(i picture.Ink) string {
	s := i.Shade()
	if t.dark {
		return s.Dark.RGB
	}
	return s.Light.RGB
}

// inkNames are the inks as report.css calls them; it has no characters to make
// rules of.
var inkNames = map[picture.Ink]string{
	picture.Text: "text", picture.Dim: "dim", picture.Rule: "faint", picture.Ground: "ground",
	picture.Bright: "open", picture.Grace: "grace", picture.Sleep: "sleep", picture.Woken: "woken",
	picture.Banner: "banner", picture.Fault: "fault", picture.Talk: "talk",
}
