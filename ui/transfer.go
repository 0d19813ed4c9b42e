package ui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// transferLine asks to whom a call is handed over.
//
//	╭─ transfer Bob ─────────────────────── esc ─╮
//	│ to carol                                   │
//	│    a name, or sip:somebody@somewhere       │
type transferLine struct {
	input textinput.Model
	call  event.CallRow // as it was when the line was opened
}

func (t *transferLine) bindings() []binding {
	return []binding{
		{id: "transfer it", group: phoneGroup, modes: transferMode, Binding: bind("transfer", "enter"), foot: always, do: t.submit},
	}
}

func (t *transferLine) opened(s situation) {
	t.input = newInput("", nil, t.room(s.scene))
	if c := s.phone.current(); c != nil {
		t.call = *c
	}
}

func (t *transferLine) line() *textinput.Model { return &t.input }

func (t *transferLine) room(s scene) int { return dialRoom(s) }

// submit hands the call over, if it is still there.
func (t *transferLine) submit(s situation) request {
	who := strings.TrimSpace(t.input.Value())
	c := callOf(s.fold, t.call.ID)
	switch {
	case who == "":
		return closeReq{tellReq{dim, "nobody was named: the call goes on"}}
	case c == nil || c.Ended != 0:
		return closeReq{tellReq{woken, "the call with " + s.name(&t.call) + " is over"}}
	case len(s.fold.Calls) > 1:
		return closeReq{sayReq(s.numbered("transfer "+who+" of", c))}
	}
	return closeReq{sayReq("transfer " + who)}
}

func (t *transferLine) draw(c *canvas, s situation) {
	p := s.overlay(c, "transfer "+s.name(&t.call), s.keyOf("esc"), dialWidth, 5)
	drawInput(p.line(0).put(dim, "to "), &t.input, strong)
	p.line(1).put(dim, "   a name, or sip:somebody@somewhere")
	p.line(p.h-1).put(keycap, s.keyOf("transfer it")).put(dim, " transfer")
}
