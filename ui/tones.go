package ui

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// tones is the keypad, for the call that the user talked in when it was opened.
type tones struct {
	call int
	name string
	sent string // as the log has it: a tone that was refused was not sent
}

func (t *tones) bindings() []binding {
	return []binding{
		{id: "tone", group: phoneGroup, modes: tonesMode, Binding: bind("send", strings.Split("0123456789*#ABCD", "")...), why: t.over, foot: always, do: t.send},
	}
}

func (t *tones) opened(s situation) {
	*t = tones{}
	if c := s.phone.talking(); c != nil {
		t.call, t.name = c.ID, s.phone.name(c)
	}
}

// over says why no tone can be sent: what is sent goes to the call that the user talks in,
// which may be another by now.
func (t *tones) over(s situation) string {
	c := s.talking()
	return when(c == nil || c.ID != t.call, "nobody talks in the call with "+t.name+" any more")
}

func (t *tones) send(s situation) request { return sayReq("dtmf " + s.key) }

// take notes a tone that was sent.
func (t *tones) take(r event.Record, f *event.Fold) {
	if e, ok := r.Event.(event.DTMF); ok && e.Out && r.Phone == f.Phone {
		t.sent = event.Brief(t.sent+event.Printable(e.Digit), maxTyped)
	}
}

func (t *tones) draw(c *canvas, s situation) {
	p := s.overlay(c, "tones to "+t.name, s.keyOf("esc"), 34, 9)
	for i, line := range []string{"1     2     3", "4     5     6", "7     8     9", "*     0     #"} {
		centre(p.line(i+1), strong, line)
	}
	sent := t.sent
	if n := p.w - 5; len(sent) > n {
		sent = sent[len(sent)-n:]
	}
	p.line(6).put(dim, "sent ").put(talk, sent)
}
