package ui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// prompt is the command line, with what it may become above it.
type prompt struct {
	input   textinput.Model
	past    past
	history []string
}

func (p *prompt) bindings() []binding {
	return []binding{
		{id: "command", group: sayGroup, modes: screenModes | hostMode, Binding: bind("command", ":"), help: "type any command; tab completes", foot: either(onMain, onBase(hostMode)), do: opens(promptMode)},
		{id: "do it", group: overlayGroup, modes: promptMode, Binding: bind("do it", "enter"), foot: always, do: p.submit},
		{id: "complete", group: overlayGroup, modes: promptMode, Binding: bind("complete", "tab"), foot: always, do: p.complete},
		{id: "older line", group: overlayGroup, modes: promptMode, Binding: bind("earlier", "up"), foot: always, do: p.recall(-1)},
		{id: "newer line", group: overlayGroup, modes: promptMode, Binding: bind("later", "down"), foot: always, do: p.recall(+1)},
	}
}

func (p *prompt) opened(s situation) {
	names := make([]string, len(s.verbs))
	for i, v := range s.verbs {
		names[i] = v.Name
	}
	p.input, p.past = newInput("", names, p.room(s.scene)), past{}
}

func (p *prompt) line() *textinput.Model { return &p.input }

func (*prompt) room(s scene) int { return wholeLine(s) }

// complete takes the suggestion.
func (p *prompt) complete(situation) request {
	return workReq{Cmd: typeKey(&p.input, tea.KeyPressMsg{Code: tea.KeyTab})}
}

func (p *prompt) submit(situation) request {
	line := strings.TrimSpace(p.input.Value())
	if line == "" {
		return closeReq{}
	}
	p.history = append(p.history, line)
	return closeReq{sayReq(line)}
}

func (p *prompt) recall(step int) func(situation) request {
	return func(situation) request {
		p.past.recall(&p.input, p.history, step)
		return nil
	}
}

// completions are the verbs that what is typed may become.
func (p *prompt) completions(verbs []VerbHelp) []VerbHelp {
	typed := p.input.Value()
	var found []VerbHelp
	for _, v := range verbs {
		if strings.HasPrefix(v.Name, typed) || strings.HasPrefix(typed, v.Name+" ") {
			found = append(found, v)
		}
	}
	return found
}

func (p *prompt) draw(c *canvas, s situation) {
	found, chosen := p.completions(s.verbs), suggestion(&p.input)
	n := min(len(found), s.h-4, 8)
	for i := range n {
		y := s.h - 1 - n + i
		c.clear(rect{0, y, s.w, 1}, onCard)
		if found[i].Name == chosen {
			c.put(0, y, s.w, "▌", open|onCard)
		}
		l := area{c, rect{1, y, s.w - 2, 1}}.line(0)
		l.put(keycap|onCard, found[i].Name).put(onCard, " "+found[i].Args).at(28).put(dim|onCard, " "+found[i].Help)
	}
	c.clear(rect{0, s.h - 1, s.w, 1}, text)
	drawInput(area{c, rect{1, s.h - 1, s.w - 2, 1}}.line(0).put(keycap, s.keyOf("command")+" "), &p.input, text)
}
