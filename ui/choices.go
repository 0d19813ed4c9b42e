package ui

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Where the value of a choice and what it says stand; a window with less than
// choiceTable columns has the latter in lines of their own.
const (
	choiceValue = 22
	choiceAbout = 30
	choiceTable = 60
)

// choices lists the settings of the device that no source settles.
type choices struct{ at int }

func (h *choices) bindings() []binding {
	return []binding{
		{id: "choices", group: viewGroup, modes: mainMode | runMode, Binding: bind("choices", ","), help: "the numbers that no source settles, as chosen", why: noChoices, do: opens(choicesMode), shown: []panel{devicePanel}},
		{id: "seen", group: overlayGroup, modes: choicesMode, Binding: bind("close", ",", "q", "enter"), do: goesBack},
	}
}

func noChoices(s situation) string {
	return when(len(s.fold.Start.Choices) == 0, "the log names no number that the emulator has chosen")
}

func (h *choices) opened(situation) { h.at = 0 }

func (h *choices) position(s situation) (at *int, limit int) {
	return &h.at, s.beyond(len(choiceLines(s.scene)))
}

// A choiceLine is a line of the list of choices.
type choiceLine struct {
	ink               style
	key, value, about string
}

// choiceLines are the settings of the device that no source settles, with
// their values, as wide as there is room for.
func choiceLines(s scene) []choiceLine {
	w := min(explainWidth, s.w) - 4
	head := event.Printable(s.fold.Start.Profile) + ", emulated: what no source settles, and how this emulator has chosen. Change one with --set KEY=VALUE."
	var lines []choiceLine
	for _, line := range wrap(head, w) {
		lines = append(lines, choiceLine{ink: dim, key: line})
	}
	lines = append(lines, choiceLine{})
	for i := range s.fold.Start.Choices {
		lines = append(lines, linesOfChoice(&s.fold.Start.Choices[i], w)...)
	}
	return lines
}

func linesOfChoice(c *event.Choice, w int) []choiceLine {
	ink, words := text, event.Printable(c.About)
	if c.Yours {
		ink, words = woken, "set by you; "+words
	}
	lines := []choiceLine{{ink: ink, key: event.Printable(c.Key), value: event.Printable(c.Value)}}
	if w < choiceTable {
		for _, line := range wrap(words, w-2) {
			lines = append(lines, choiceLine{ink: dim, key: "  " + line})
		}
		return lines
	}
	for i, line := range wrap(words, w-choiceAbout) {
		if i == 0 {
			lines[0].about = line
		} else {
			lines = append(lines, choiceLine{about: line})
		}
	}
	return lines
}

// draw lists what the emulator has chosen.
//
//	╭─ the emulator's own choices ────────────────────────────── esc ╮
//	│ ios-voip-socket, emulated: what no source settles, and how …   │
//	│                                                                │
//	│ rearm                 on      data during a wake gives a whole │
//	│                               window again; …                  │
func (h *choices) draw(c *canvas, s situation) {
	lines := choiceLines(s.scene)
	p := s.overlay(c, "the emulator's own choices", "esc", explainWidth, len(lines)+2)
	for i, line := range lines[min(h.at, len(lines)):] {
		l := p.line(i).put(line.ink, line.key)
		if line.value != "" {
			l.at(choiceValue).put(line.ink|strong, " "+line.value)
		}
		if line.about != "" {
			l.at(choiceAbout).put(dim, line.about)
		}
	}
}
