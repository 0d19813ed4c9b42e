package ui

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// laneNetwork draws the network that the handset uses, and what is broken, with
// a word wherever that begins:
//
//	══════════nat drop~~~~~════cell~~~~~~────offline     cell──loss~~~~~~
func (v timelineView) laneNetwork(p area, w window) {
	words := make([]string, w.cols)
	inks := make([]style, w.cols)
	for col, c := range columns(&v.line.Joined, w, v.now) {
		network := c.held
		if n := len(c.began); n > 0 {
			network = c.began[n-1]
			words[col], inks[col] = string(network), text
		}
		glyph, ink := joinedGlyph(network)
		p.c.fill(p.x+col, p.y, 1, glyph, ink)
	}
	for col, c := range columns(&v.line.Cut, w, v.now) {
		if c.held == "" && len(c.began) == 0 {
			continue
		}
		p.c.fill(p.x+col, p.y, 1, cutGlyph, fault)
		if len(c.began) > 0 {
			v.put(p, col, picture.Lost)
		}
		if len(c.began) > 0 && words[col] == "" {
			words[col], inks[col] = "╳ "+picture.CutWord(v.line.Cut.Began(w.start(col), w.start(col+1))[0].Label), fault
		}
	}
	for col, c := range columns(&v.line.Broken, w, v.now) {
		broken := c.held != "" && c.held != picture.NATSetting || len(c.began) > 0 && c.began[0] != picture.NATSetting
		if !broken && len(c.began) == 0 {
			continue
		}
		if at := p.c.at(p.x+col, p.y); broken && at != " " && at != cutGlyph && at != picture.Lost.Glyph() { // an offline handset has nothing to break
			p.c.fill(p.x+col, p.y, 1, "~", fault)
		}
		if len(c.began) > 0 && words[col] == "" {
			words[col], inks[col] = string(c.began[0]), fault
			if c.began[0] == picture.NATSetting {
				inks[col] = dim
			}
		}
	}
	putWords(p, words, inks)
}

// cutGlyph is drawn where the network knows no way to the phone any more.
const cutGlyph = "╌"

func joinedGlyph(n picture.NetworkName) (glyph string, ink style) {
	switch n {
	case "cell":
		return "─", dim
	case "offline":
		return " ", fault
	}
	return "═", dim
}

// putWords names what begins in each column, where there is room for it.
func putWords(p area, words []string, inks []style) {
	free := 0
	for col, word := range words {
		if word == "" || col < free || col+ansi.StringWidth(word) > len(words) {
			continue
		}
		free = p.c.put(p.x+col, p.y, p.x+len(words), word, inks[col]) - p.x + 1
	}
}
