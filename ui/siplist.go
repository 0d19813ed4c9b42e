package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A sipLine is a row of the SIP list: a message, or a problem among them.
type sipLine struct {
	seq     uint64
	at      time.Duration
	row     *event.SIPRow
	problem *event.Problem
}

// sipLines are the messages that pass the filter, with errors and warnings
// where they happened.
func (m *model) sipLines(pings bool) []sipLine {
	f := &m.fold
	lines := make([]sipLine, 0, len(f.SIP)+len(f.Problems))
	p := 0
	for i := range f.SIP {
		row := &f.SIP[i]
		for ; p < len(f.Problems) && f.Problems[p].At < row.At; p++ {
			lines = m.addProblem(lines, &f.Problems[p])
		}
		if (pings || !isPing(row)) && m.passes(row) {
			lines = append(lines, sipLine{seq: row.Seq, at: row.At, row: row})
		}
	}
	for ; p < len(f.Problems); p++ {
		lines = m.addProblem(lines, &f.Problems[p])
	}
	return lines
}

func (m *model) addProblem(lines []sipLine, p *event.Problem) []sipLine {
	if m.filter != "" && !contains(p.What+" "+p.Detail, m.filter) {
		return lines
	}
	return append(lines, sipLine{seq: p.Seq, at: p.At, problem: p})
}

func isPing(r *event.SIPRow) bool { return r.Message.Method == "ping" || r.Message.Method == "pong" }

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// passes reports whether a row has the filter's words in it.
func (m *model) passes(r *event.SIPRow) bool {
	if m.filter == "" {
		return true
	}
	e := &r.Message
	return contains(sipWhat(r)+" "+e.Method+" "+e.URI+" "+e.From+" "+e.CallID+" "+r.Note.Text, m.filter)
}

// lastShown is the index of the line in the last of n rows, so that the
// selected one, of that many, is among them.
func lastShown(lines, selected, n int) int {
	if selected < 0 {
		return lines - 1
	}
	return max(min(lines-1, n-1), min(lines-1, selected+n/2))
}

// sipIndex is the index of the selected line; -1 if none is.
func (m *model) sipIndex(lines []sipLine) int {
	return slices.IndexFunc(lines, func(l sipLine) bool { return l.seq == m.sipSel && m.sipSel != 0 })
}

// moveSIP moves the selection among the messages and problems.
func (m *model) moveSIP(step int) {
	lines := m.sipLines(m.pings || !m.has(ladderMode))
	at := m.sipIndex(lines)
	switch {
	case len(lines) == 0 || at < 0 && step > 0:
		return
	case at < 0:
		at = len(lines)
	}
	at += step
	if at >= len(lines) {
		m.sipSel = 0
		return
	}
	m.sipSel = lines[max(0, at)].seq
}

// selectedRow is the selected message, the newest if nothing is selected; there
// is none if a problem is.
func (m *model) selectedRow() (*event.SIPRow, bool) {
	var last *event.SIPRow
	for i := range m.fold.SIP {
		r := &m.fold.SIP[i]
		if r.Seq == m.sipSel {
			return r, true
		}
		if m.pings || !isPing(r) {
			last = r
		}
	}
	return last, last != nil && m.sipSel == 0
}
