package ui

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// drawOverlays draws what is open above the panels.
func (m *model) drawOverlays(c *canvas) {
	switch m.mode() {
	case messageMode:
		if m.w < wideWidth || !m.has(ladderMode) {
			m.drawMessageBox(c)
		}
	case eventsMode:
		m.drawStepEvents(c)
	case helpMode:
		m.drawHelp(c)
	case explainMode:
		m.drawExplain(c)
	case choicesMode:
		m.drawChoices(c)
	case dialMode:
		m.drawDial(c)
	case tonesMode:
		m.drawTones(c)
	case promptMode:
		m.drawPrompt(c)
	case filterMode:
		c.clear(rect{0, m.h - 1, m.w, 1}, text)
		l := pane{c, rect{1, m.h - 1, m.w - 2, 1}}.line(0)
		m.drawInput(l.put(keycap, "/ "), text)
	case breakMode:
		m.drawBreak(c)
	case confirmMode:
		m.drawConfirm(c)
	}
}

// overlay draws a box of at most w by h in the middle and gives its inside.
func (m *model) overlay(c *canvas, name, note string, w, h int) pane {
	w, h = min(w, m.w), min(h, m.h-2)
	r := rect{(m.w - w) / 2, 1 + (m.h-2-h)/2, w, h}
	c.clear(r, text)
	box(c, r, name, note, keycap, open)
	return pane{c, r.inset()}
}

// drawHelp lists the key table.
func (m *model) drawHelp(c *canvas) {
	rows := m.helpRows()
	p := m.overlay(c, "help", "esc", 60, len(rows)+3)
	body := p.h - 1
	for i := 0; i < body && m.scroll+i < len(rows); i++ {
		b := rows[m.scroll+i]
		ink := keycap
		if b.why != nil && b.why(m) != "" {
			ink = faint | strong
		}
		p.line(i).put(ink, b.Help().Key).at(11).put(text, b.help)
	}
	p.line(p.h-1).put(dim, "more: ").put(text, "sleeptalk help").put(dim, unless(len(rows) <= body, fmt.Sprintf("   %d more below, ↓", len(rows)-body-m.scroll)))
}

// scrollLimit is how far the open overlay can be scrolled.
func (m *model) scrollLimit() int {
	switch m.mode() {
	case helpMode:
		rows := len(m.helpRows())
		return max(0, rows-(min(rows+3, m.h-2)-3))
	case explainMode:
		return m.scrollBeyond(len(m.explainLines(min(explainWidth, m.w) - 4)))
	case choicesMode:
		return m.scrollBeyond(len(m.choiceLines(min(explainWidth, m.w) - 4)))
	case eventsMode:
		return max(0, len(m.stepRecords())-m.eventsRect().inset().h)
	}
	row, ok := m.selectedRow()
	if !ok {
		return 0
	}
	in := m.messageRect().inset()
	return max(0, len(messageLines(row, in.w))-(in.h-len(m.messageFoot(row))))
}

// scrollBeyond is how far an overlay of so many lines can be scrolled.
func (m *model) scrollBeyond(lines int) int { return max(0, lines-(min(lines+2, m.h-2)-2)) }

// messageRect is where a message is shown: beside the ladder, or over all.
func (m *model) messageRect() rect {
	if m.has(ladderMode) && m.w >= wideWidth {
		return rect{m.w - messagePane, 1, messagePane, m.bottom() - 1}
	}
	return rect{0, 1, m.w, m.bottom() - 1}
}

// helpRows are the bindings that the help names: of a phone, or of a run.
func (m *model) helpRows() []*binding {
	views := everyMode &^ runMode
	if m.run != nil {
		views = runMode | ladderMode
	}
	var rows []*binding
	for i := range m.keys {
		if b := &m.keys[i]; b.help != "" && b.in()&views != 0 {
			rows = append(rows, b)
		}
	}
	return rows
}

// drawDial is the to-field, and whom one talked to before.
func (m *model) drawDial(c *canvas) {
	recent := m.recentCalls()
	p := m.overlay(c, "dial", "esc", dialWidth, 8+min(6, max(1, len(recent))))
	m.drawInput(p.line(0).put(dim, "to "), strong)
	p.line(1).put(dim, "   a name, or sip:somebody@somewhere")
	p.line(3).put(dim, "recent")
	if len(recent) == 0 {
		p.line(4).put(dim, "  nobody yet")
	}
	for i := 0; i < min(6, len(recent)); i++ {
		m.drawRecent(p, 4+i, &recent[i], i+1 == m.recalled)
	}
	p.line(p.h-1).put(keycap, "enter").put(dim, " call  ").put(keycap, "↑↓").put(dim, " recent")
}

func (m *model) drawRecent(p pane, row int, call *event.CallRow, chosen bool) {
	l := p.line(row)
	if chosen {
		l.put(open, "▌")
	} else {
		l.gap(1)
	}
	switch {
	case call.Up != 0:
		l.right(talk, "✓").right(dim, event.Clock(call.Ended-call.Up)+" ")
	case call.Status >= 300:
		l.right(fault, fmt.Sprintf("%d %s", call.Status, call.Reason))
	default:
		l.right(dim, "not answered")
	}
	l.put(text, strings.TrimPrefix(call.Peer, "sip:"))
}

// drawTones is the keypad.
func (m *model) drawTones(c *canvas) {
	p := m.overlay(c, "tones", "esc", 34, 9)
	for i, line := range []string{"1     2     3", "4     5     6", "7     8     9", "*     0     #"} {
		centre(p.line(i+1), strong, line)
	}
	sent := m.sent
	if n := p.w - 5; len(sent) > n {
		sent = sent[len(sent)-n:]
	}
	p.line(6).put(dim, "sent ").put(talk, sent)
}

// drawPrompt is the command line, with what it may become above it.
func (m *model) drawPrompt(c *canvas) {
	found, chosen := m.completions(), m.suggestion()
	n := min(len(found), m.h-4, 8)
	for i := range n {
		y := m.h - 1 - n + i
		c.clear(rect{0, y, m.w, 1}, onCard)
		if found[i].Name == chosen {
			c.put(0, y, m.w, "▌", open|onCard)
		}
		l := pane{c, rect{1, y, m.w - 2, 1}}.line(0)
		l.put(keycap|onCard, found[i].Name).put(onCard, " "+found[i].Args).at(28).put(dim|onCard, " "+found[i].Help)
	}
	c.clear(rect{0, m.h - 1, m.w, 1}, text)
	l := pane{c, rect{1, m.h - 1, m.w - 2, 1}}.line(0)
	m.drawInput(l.put(keycap, ": "), text)
}

func (m *model) drawConfirm(c *canvas) {
	p := m.overlay(c, "sure?", "esc", 40, 5)
	p.line(0).put(strong, m.question)
	p.line(2).put(keycap, "y").put(dim, " yes   ").put(keycap, "n").put(dim, " no")
}
