package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxAnomalies bounds the anomalies that can be explained; the oldest go first.
const maxAnomalies = 200

// explainWidth is that of the overlay, with its border.
const explainWidth = 76

// An anomaly is a record that tells of one: whoever made the screen can explain
// it.
type anomaly struct {
	seq   uint64
	at    time.Duration
	event event.Event
}

// anomaly takes a record in if it can be explained.
func (m *model) anomaly(r event.Record) {
	if m.opt.Explain == nil || r.Phone != m.fold.Phone || m.opt.Explain(r.Event, explainWidth) == "" {
		return
	}
	if len(m.anomalies) >= maxAnomalies {
		m.anomalies = m.anomalies[:copy(m.anomalies, m.anomalies[maxAnomalies/4:])]
	}
	m.anomalies = append(m.anomalies, anomaly{r.Seq, r.Device, r.Event})
}

func nothingToExplain(m *model) string {
	switch {
	case m.opt.Explain == nil:
		return "nobody is here who could explain"
	case len(m.anomalies) == 0:
		return "nothing has gone wrong yet"
	}
	return ""
}

// explain opens the rule behind what is pointed at, or else behind the newest
// anomaly.
func explain(m *model) tea.Cmd {
	i, where := m.pointedAt()
	if i < 0 {
		m.tell(dim, where+": nothing went wrong; end, then x, explains the newest")
		return nil
	}
	m.explained = m.anomalies[i].seq
	return enter(explainMode)(m)
}

// explainHere opens the rule behind what is pointed at, if anything is wrong
// with it.
func explainHere(m *model) tea.Cmd {
	if nothingToExplain(m) != "" {
		return nil
	}
	return explain(m)
}

// pointedAt is the index of the anomaly that one points at, the newest if
// nothing is selected; -1 if there was none where one points.
func (m *model) pointedAt() (i int, where string) {
	newest := len(m.anomalies) - 1
	switch md := m.mode(); {
	case md == eventsMode:
		return m.anomalyInStep(), "in this step"
	case md&(ladderMode|messageMode) != 0 || m.focus == sipPanel && md == mainMode:
		if row, ok := m.selectedRow(); ok && m.sipSel != 0 {
			return m.anomalyIn(row.At, row.At+1), "at this message"
		}
		if m.sipSel != 0 {
			return m.anomalyOf(m.sipSel), "here"
		}
	case m.cursor != noCursor:
		w := m.window(m.timelineCols())
		return m.anomalyIn(w.start(w.column(m.cursor)), w.start(w.column(m.cursor)+1)), "at the cursor"
	case m.wakeSel != 0 && m.focus == wakesPanel && len(m.wakes()) > 0:
		w := m.wakes()[m.wakeIndex()]
		return m.anomalyIn(w.At, w.At+w.Running(m.now)+1), "in this wake"
	}
	return newest, ""
}

// anomalyIn is the index of the last anomaly from a up to, not including, b.
func (m *model) anomalyIn(a, b time.Duration) int {
	for i := len(m.anomalies) - 1; i >= 0; i-- {
		if at := m.anomalies[i].at; at >= a && at < b {
			return i
		}
	}
	return -1
}

// anomalyInStep is that of the first event of a step on the screen that tells
// of one.
func (m *model) anomalyInStep() int {
	records := m.stepRecords()
	for _, r := range records[min(m.scroll, len(records)):] {
		if i := m.anomalyOf(r.Seq); i >= 0 {
			return i
		}
	}
	return -1
}

// anomalyOf is the index of the anomaly that a record tells of; -1: none.
func (m *model) anomalyOf(seq uint64) int {
	return slices.IndexFunc(m.anomalies, func(a anomaly) bool { return a.seq == seq })
}

// otherAnomaly goes to the one before, or after.
func otherAnomaly(step int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		if len(m.anomalies) == 0 {
			return nil
		}
		i := max(0, min(len(m.anomalies)-1, m.explainedIndex()+step))
		m.explained, m.scroll = m.anomalies[i].seq, 0
		return nil
	}
}

// explainedIndex is the index of the anomaly that is open. The list may have
// lost it meanwhile.
func (m *model) explainedIndex() int {
	for i := range m.anomalies {
		if m.anomalies[i].seq >= m.explained {
			return i
		}
	}
	return len(m.anomalies) - 1
}

// explainLines are what happened, and the rule, in lines of at most w columns.
func (m *model) explainLines(w int) []string {
	if len(m.anomalies) == 0 { // those of the file before
		return nil
	}
	a := m.anomalies[m.explainedIndex()]
	what, detail := a.event.Text()
	lines := wrap(event.Printable(m.clock(a.at)+" "+what+unless(detail == "", ": "+detail)), w)
	lines = append(lines, "")
	for line := range strings.Lines(m.opt.Explain(a.event, w)) {
		line = event.Printable(strings.TrimRight(line, "\n"))
		if ansi.StringWidth(line) > w { // such as the title, in a narrow window
			lines = append(lines, wrap(line, w)...)
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// drawExplain is the rule behind an anomaly.
//
//	╭─ why ─────────────────────────────── 2 of 5 · ← → ╮
//	│ 14:34:12 killed 0xbad22222: woken too often       │
//	│                                                   │
//	│ wake-budget 0xbad22222: Woken more than 15 times  │
func (m *model) drawExplain(c *canvas) {
	note := "esc"
	if n := len(m.anomalies); n > 1 {
		note = fmt.Sprintf("%d of %d · esc", m.explainedIndex()+1, n)
	}
	lines := m.explainLines(min(explainWidth, m.w) - 4)
	p := m.overlay(c, "why", note, explainWidth, len(lines)+2)
	head := true // until the first blank line
	for i, line := range lines {
		head = head && line != ""
		ink := text
		switch {
		case head:
			ink = fault
		case line != "" && line[0] != ' ':
			ink = strong
		}
		p.line(i-m.scroll).put(ink, line)
	}
}
