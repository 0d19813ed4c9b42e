package ui

import (
	"strings"

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
