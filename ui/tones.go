package ui

import "strings"

// tones is the keypad.
type tones struct{ sent string }

func (t *tones) bindings() []binding {
	return []binding{
		{id: "tone", group: overlayGroup, modes: tonesMode, Binding: bind("send", strings.Split("0123456789*#ABCD", "")...), foot: always, do: t.send},
	}
}

func (t *tones) opened(situation) { t.sent = "" }

func (t *tones) send(s situation) request {
	t.sent += s.key
	return sayReq("dtmf " + s.key)
}

func (t *tones) draw(c *canvas, s situation) {
	p := s.overlay(c, "tones", "esc", 34, 9)
	for i, line := range []string{"1     2     3", "4     5     6", "7     8     9", "*     0     #"} {
		centre(p.line(i+1), strong, line)
	}
	sent := t.sent
	if n := p.w - 5; len(sent) > n {
		sent = sent[len(sent)-n:]
	}
	p.line(6).put(dim, "sent ").put(talk, sent)
}
