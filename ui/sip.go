package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// sipWhat is a message in a word or two.
func sipWhat(r *event.SIPRow) string {
	if r.Message.Status != 0 {
		return fmt.Sprintf("%d %s", r.Message.Status, r.Message.Reason)
	}
	return r.Message.Method
}

// A sipView is the panel of the messages.
type sipView struct {
	scene
	messages
	ladder *ladder // for the message beside the list
}

// besideWidth is from which width on the message stands beside the list.
const besideWidth = 150

// name is their protocol.
func (v sipView) name() string { return v.protocol() }

func (v sipView) note(int) string {
	s := fmt.Sprintf("%d messages", v.fold.Messages)
	if n := len(v.fold.Cuts); n > 0 {
		s += fmt.Sprintf(" · %d cut", n)
	}
	if !v.filter.Everything() {
		s = "filter " + v.filter.String() + " · " + s
	}
	if sock := &v.fold.Socket; v.w >= 100 && sock.Remote != "" && !v.fold.Several() {
		s += " · tcp " + event.Printable(joinEnds(sock.Local, sock.Remote))
	}
	return s
}

func (v sipView) gist(l *pen) {
	l.put(strong, fmt.Sprint(v.fold.Messages))
	if n := len(v.fold.SIP); n > 0 {
		r := &v.fold.SIP[n-1]
		l.put(dim, ", last ").put(wayInk(r.Message.Out), way(r)+" ").put(text, sipWhat(r))
	}
}

// draw is the list of messages, the newest last.
//
//	14:32:06.031  ◀── INVITE  sip:alice  (SDP)   +02:06   arrived while suspended
func (v sipView) draw(p area) {
	lines := v.lines(v.fold, true)
	if p.w >= besideWidth {
		p = v.drawBeside(p, lines)
	}
	if len(lines) == 0 {
		p.line(0).put(dim, unless(v.filter.Everything(), "no message passes the filter "+v.filter.String()))
		return
	}
	first, last := v.shown(lines, p.h)
	for i := first; i <= last; i++ {
		v.drawSIPLine(p, i-first, lines, i)
	}
}

// shown are the first and the last of the lines that there is room for.
func (v sipView) shown(lines []sipLine, h int) (first, last int) {
	last = lastShown(len(lines), v.index(lines), h)
	return max(0, last-h+1), last
}

// lineAt is the line in a row of the panel; ok is false if there is none.
func (v sipView) lineAt(row, h int) (line sipLine, ok bool) {
	lines := v.lines(v.fold, true)
	first, last := v.shown(lines, h)
	if first+row > last {
		return line, false
	}
	return lines[first+row], true
}

