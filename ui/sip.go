package ui

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// protocol is what is spoken on the control connection.
func (m *model) protocol() string { return cmp.Or(m.fold.Start.Protocol, "sip") }

// sipWhat is a message in a word or two.
func sipWhat(r *event.SIPRow) string {
	if r.Message.Status != 0 {
		return fmt.Sprintf("%d %s", r.Message.Status, r.Message.Reason)
	}
	return r.Message.Method
}

func (m *model) sipNote() string {
	s := fmt.Sprintf("%d messages", m.fold.Messages)
	if m.filter != "" {
		s = "filter /" + m.filter + "/ · " + s
	}
	if sock := &m.fold.Socket; m.w >= 100 && sock.Remote != "" {
		s += " · tcp " + event.Printable(joinEnds(sock.Local, sock.Remote))
	}
	return s
}

func (m *model) sipGist(l *pen) {
	l.put(strong, fmt.Sprint(m.fold.Messages))
	if n := len(m.fold.SIP); n > 0 {
		r := &m.fold.SIP[n-1]
		l.put(dim, ", last ").put(wayInk(r.Message.Out), way(r)+" ").put(text, sipWhat(r))
	}
}

// drawSIP is the list of messages, the newest last.
//
//	14:32:06.031  ◀── INVITE  sip:alice  (SDP)   +02:06   arrived while suspended
func (m *model) drawSIP(p pane) {
	lines := m.sipLines(true)
	if len(lines) == 0 {
		p.line(0).put(dim, unless(m.filter == "", "no message has "+m.filter+" in it"))
		return
	}
	last := lastShown(len(lines), m.sipIndex(lines), p.h)
	first := max(0, last-p.h+1)
	for i := first; i <= last; i++ {
		m.drawSIPLine(p, i-first, lines, i)
	}
}

func way(r *event.SIPRow) string {
	if r.Message.Out {
		return "──▶"
	}
	return "◀──"
}

func wayInk(out bool) style {
	if out {
		return talk
	}
	return open
}

func (m *model) drawSIPLine(p pane, row int, lines []sipLine, i int) {
	l := p.line(row)
	line := &lines[i]
	if line.seq == m.sipSel {
		p.c.put(p.x-1, l.y, p.x, "▌", open)
	}
	if line.problem != nil {
		m.drawProblem(l, line.problem)
		return
	}
	r := line.row
	if p.w < 60 {
		l.put(dim, m.clock(r.At)).gap(1)
	} else {
		l.put(dim, m.stamp(r.At)).gap(1 + min(1, p.w/100))
	}
	l.put(wayInk(r.Message.Out), way(r)).gap(1)
	wide := p.w >= 100
	delta, note := l.x-l.start+20, l.x-l.start+31
	if wide {
		l.right(dim, unless(r.Message.CSeq == 0, fmt.Sprintf("%s %d", r.Message.Method, r.Message.CSeq))).right(dim, "  ")
		delta, note = 46, 58
	}
	if p.w < 60 {
		delta = p.w - 10
	}
	m.drawSIPWhat(l, r, delta-1)
	if i > 0 {
		l.at(delta).cut(note-1, dim, "+"+delay(r.At-lines[i-1].at))
	}
	if p.w >= 60 {
		l.at(note).put(noteInk(r.Note.Kind), m.sipRemark(r, wide))
	}
}

func (m *model) drawSIPWhat(l *pen, r *event.SIPRow, end int) {
	e := &r.Message
	l.cut(end, strong, sipWhat(r))
	switch {
	case isPing(r):
		l.gap(1).cut(end, dim, "CRLF")
	case e.Status == 0 && e.URI != "":
		l.gap(1).cut(end-unlessInt(!e.SDP, 6), dim, shortURI(e.URI))
	}
	if e.SDP {
		l.gap(1).cut(end, woken, "(SDP)")
	}
}

func unlessInt(zero bool, n int) int {
	if zero {
		return 0
	}
	return n
}

// shortURI is a URI without its parameters and, if it names a user, without
// the host.
func shortURI(uri string) string {
	uri, _, _ = strings.Cut(uri, ";")
	user, _, _ := strings.Cut(uri, "@")
	return user
}

// sipRemark is what a tester should know of a row.
func (m *model) sipRemark(r *event.SIPRow, wide bool) string {
	switch {
	case r.Wake != 0 && wide:
		return sizeOf(&r.Message) + ", " + r.Note.Text
	case r.Note.Text != "":
		return r.Note.Text
	case r.RTT > 0:
		return "after " + span(r.RTT)
	case r.Message.Bytes > 0:
		return sizeOf(&r.Message)
	}
	return ""
}

// sizeOf is how long a message is, and in how many pieces it was read.
func sizeOf(e *event.Message) string {
	s := fmt.Sprintf("%d B", e.Bytes)
	if e.Segments > 0 && !e.Out {
		s += fmt.Sprintf(" in %d %s", e.Segments, plural(e.Segments, "segment"))
	}
	return s
}

func noteInk(kind string) style {
	switch kind {
	case "wake":
		return woken
	case "banner":
		return banner
	case "call":
		return talk
	case "fault":
		return fault
	}
	return text
}

func (m *model) drawProblem(l *pen, p *event.Problem) {
	ink, word := fault, "error"
	if p.Warning {
		ink, word = woken, "warning"
	}
	l.put(dim, m.stamp(p.At)).gap(2).put(ink, "╳ "+word+": ").put(strong, event.Printable(p.What))
	l.put(text, ": "+event.Printable(p.Detail))
	if p.Hint != "" {
		l.put(dim, "  try: ").put(text, event.Printable(p.Hint))
	}
}
