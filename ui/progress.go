package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// progress is how much of a run is over, for the terminal's tab or the task bar; nil: all of
// it is.
func (v *runView) progress() *tea.ProgressBar {
	s := &v.state
	if s.Over != "" || s.Of == 0 {
		return nil
	}
	done := float64(max(0, s.N-1))
	if n := len(s.Lines); n > 0 {
		done += float64(s.At) / float64(n)
	}
	state := tea.ProgressBarDefault
	switch {
	case s.Failed > 0:
		state = tea.ProgressBarError
	case s.Held:
		state = tea.ProgressBarWarning
	}
	return tea.NewProgressBar(state, int(100*done/float64(s.Of)))
}

// ShowsProgress reports whether a terminal is known to show progress (OSC 9;4): others take
// it for the text of a notice.
func ShowsProgress(environ []string) bool {
	return slices.ContainsFunc(environ, func(kv string) bool {
		key, value, _ := strings.Cut(kv, "=")
		switch key {
		case "WT_SESSION", "ConEmuPID":
			return value != ""
		case "TERM_PROGRAM":
			return value == "ghostty" || value == "WezTerm"
		case "TERM":
			return value == "xterm-ghostty"
		}
		return false
	})
}
