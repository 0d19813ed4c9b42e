package ui

// confirm asks before something is done that cannot be undone.
type confirm struct{ askReq }

func (a *confirm) bindings() []binding {
	return []binding{
		{id: "yes", group: phoneGroup, modes: confirmMode, Binding: bind("yes", "y", "enter"), foot: always, do: a.agree},
		{id: "no", group: overlayGroup, modes: confirmMode, Binding: bind("no", "n", "q"), foot: always, do: goesBack},
	}
}

// agree does what was asked, if that is still the question: calls come and go meanwhile.
func (a *confirm) agree(s situation) request {
	switch now := a.again(s).(type) {
	case askReq:
		if now.question == a.question {
			return closeReq{sayReq(a.yes)}
		}
		a.askReq = now
		return tellReq{woken, "nothing was done: the question is another now"}
	case sayReq: // it need no longer be asked
		return closeReq{now}
	}
	return closeReq{tellReq{woken, "nothing was done: it can no longer be"}}
}

func (a *confirm) draw(c *canvas, s situation) {
	const width = 44
	lines := wrap(a.question, min(width, s.w)-4)
	p := s.overlay(c, "sure?", s.keyOf("esc"), width, len(lines)+4)
	for i, line := range lines {
		p.line(i).put(strong, line)
	}
	p.line(p.h-1).put(keycap, s.keyOf("yes")).put(dim, " yes   ").put(keycap, s.keyOf("no")).put(dim, " no")
}
