package ui

import (
	"github.com/charmbracelet/x/ansi"
)

// footerFor names the keys that fit the moment, the most useful first.
func (m *model) footerFor() []string {
	f := &m.fold
	c := f.Call()
	switch md := m.mode(); {
	case md == runMode && m.run.state.Held:
		return []string{"step", "go", "until", "abort", "happened", "explain run", "report", "sip", "esc", "help", "leave run"}
	case md == runMode:
		return []string{"hold", "step", "go", "until", "abort", "quicker", "happened", "explain run", "report", "sip", "esc", "help", "leave run"}
	case md == eventsMode:
		return []string{"up", "down", "explain", "esc"}
	case md == ladderMode:
		return []string{"up", "down", "enter", "explain", "filter", "pings", "pause", "esc", "help"}
	case md == messageMode:
		return []string{"up", "down", "explain", "esc", "help"}
	case m.zoom != noPanel:
		return []string{"up", "down", "zoom", "explain", "tab", "filter", "esc", "help"}
	case len(m.verbs) == 0:
		return []string{"sip", "explain", "focus", "zoom", "left", "right", "in", "out", "filter", "pause", "help", "quit"}
	case c != nil && c.Connected():
		return []string{"end", "mute", "hold call", "tones", "background", "open", "lock", "explain", "break", "sip", "command", "record", "save", "help", "quit"}
	case f.Ringing() != nil:
		return []string{"answer", "end", "open", "lock", "explain", "sip", "filter", "command", "record", "save", "help", "quit"}
	case c != nil:
		return []string{"end", "background", "open", "lock", "explain", "sip", "command", "record", "save", "help", "quit"}
	}
	return []string{"background", "open", "dial", "break", "next", "faster", "lock", "explain", "kill", "sip", "filter", "command", "record", "save", "help", "quit"}
}

// drawFooter is the last line: a remark if there is one, or else keys. It
// never wraps: what does not fit is left out, and help stays.
func (m *model) drawFooter(c *canvas) {
	l := pane{c, rect{0, m.h - 1, m.w, 1}}.line(0)
	l.gap(1)
	if m.note != "" {
		l.put(m.noteInk, m.note)
		return
	}
	if m.mode()&(typingModes|confirmMode|tonesMode|helpMode|explainMode|choicesMode|breakMode) != 0 {
		m.overlayFooter(l)
		return
	}
	help := " ? help"
	for _, id := range m.footerFor() {
		b := m.byID(id)
		if b.why != nil && b.why(m) != "" {
			continue
		}
		k, label := b.shown(m)
		reserve := len(help) + 1
		if id == "help" || id == "quit" {
			reserve = 0
		}
		if ansi.StringWidth(k+" "+label)+reserve <= l.left() {
			l.put(keycap, k).put(dim, " "+label).gap(2)
		}
	}
}

// overlayFooter is the last line under an overlay.
func (m *model) overlayFooter(l *pen) {
	hints := map[mode][]string{
		dialMode: {"enter", "call", "↑↓", "recent", "esc", "back"}, tonesMode: {"0-9 * #", "send", "esc", "back"},
		promptMode: {"enter", "do it", "tab", "complete", "↑↓", "earlier", "esc", "back"},
		filterMode: {"enter", "filter", "esc", "no filter"}, confirmMode: {"y", "yes", "n", "no"},
		helpMode: {"↑↓", "scroll", "esc", "back"}, explainMode: {"↑↓", "scroll", "← →", "earlier, later", "esc", "back"},
		choicesMode: {"↑↓", "scroll", "esc", "back"}, breakMode: {"a letter", "breaks or mends", "esc", "back"},
	}[m.mode()]
	for i := 0; i+1 < len(hints); i += 2 {
		l.whole(keycap, hints[i]).gap(1).whole(dim, hints[i+1]).gap(2)
	}
}
