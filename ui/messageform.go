package ui

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A messageForm is how the text of a message is shown.
type messageForm int

// The forms.
const (
	prettyForm  messageForm = iota // parameters that do not fit go on below, indented
	rawForm                        // as it was logged, with its line ends
	wrappedForm                    // broken where the line is full
	allForms
)

func (f messageForm) String() string {
	return [...]string{"pretty", "raw, as logged", "wrapped"}[f]
}

// A messageLine is a line of a message, or a part of one that is too long.
type messageLine struct {
	kind   byte // 's' start line, 'h' header, 'b' body, '+' the rest of a line, 'r' raw
	text   string
	differ bool // from what it is compared with
}

// lines breaks a message into lines of at most w columns.
func (f messageForm) lines(raw string, w int) (lines []messageLine) {
	w = max(1, w)
	kind := byte('s')
	for _, s := range messageText(raw) {
		if f == rawForm {
			lines = append(lines, broken('r', rawLine(s), w)...)
			continue
		}
		s = event.Printable(strings.TrimRight(s, "\r\n"))
		if s == "" {
			kind = 'b'
		}
		if f == prettyForm && kind != 'b' {
			lines = append(lines, indented(kind, s, w)...)
		} else {
			lines = append(lines, broken(kind, s, w)...)
		}
		if kind == 's' {
			kind = 'h'
		}
	}
	return lines
}

// messageText is the lines of a message, with their ends.
func messageText(raw string) []string {
	lines := strings.SplitAfter(raw, "\n")
	if n := len(lines); lines[n-1] == "" {
		lines = lines[:n-1]
	}
	return lines
}

// rawLine is a line with what is not printable written out.
func rawLine(s string) string {
	q := strconv.QuoteToGraphic(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// broken is a line in parts that fit.
func broken(kind byte, s string, w int) (parts []messageLine) {
	for {
		part := ansi.Truncate(s, w, "")
		if part == "" && s != "" { // a glyph that is wider than the room
			part = s
		}
		parts = append(parts, messageLine{kind: kind, text: part})
		if s = s[len(part):]; s == "" {
			return parts
		}
		if kind != 'r' {
			kind = '+'
		}
	}
}

// indent is how far the rest of a header is indented.
const indent = 6

// indented is a header in parts that fit: it is broken before a parameter, or at a blank.
func indented(kind byte, s string, w int) (parts []messageLine) {
	if w < 4*indent {
		return broken(kind, s, w)
	}
	room, lead := w, ""
	for ansi.StringWidth(s) > room {
		head := ansi.Truncate(s, room, "")
		at := strings.LastIndexAny(head, "; ")
		if at <= 0 {
			at = len(head)
		}
		parts = append(parts, messageLine{kind: kind, text: lead + s[:at]})
		s = strings.TrimPrefix(s[at:], " ")
		kind, room, lead = '+', w-indent, strings.Repeat(" ", indent)
	}
	return append(parts, messageLine{kind: kind, text: lead + s})
}

func drawMessageLine(l *pen, line messageLine) {
	if line.differ {
		l.put(woken|strong, "≠")
	}
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
