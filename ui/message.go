package ui

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// message is the view of one message, whole, and how far it came; or of the two that are
// marked.
type message struct {
	*ladder
}

func (g *message) bindings() []binding {
	return []binding{
		{id: "form", group: showGroup, modes: ladderMode | messageMode, Binding: bind("form", "v"), help: "a message pretty, raw as it was logged, or wrapped", foot: always, do: g.nextForm},
		{id: "copy message", group: sayGroup, modes: ladderMode | messageMode, Binding: bind("copy", "y"), help: "copy the message to the clipboard of the terminal", why: g.nothingToCopy, foot: always, do: g.copies},
		{id: "moment", group: moveGroup, modes: messageMode, Binding: bind("the moment", "enter"), help: "the moment of a message in the timeline", foot: always, do: g.moment},
	}
}

func (g *message) opened(situation) { g.scroll = 0 }

// view is what is shown.
func (g *message) view(s situation) messageView {
	return messageView{s.whole, g.ladder, g.pointedAt(s)}
}

func (g *message) position(s situation) (at *int, limit int) {
	r := g.place(s)
	if a, b := g.compared(); b != nil {
		v := compareView{s.whole, g.form, [2]*picture.Rung{a, b}}
		return &g.scroll, max(0, v.length(r)-v.places(r)[1].inset().h)
	}
	in := r.inset()
	return &g.scroll, g.view(s).beyond(in.w, in.h)
}

// place is beside the ladder, or over all.
func (g *message) place(s situation) rect {
	_, b := g.compared()
	if s.inLadder && b == nil {
		if p := g.places(s); p.message.w > 0 {
			return p.message
		}
	}
	return rect{0, s.top, s.w, s.bottom - s.top}
}

// compared are the two messages that are marked; b is nil without them.
func (d *ladder) compared() (a, b *picture.Rung) {
	if len(d.marks) < 2 {
		return nil, nil
	}
	a, b = d.history.rungs.At(d.marks[0]), d.history.rungs.At(d.marks[1])
	if a == nil || b == nil { // they are let go
		return nil, nil
	}
	return a, b
}

func (g *message) draw(c *canvas, s situation) {
	r := g.place(s)
	c.clear(r, text)
	if a, b := g.compared(); b != nil {
		compareView{s.whole, g.form, [2]*picture.Rung{a, b}}.draw(c, r, g.scroll)
		return
	}
	head := title
	if s.mode == messageMode {
		head = keycap
	}
	g.view(s).draw(c, r, g.scroll, head)
}

func (g *message) nextForm(situation) request {
	g.form = (g.form + 1) % allForms
	return tellReq{dim, "messages: " + g.form.String()}
}

func (g *message) nothingToCopy(s situation) string {
	r := g.pointedAt(s)
	return when(r == nil || !r.HasRaw(), "no message whose text is known is selected")
}

func (g *message) copies(s situation) request {
	r := g.pointedAt(s)
	return copyReq(r.Raw, r.Title)
}

// moment leads back to the timeline, where the message is.
func (g *message) moment(s situation) request {
	r := g.pointedAt(s)
	if r == nil {
		return tellReq{dim, "there is no message"}
	}
	return momentReq(r.At)
}

// A messageView is what is drawn of a message.
type messageView struct {
	scene
	*ladder
	rung *picture.Rung // nil: there is none
}

// beyond is how far it can be scrolled in an area.
func (v messageView) beyond(w, h int) int { return max(0, len(v.lines(w))-(h-len(v.foot()))) }

// draw draws the message without its first lines.
func (v messageView) draw(c *canvas, r rect, from int, head style) {
	if v.rung == nil {
		box(c, r, "message", "", head, faint)
		return
	}
	box(c, r, v.name(), v.stamp(v.rung.At), head, faint)
	in := area{c, r.inset()}
	foot := v.foot()
	foot = foot[:min(len(foot), max(0, in.h-1))]
	body := area{c, rect{in.x, in.y, in.w, in.h - len(foot)}}
	lines := v.lines(in.w)
	for i := 0; i < body.h && from+i < len(lines); i++ {
		drawMessageLine(body.line(i), lines[from+i])
	}
	for i, draw := range foot {
		draw(in.line(in.h - len(foot) + i))
	}
}

// name is the message, and which way it went.
func (v messageView) name() string {
	g := v.rung
	switch {
	case g.Kind == picture.RungFar:
		if g.To == picture.Far {
			return g.Title + " ▶ " + middle(event.Printable(g.Far.Who), 16)
		}
		return g.Title + " ◀ " + middle(event.Printable(g.Far.Who), 16)
	case g.Lost():
		return middle(event.Printable(g.Message.Method), 24) + " ╳ lost on the way"
	case !g.Crosses():
		return middle(g.Title, 24)
	case g.Out():
		return middle(g.Title, 24) + " ▶ server"
	}
	return middle(g.Title, 24) + " ◀ server"
}

// lines are those of the message; of what is none, what is known of it.
func (v messageView) lines(w int) []messageLine {
	g := v.rung
	switch {
	case g == nil:
		return nil
	case g.Kind == picture.RungPing:
		return []messageLine{{kind: 'b', text: strings.TrimSpace("a keepalive (RFC 5626 §3.5.1) " + g.Note)}}
	case g.HasRaw():
		return v.form.lines(g.Raw, w)
	case g.Kind == picture.RungMessage || g.Kind == picture.RungFar:
		return []messageLine{{kind: 'b', text: "the text of this message was not recorded"}}
	}
	var lines []messageLine
	for _, words := range []string{g.Title, g.Note} {
		for _, s := range wrap(event.Printable(words), max(1, w)) {
			lines = append(lines, messageLine{kind: 'b', text: s})
		}
	}
	return lines
}
