package report

import "github.com/sleeptalk/sleeptalk/phone/picture"

// A theme is the colour scheme of the drawings, for a light or a dark ground.
type theme struct {
	name string
	dark bool
}

var themes = []theme{{name: "light"}, {name: "dark", dark: true}}

// of returns the colour of an ink.
func (t theme) of(i picture.Ink) string {
	s := i.Shade()
	if t.dark {
		return s.Dark.RGB
	}
	return s.Light.RGB
}

// inkNames are the names of the inks in report.css.
var inkNames = map[picture.Ink]string{
	picture.Text: "text", picture.Dim: "dim", picture.Rule: "faint", picture.Ground: "ground",
	picture.Bright: "open", picture.Grace: "grace", picture.Sleep: "sleep", picture.Woken: "woken",
	picture.Banner: "banner", picture.Fault: "fault", picture.Talk: "talk",
}
