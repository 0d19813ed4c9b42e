package ui

// confirm asks before something is done that cannot be undone.
type confirm struct{ askReq }

func (a *confirm) bindings() []binding {
	return []binding{
		{id: "yes", group: overlayGroup, modes: confirmMode, Binding: bind("yes", "y", "enter"), foot: always, do: a.agree},
		{id: "no", group: overlayGroup, modes: confirmMode, Binding: bind("no", "n", "q"), foot: always, do: goesBack},
	}
}

func (a *confirm) agree(situation) request { return closeReq{sayReq(a.yes)} }

func (a *confirm) draw(c *canvas, s situation) {
	p := s.overlay(c, "sure?", "esc", 40, 5)
	p.line(0).put(strong, a.question)
	p.line(2).put(keycap, "y").put(dim, " yes   ").put(keycap, "n").put(dim, " no")
}
