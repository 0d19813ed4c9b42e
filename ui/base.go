package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// A base is what is under everything else on a screen that shows no phone: the table of a
// survey. It has the keys while nothing is open above it.
type base interface {
	bindings() []binding
	header(c *canvas, s situation)
	draw(c *canvas, s situation)
	// move goes so many lines down, follow to where things happen.
	move(s situation, step int)
	follow()
	// back leads out.
	back(s situation) request
	// progress is how much of its work is over; nil: all of it is.
	progress() *tea.ProgressBar
}

// bases are all that there are. One is added here, with its mode.
type bases struct {
	survey survey
	host   labHost
}

func newBases(lab *labPanel) bases {
	return bases{survey: survey{cursor: noLine, by: unsorted}, host: labHost{panel: lab}}
}

func (g *bases) bindings() []binding {
	return slices.Concat(g.survey.bindings(), g.host.bindings())
}

// of is the base of a mode; nil: a phone or a run is shown.
func (g *bases) of(md mode) base {
	switch md {
	case surveyMode:
		return &g.survey
	case hostMode:
		return &g.host
	}
	return nil
}

// listed reports whether a key belongs into the help of a screen: those of another base
// do not.
func (b *binding) listed(base mode) bool {
	return b.in()&base != 0 || base&baseModes == 0 && b.in()&^baseModes != 0
}
