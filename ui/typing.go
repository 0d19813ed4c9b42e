package ui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// maxTyped bounds what can be typed or pasted into a line.
const maxTyped = 256

// newInput is a line to type in, with some words in it already. Its cursor is
// the terminal's own, which a screen reader follows.
func newInput(typed string, suggestions []string, width int) textinput.Model {
	in := textinput.New()
	in.Prompt, in.CharLimit = "", maxTyped
	in.SetVirtualCursor(false)
	in.KeyMap.Paste.Unbind() // the terminal pastes; this would ask the desktop
	in.Focus()
	in.SetValue(typed)
	if suggestions != nil {
		in.ShowSuggestions = true
		in.SetSuggestions(suggestions)
	}
	in.SetWidth(width)
	in.CursorEnd()
	return in
}

// wholeLine is the room for what is typed in the last line, the cursor's place
// at the end taken off.
func wholeLine(s scene) int { return max(1, s.w-len(" : ")-len(" ")-1) }

// drawInput writes what is typed, and how tab would complete it.
func drawInput(l *pen, in *textinput.Model, ink style) {
	typed, rest := strings.TrimRight(ansi.Strip(in.View()), " "), ""
	if s := suggestion(in); s != "" {
		rest = s[min(len(s), len(in.Value())):]
		typed = strings.TrimSuffix(typed, rest)
	}
	if cursor := in.Cursor(); cursor != nil && l.y >= 0 {
		cursor.X, cursor.Y = min(l.x+cursor.X, l.c.w-1), l.y
		l.c.caret = cursor
	}
	l.put(ink, typed).put(faint, rest)
}

// suggestion is what tab would complete the line to; "" if nothing fits it.
// (Without the first question the text input panics after a ctrl+p.)
func suggestion(in *textinput.Model) string {
	if len(in.MatchedSuggestions()) == 0 {
		return ""
	}
	return in.CurrentSuggestion()
}

// A past steps through the lines that were typed before.
type past struct{ back int } // how many lines; 0: none

// recall brings an earlier or a later line of list into in.
func (p *past) recall(in *textinput.Model, list []string, step int) {
	if len(list) == 0 {
		return
	}
	p.back = max(0, min(len(list), p.back-step))
	if p.back == 0 {
		in.Reset()
		return
	}
	in.SetValue(list[len(list)-p.back])
	in.CursorEnd()
}

// typeKey types a key into a line.
func typeKey(in *textinput.Model, msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	*in, cmd = in.Update(msg)
	return cmd
}
