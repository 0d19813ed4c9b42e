package ui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxTyped bounds what can be typed or pasted into a line.
const maxTyped = 256

// dialWidth is how wide the box of the dialler is.
const dialWidth = 46

// newInput is the line that is typed in a mode. Its cursor is the terminal's
// own, which a screen reader follows.
func (m *model) newInput(md mode) textinput.Model {
	in := textinput.New()
	in.Prompt, in.CharLimit = "", maxTyped
	in.SetVirtualCursor(false)
	in.KeyMap.Paste.Unbind() // a terminal pastes of itself; this would ask the desktop
	in.Focus()
	switch md {
	case filterMode:
		in.SetValue(m.filter)
	case promptMode:
		in.ShowSuggestions = true
		names := make([]string, len(m.verbs))
		for i, v := range m.verbs {
			names[i] = v.Name
		}
		in.SetSuggestions(names)
	}
	in.SetWidth(m.inputWidth(md))
	in.CursorEnd()
	return in
}

// inputWidth is the room that a mode has for what is typed, the cursor's
// place at the end taken off.
func (m *model) inputWidth(md mode) int {
	around := len(" : ") + len(" ")
	if md == dialMode {
		around = m.w - min(dialWidth, m.w) + len("| to ") + len(" |")
	}
	return max(1, m.w-around-1)
}

// drawInput writes what is typed, and what tab would make of it.
func (m *model) drawInput(l *pen, ink style) {
	typed, rest := strings.TrimRight(ansi.Strip(m.input.View()), " "), ""
	if s := m.suggestion(); s != "" {
		rest = s[min(len(s), len(m.input.Value())):]
		typed = strings.TrimSuffix(typed, rest)
	}
	if cursor := m.input.Cursor(); cursor != nil && l.y >= 0 {
		cursor.X, cursor.Y = min(l.x+cursor.X, l.c.w-1), l.y
		l.c.caret = cursor
	}
	l.put(ink, typed).put(faint, rest)
}

// suggestion is what tab would complete the line to; "" if nothing fits it.
// (Without the first question the text input panics after a ctrl+p.)
func (m *model) suggestion() string {
	if len(m.input.MatchedSuggestions()) == 0 {
		return ""
	}
	return m.input.CurrentSuggestion()
}

// enter is the action that opens a view or an overlay.
func enter(md mode) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.modes = append(m.modes, md)
		m.recalled = 0
		if md&typingModes != 0 {
			m.input = m.newInput(md)
		}
		m.scroll, m.sent = 0, ""
		return nil
	}
}

// back goes one level up: out of an overlay, of a view, of the zoom, of the
// tour.
func back(m *model) tea.Cmd {
	switch {
	case len(m.modes) > 0:
		if m.mode() == filterMode {
			m.filter = ""
		}
		m.modes = m.modes[:len(m.modes)-1]
		m.scroll = 0
	case m.run != nil && m.run.zoom:
		m.run.zoom = false
	case m.run != nil:
		return leaveRun(m)
	case m.zoom != noPanel:
		m.zoom = noPanel
	case m.caption != "":
		m.caption, m.opt.Caption = "", nil
	case m.filter != "":
		m.filter = ""
	default:
		m.cursor, m.wakeSel, m.sipSel = noCursor, 0, 0
	}
	return nil
}

// doneLabel is what enter does with the line.
func doneLabel(m *model) string {
	switch m.mode() {
	case dialMode:
		return "call"
	case promptMode:
		return "do it"
	}
	return "filter"
}

// complete takes the suggestion.
func complete(m *model) tea.Cmd {
	var cmd tea.Cmd
	m.input, cmd = m.input.Update(tea.KeyPressMsg{Code: tea.KeyTab})
	return cmd
}

// submit does what was typed.
func submit(m *model) tea.Cmd {
	md, line := m.mode(), strings.TrimSpace(m.input.Value())
	m.modes = m.modes[:len(m.modes)-1]
	switch {
	case md == filterMode:
		m.filter = line
	case line == "":
	case md == dialMode:
		return m.say("call " + line)
	case md == promptMode:
		m.history = append(m.history, line)
		return m.say(line)
	}
	return nil
}

// recall brings back what was typed, or called, before.
func recall(step int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		list := m.history
		if m.mode() == dialMode {
			list = m.peers()
		}
		if len(list) == 0 {
			return nil
		}
		m.recalled = max(0, min(len(list), m.recalled-step))
		if m.recalled == 0 {
			m.input.Reset()
			return nil
		}
		m.input.SetValue(list[len(list)-m.recalled])
		m.input.CursorEnd()
		return nil
	}
}

// peers are those that were called or called us, the last one last, each once.
func (m *model) peers() []string {
	var list []string
	for _, c := range m.recentCalls() {
		list = append(list, c.Peer)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// recentCalls are the last calls, newest first, one for each peer.
func (m *model) recentCalls() []event.CallRow {
	var rows []event.CallRow
	seen := map[string]bool{}
	for i := len(m.fold.Recent) - 1; i >= 0; i-- {
		if c := m.fold.Recent[i]; !seen[c.Peer] {
			seen[c.Peer] = true
			rows = append(rows, c)
		}
	}
	return rows
}

// completions are the verbs that what is typed may become.
func (m *model) completions() []VerbHelp {
	typed := m.input.Value()
	var found []VerbHelp
	for _, v := range m.verbs {
		if strings.HasPrefix(v.Name, typed) || strings.HasPrefix(typed, v.Name+" ") {
			found = append(found, v)
		}
	}
	return found
}

func tone(m *model) tea.Cmd {
	m.sent += m.pressed
	return m.say("dtmf " + m.pressed)
}
