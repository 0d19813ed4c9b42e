package ui

import (
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Where the value of a choice and what it says stand; a window with less than
// choiceTable columns has the latter in lines of their own.
const (
	choiceValue = 22
	choiceAbout = 30
	choiceTable = 60
)

func noChoices(m *model) string {
	return when(len(m.fold.Start.Choices) == 0, "the log names no number that the emulator has chosen")
}

// A choiceLine is a line of the list of choices.
type choiceLine struct {
	ink               style
	key, value, about string
}

// choiceLines are the settings of the device that no source settles, with
// their values, in lines of at most w columns.
func (m *model) choiceLines(w int) []choiceLine {
	head := event.Printable(m.fold.Start.Profile) + ", emulated: what no source settles, and how this emulator has chosen. Change one with --set KEY=VALUE."
	var lines []choiceLine
	for _, line := range wrap(head, w) {
		lines = append(lines, choiceLine{ink: dim, key: line})
	}
	lines = append(lines, choiceLine{})
	for i := range m.fold.Start.Choices {
		lines = append(lines, linesOfChoice(&m.fold.Start.Choices[i], w)...)
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

// drawChoices lists what the emulator has chosen.
//
//	╭─ the emulator's own choices ────────────────────────────── esc ╮
//	│ ios-voip-socket, emulated: what no source settles, and how …   │
//	│                                                                │
//	│ rearm                 on      data during a wake gives a whole │
//	│                               window again; …                  │
func (m *model) drawChoices(c *canvas) {
	lines := m.choiceLines(min(explainWidth, m.w) - 4)
	p := m.overlay(c, "the emulator's own choices", "esc", explainWidth, len(lines)+2)
	for i, line := range lines[min(m.scroll, len(lines)):] {
		l := p.line(i).put(line.ink, line.key)
		if line.value != "" {
			l.at(choiceValue).put(line.ink|strong, " "+line.value)
		}
		if line.about != "" {
			l.at(choiceAbout).put(dim, line.about)
		}
	}
}

// settingsNote says in the device's border that it is emulated, what of it is
// not as shipped, and how much of it the emulator has chosen, in as many words
// as there is room for.
func (m *model) settingsNote(w int) string {
	const plainNote = "emulated"
	set, chosen := m.fold.Start.Settings, len(m.fold.Start.Choices)
	notes := []string{plainNote}
	if len(set) > 0 {
		all := plainNote + ", " + event.Printable(strings.Join(set, " "))
		few := plainNote + ", " + strconv.Itoa(len(set)) + " set"
		notes = []string{few, all}
	}
	if chosen > 0 {
		notes = append(notes, notes[len(notes)-1]+", "+strconv.Itoa(chosen)+plural(chosen, " own choice"))
	}
	for len(notes) > 1 && len(notes[len(notes)-1]) > w {
		notes = notes[:len(notes)-1]
	}
	return notes[len(notes)-1]
}
