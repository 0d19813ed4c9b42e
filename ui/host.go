package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// labHost is the screen of a lab that has no phone beside it: the panel of the lab, and below it
// what happens.
type labHost struct{ panel *labPanel }

func (h *labHost) bindings() []binding {
	return []binding{
		{id: "next phone", group: moveGroup, modes: hostMode, Binding: bind("phone", "tab"), help: "the next of the phones that are registered", why: h.single, foot: always, do: h.nextPhone},
		{id: "end lab", group: leaveGroup, modes: hostMode, Binding: bind("end", "q"), help: "end the lab (asks while somebody is registered)", foot: always, do: h.leave},
	}
}

// bounds are the phones that are registered.
func (h *labHost) bounds() []event.Bound { return h.panel.history.lab.Bounds }

func (h *labHost) single(situation) string {
	return when(len(h.bounds()) < 2, "there is no other phone")
}

func (h *labHost) nextPhone(situation) request {
	n := len(h.bounds())
	h.panel.phone = (min(h.panel.phone, n-1) + 1) % n
	return nil
}

// leave ends the lab; it asks first where that ends somebody's registration.
func (h *labHost) leave(situation) request {
	if n := len(h.bounds()); n > 0 {
		return askReq{"End the lab? It is the server of " + words.Count(n, "phone") + ".", "quit", h.leave}
	}
	return sayReq("quit")
}

func (h *labHost) back(s situation) request { return h.leave(s) }

func (*labHost) move(situation, int) {}

func (*labHost) follow() {}

func (*labHost) progress() *tea.ProgressBar { return nil }

// header is the first line: where the lab listens, who is registered, what time it is.
//
//	▌lab  ● serves 127.0.0.1:5070   2 phones   4 robots                         14:32:08
func (h *labHost) header(c *canvas, s situation) {
	r := rect{0, 0, s.w, 1}
	c.clear(r, onBar)
	l := area{c, r}.line(0)
	lab := &h.panel.history.lab
	l.put(open|onBar, "▌").put(keycap|onBar, "lab").gap(2)
	if !h.panel.clock.IsZero() {
		l.right(onBar, " ").right(text|strong|onBar, s.clockOf(h.panel.clock)).right(onBar, "  ")
	}
	if lab.Serving == "" {
		l.put(fault|strong|onBar, "● stopped").gap(3)
	} else {
		l.put(talk|onBar, "● ").put(text|onBar, "serves ").put(strong|onBar, event.Printable(lab.Serving)).gap(3)
	}
	l.whole(text|onBar, words.Count(len(lab.Bounds), "phone")).gap(3)
	l.whole(dim|onBar, words.Count(len(lab.Robots), "robot")).gap(3)
	if n := len(lab.Faults); n > 0 {
		l.whole(woken|onBar, words.Count(n, "misbehaviour")+" on")
	}
}

// hostBox is the place of the panel: the upper part.
func hostBox(s situation) rect {
	h := s.bottom - s.top
	return rect{0, s.top, s.w, max(min(h, labRows), min(24, h*3/5))}
}

// draw is the panel, and below it the newest events.
func (h *labHost) draw(c *canvas, s situation) {
	h.panel.draw(c, s)
	top := hostBox(s)
	r := rect{0, top.y + top.h, s.w, s.bottom - top.y - top.h}
	if r.h < 3 {
		return
	}
	box(c, r, "what happens", h.doors(r.w-20), title, faint)
	p := area{c, r.inset()}
	first := max(0, len(s.events)-p.h)
	for i, e := range s.events[first:] {
		at, rest, _ := strings.Cut(event.Line(e), " ")
		p.line(i).put(dim, at).put(text, " "+rest)
	}
	if len(s.events) == 0 {
		p.line(0).put(dim, "nothing yet")
	}
}

// doors are where the lab listens, if they fit.
func (h *labHost) doors(w int) string {
	if h.panel.help == nil {
		return ""
	}
	doors := strings.Join(h.panel.help.Doors, " · ")
	return unless(len(doors) > w, doors)
}
