package report

import (
	"math"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

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

// reading returns the colour of text in an ink.
func (t theme) reading(i picture.Ink) string {
	s := i.Reading()
	if t.dark {
		return s.Dark.RGB
	}
	return s.Light.RGB
}

// on returns the colour of text on a fill: that of the ground, or of text, or black, or white.
func (t theme) on(fill picture.Ink) string {
	best, ratio := "", 0.0
	for _, c := range []string{t.of(picture.Ground), t.of(picture.Text), "#000000", "#FFFFFF"} {
		r := contrast(c, t.of(fill))
		if r >= readable {
			return c
		}
		if r > ratio {
			best, ratio = c, r
		}
	}
	return best
}

// readable is the least contrast of text: WCAG 2.2, 1.4.3.
const readable = 4.5

// contrast is how much two colours differ, from 1 to 21: WCAG 2.2, contrast ratio.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is that of a colour #RRGGBB: WCAG 2.2, relative luminance.
func luminance(rgb string) float64 {
	n, err := strconv.ParseUint(rgb[1:], 16, 32)
	if err != nil {
		panic("colour " + rgb + ": " + err.Error())
	}
	sum := 0.0
	for i, weight := range [...]float64{0.0722, 0.7152, 0.2126} {
		c := float64(n>>(8*i)&0xFF) / 0xFF
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// inkNames are the names of the inks in report.css.
var inkNames = map[picture.Ink]string{
	picture.Text: "text", picture.Dim: "dim", picture.Rule: "faint", picture.Ground: "ground",
	picture.Bright: "open", picture.Grace: "grace", picture.Sleep: "sleep", picture.Woken: "woken",
	picture.Banner: "banner", picture.Fault: "fault", picture.Talk: "talk",
}
