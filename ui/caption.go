package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Narrate is the plainest caption: what was commanded, and what was checked.
func Narrate(r event.Record) (words string, panel int) {
	switch e := r.Event.(type) {
	case event.Verb:
		return r.Phone + ": " + e.Line, int(panelOf(e.Line))
	case event.Check:
		mark := "✓ "
		if !e.OK {
			mark = "✗ "
		}
		return strings.TrimSpace(mark + e.Name + "  " + e.Detail), int(noPanel)
	}
	return "", int(noPanel)
}

// A caption is the line of a tour.
type caption struct {
	of    func(event.Record) (words string, panel int) // nil: there is no tour
	words string
	about panel
}

// take gives the words to a record; those without words keep the last.
func (t *caption) take(r event.Record) {
	if t.of == nil {
		return
	}
	if words, p := t.of(r); words != "" {
		t.words, t.about = words, panel(max(0, min(int(panels)-1, p)))
	}
}

// end ends the tour.
func (t *caption) end() { *t = caption{} }

func (t *caption) draw(c *canvas, s scene) {
	if t.words == "" {
		return
	}
	r := rect{0, s.h - 2, s.w, 1}
	c.clear(r, onCard)
	l := area{c, r}.line(0)
	words, hint := strings.TrimSpace(t.words), "  "+s.keyOf("esc")+" ends the tour "
	l.put(open|onCard, "▌")
	if ansi.StringWidth(words+hint) <= l.left() {
		l.right(dim|onCard, hint)
	}
	l.put(strong|onCard, words)
}

// panelOf is the panel in which a verb's effect is seen.
func panelOf(line string) panel {
	verb, _, _ := strings.Cut(line, " ")
	switch verb {
	case "background", "foreground", "open", "lock", "unlock", "kill", "crash", "reboot":
		return devicePanel
	case "clock":
		return timelinePanel
	case "call", "answer", "decline", "hang", "hangup", "dtmf", "mute", "unmute", "hold", "resume", "speak":
		return callPanel
	case "register", "unregister":
		return timersPanel
	}
	return noPanel
}
