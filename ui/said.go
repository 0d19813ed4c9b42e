package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// said lists what was said to the phone and to the lab, by keys, at the prompt or from a file,
// with what came of it.
type said struct {
	commands *commands
	at       int
}

func (p *said) bindings() []binding {
	return []binding{
		{id: "said", group: sayGroup, modes: mainMode | runMode | hostMode, Binding: bind("what was said", "Y"), help: "what was said so far, and what came of it; y copies it as a scenario", why: p.none, do: opens(saidMode)},
		{id: "copy all", group: sayGroup, modes: saidMode, Binding: bind("copy as a scenario", "y"), foot: always, do: p.copyAll},
		{id: "said enough", group: overlayGroup, modes: saidMode, Binding: bind("close", "Y", "q", "enter"), do: goesBack},
	}
}

func (p *said) none(s situation) string { return p.commands.none(s) }

// opened shows the newest.
func (p *said) opened(s situation) { _, p.at = p.position(s) }

func (p *said) position(s situation) (at *int, limit int) {
	return &p.at, s.beyond(len(p.commands.log.list))
}

// copyAll gives the terminal the lines of a scenario for its clipboard (OSC 52). What was refused
// is a remark in it.
func (p *said) copyAll(s situation) request {
	v := p.commands.view(s.scene)
	var lines []string
	for i := range v.list {
		c := &v.list[i]
		line := clean.Line(v.words(c))
		if c.failed != "" {
			line = "# refused: " + line
		}
		lines = append(lines, line)
	}
	return workReq{Cmd: tea.SetClipboard(strings.Join(lines, "\n") + "\n"), meanwhile: "copied as a scenario"}
}

// draw lists the commands, the newest last.
//
//	╭─ what was said ─────────────────────────────────── esc ─╮
//	│ 14:32:04.812  background                           key  │
//	│ 14:32:06.911  ╳ bob: hang up   bob has no call     key  │
func (p *said) draw(c *canvas, s situation) {
	v := p.commands.view(s.scene)
	in := s.overlay(c, "what was said", s.keyOf("esc"), settingsWidth, len(v.list)+2)
	for i := range in.h {
		if at := p.at + i; at < len(v.list) {
			v.saidRow(in.line(i), &v.list[at])
		}
	}
}

func (v commandsView) saidRow(l *pen, c *command) {
	l.put(dim, c.wall.In(v.place).Format("15:04:05.000")).gap(2)
	l.right(dim, " "+v.by(c))
	if c.failed == "" {
		l.middle(strong, event.Printable(v.words(c)))
		return
	}
	l.put(fault, "╳ ").put(strong, event.Printable(v.words(c))).gap(2).put(dim, event.Printable(c.failed))
}