// drawBeside draws the message that is selected, or else the newest, and returns the room
// that is left for the list.
func (v sipView) drawBeside(p area, lines []sipLine) area {
	w := messageWidth(p.w)
	list := area{p.c, rect{p.x, p.y, p.w - w - 3, p.h}}
	for y := range p.h {
		p.c.fill(p.x+list.w+1, p.y+y, 1, "│", faint)
	}
	seq := v.sel
	for i := len(lines) - 1; seq == 0 && i >= 0; i-- {
		if line := &lines[i]; v.pings || line.row == nil || !isPing(line.row) {
			seq = line.seq
		}
	}
	m := messageView{v.scene, v.ladder, v.ladder.history.rungs.At(seq)}
	if m.rung == nil {
		return list
	}
	at := area{p.c, rect{p.x + list.w + 3, p.y, w, p.h}}
	for i, line := range m.lines(w) {
		drawMessageLine(at.line(i), line)
	}
	return list
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

func (v sipView) drawSIPLine(p area, row int, lines []sipLine, i int) {
	l := p.line(row)
	line := &lines[i]
	if line.seq == v.sel {
		p.c.put(p.x-1, l.y, p.x, "▌", open)
	}
	if line.problem != nil {
		drawProblem(v.scene, l, line.problem)
		return
	}
	if line.cut != nil {
		v.drawCut(p, l, line.cut, i, lines)
		return
	}
	r := line.row
	v.when(p, l, r.At)
	l.put(wayInk(r.Message.Out), way(r)).gap(1)
	wide := p.w >= 100
	delta, note := sipColumns(p, l)
	if wide {
		l.right(dim, unless(r.Message.CSeq == 0, fmt.Sprintf("%s %d", r.Message.Method, r.Message.CSeq))).right(dim, "  ")
	}
	drawSIPWhat(v.as(l, r.Account), r, delta-1)
	if i > 0 {
		l.at(delta).cut(note-1, dim, "+"+delay(r.At-lines[i-1].at))
	}
	if p.w >= 60 {
		l.at(note).put(noteInk(r.Note.Kind), sipRemark(r, wide))
	}
}

// when is the time of a line.
func (v sipView) when(p area, l *pen, at time.Duration) {
	if p.w < 60 {
		l.put(dim, v.clock(at)).gap(1)
	} else {
		l.put(dim, v.stamp(at)).gap(1 + min(1, p.w/100))
	}
}

// sipColumns are where the time since the line before begins, and the remark, of a line that
// is written up to its arrow.
func sipColumns(p area, l *pen) (delta, note int) {
	switch {
	case p.w >= 100:
		return 46, 58
	case p.w < 60:
		return p.w - 10, p.w
	}
	return l.x - l.start + 20, l.x - l.start + 31
}

func drawSIPWhat(l *pen, r *event.SIPRow, end int) {
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

// sipRemark says what matters about a row.
func sipRemark(r *event.SIPRow, wide bool) string {
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

// sizeOf says how long a message is, and in how many pieces it was read.
func sizeOf(e *event.Message) string {
	s := fmt.Sprintf("%d B", e.Bytes)
	if e.Segments > 0 && !e.Out {
		s += " in " + words.Count(e.Segments, "segment")
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

// drawCut is what the network has lost, or forgotten.
//
//	14:24:41.207  ╳── INVITE          +03:34  from Bob: 913 B swallowed, nat expired
func (v sipView) drawCut(p area, l *pen, c *event.CutRow, i int, lines []sipLine) {
	arrow, what := "╳──", event.Printable(c.Swallowed.What)
	detail := fmt.Sprintf("%d B swallowed (%s)", c.Swallowed.Bytes, c.Swallowed.Why)
	switch {
	case c.Forgotten.Phase != "":
		arrow, what = "╌╳╌", "forgotten "+event.Printable(c.Forgotten.Local)
		detail = cutWords(c.Forgotten.Why) + unless(c.Forgotten.Idle == 0, ", "+seconds(c.Forgotten.Idle.D())+" after the last bytes") + "; neither end is told"
	case c.Swallowed.Out:
		arrow = "──╳"
	}
	if c.Swallowed.From != "" {
		detail = "from " + event.Printable(c.Swallowed.From) + ": " + detail
	}
	if c.Swallowed.More > 0 {
		detail += fmt.Sprintf(", and %d before it", c.Swallowed.More)
	}
	v.when(p, l, c.At)
	l.put(fault, arrow).gap(1)
	delta, note := sipColumns(p, l)
	l.middle(fault|strong, middle(what, delta-1-(l.x-l.start)))
	if i > 0 {
		l.at(delta).cut(min(note-1, p.w), dim, "+"+delay(c.At-lines[i-1].at))
	}
	if p.w >= 60 {
		l.at(note).put(fault, detail)
	}
}

func drawProblem(s scene, l *pen, p *event.Problem) {
	ink, word := fault, "error"
	if p.Warning {
		ink, word = woken, "warning"
	}
	l.put(dim, s.stamp(p.At)).gap(2).put(ink, "╳ "+word+": ").put(strong, event.Printable(p.What))
	l.put(text, ": "+event.Printable(p.Detail))
	if p.Hint != "" {
		l.put(dim, "  try: ").put(text, event.Printable(p.Hint))
	}
}
