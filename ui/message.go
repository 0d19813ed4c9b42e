package ui

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// message is the view of one message, whole, and how it arrived.
type message struct {
	*messages
	at int
}

func (*message) bindings() []binding { return nil }

func (g *message) opened(situation) { g.at = 0 }

func (g *message) position(s situation) (at *int, limit int) {
	row, ok := g.selected(s.fold)
	if !ok {
		return &g.at, 0
	}
	in := messagePlace(s).inset()
	return &g.at, max(0, len(messageLines(row, in.w))-(in.h-len(messageFoot(row, s.fold))))
}

// messagePlace is beside the ladder, or over all.
func messagePlace(s situation) rect {
	if s.inLadder && s.w >= wideWidth {
		return rect{s.w - messageWidth, s.top, messageWidth, s.bottom - s.top}
	}
	return rect{0, s.top, s.w, s.bottom - s.top}
}

func (g *message) draw(c *canvas, s situation) { drawMessage(c, s, g.messages, messagePlace(s), g.at) }

// drawMessage draws the selected message, or the newest, without its first
// lines.
func drawMessage(c *canvas, s situation, k *messages, r rect, from int) {
	c.clear(r, text)
	row, ok := k.selected(s.fold)
	if !ok {
		box(c, r, "message", "", title, faint)
		return
	}
	name := sipWhat(row) + " ◀ server"
	if row.Message.Out {
		name = sipWhat(row) + " ▶ server"
	}
	head := title
	if s.mode == messageMode {
		head = keycap
	}
	box(c, r, name, s.stamp(row.At), head, faint)
	in := area{c, r.inset()}
	foot := messageFoot(row, s.fold)
	body := area{c, rect{in.x, in.y, in.w, in.h - len(foot)}}
	lines := messageLines(row, in.w)
	for i := 0; i < body.h && from+i < len(lines); i++ {
		drawMessageLine(body.line(i), lines[from+i])
	}
	for i, words := range foot {
		in.line(in.h-len(foot)+i).put(dim, words)
	}
}

// A messageLine is a line of a message, or a part of one that is too long.
type messageLine struct {
	kind byte // 's' start line, 'h' header, 'b' body, '+' the rest of a line
	text string
}

// messageLines breaks a message into lines of at most w columns.
func messageLines(r *event.SIPRow, w int) []messageLine {
	switch {
	case isPing(r):
		return []messageLine{{'b', "CRLF, as a keepalive (RFC 5626 §3.5.1)"}}
	case r.Message.Raw == "":
		return []messageLine{{'b', "the text of this message was not recorded"}}
	}
	var lines []messageLine
	kind := byte('s')
	for _, s := range strings.Split(strings.TrimRight(strings.ReplaceAll(r.Message.Raw, "\r\n", "\n"), "\n"), "\n") {
		s = event.Printable(s)
		if s == "" {
			kind = 'b'
		}
		part := kind
		for runes := []rune(s); ; {
			n := min(len(runes), max(1, w))
			lines = append(lines, messageLine{part, string(runes[:n])})
			runes, part = runes[n:], '+'
			if len(runes) == 0 {
				break
			}
		}
		if kind == 's' {
			kind = 'h'
		}
	}
	return lines
}

func drawMessageLine(l *pen, line messageLine) {
	switch line.kind {
	case 's':
		l.put(strong, line.text)
	case 'h':
		name, value, _ := strings.Cut(line.text, ":")
		l.put(open, name+":").put(text, value)
	case 'b':
		ink := dim
		if strings.HasPrefix(line.text, "c=") || strings.HasPrefix(line.text, "m=") {
			ink = woken
		}
		l.put(ink, line.text)
	default:
		l.put(text, line.text)
	}
}

// messageFoot says how the message arrived.
func messageFoot(r *event.SIPRow, f *event.Fold) []string {
	var foot []string
	if e := &r.Message; e.Bytes > 0 {
		s := fmt.Sprintf("%d B", e.Bytes)
		if e.Segments > 0 {
			s = fmt.Sprintf("arrived as %s, %s", words.Count(e.Segments, "tcp segment"), s)
		}
		foot = append(foot, s)
	}
	if r.Wake != 0 {
		for i := range f.Wakes {
			if w := &f.Wakes[i]; w.N == r.Wake {
				foot = append(foot, "the app was suspended; read "+span(w.Latency)+" after the wake")
			}
		}
	}
	return foot
}
