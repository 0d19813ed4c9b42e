package ui

// A pane is one of the six numbered panels, as it is to be drawn: a value that
// sees the scene and what is selected in it.
type pane interface {
	name() string
	note(w int) string // in the border, which has w columns for it
	draw(p area)
	gist(l *pen) // in a few words, where the panel is folded
}

// A stance is what a panel must know of its place on the screen.
type stance struct {
	focused, zoomed bool
	hints           []hint // the keys that it names, as long as they are of use
}
