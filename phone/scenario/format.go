package scenario

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxAlign is the width up to which a statement has a say in where the
// comments beside it stand.
const maxAlign = 60

// Format writes a scenario as it should look: one blank between words, an
// empty line above each test case, comments behind statements in a column. The
// order of the lines, and all that they say, stays. What it has written it
// leaves as it is.
//
// The text must be lines of words; whether they make sense does not matter.
// The error is a [*SyntaxErrors].
func Format(src []byte) ([]byte, error) { return FormatFile("scenario", src) }

// FormatFile is [Format], with the name of the file for messages.
func FormatFile(name string, src []byte) ([]byte, error) {
	p := &parser{file: &File{Name: name}}
	if len(src) > maxSource {
		p.fail(source{file: name, n: 1}, wrong(token{col: 1}, "a scenario of more than %d KiB", maxSource>>10))
		return nil, &p.errors
	}
	var lines []line
	for i, text := range splitLines(src) {
		if p.errors.More {
			break
		}
		l, problem := lex(text)
		if problem != nil {
			p.fail(source{file: name, n: i + 1, text: text, order: i}, problem)
			continue
		}
		lines = append(lines, l)
	}
	if len(p.errors.List) > 0 {
		return nil, &p.errors
	}
	lines = spaced(lines)
	out := written(lines)
	if len(out) > maxSource || len(lines) > maxLines {
		p.fail(source{file: name, n: 1}, wrong(token{col: 1}, "a scenario of more than %d KiB or %d lines when formatted", maxSource>>10, maxLines))
		return nil, &p.errors
	}
	return out, nil
}

// blank reports whether nothing stands on the line at all.
func (l line) blank() bool { return l.empty() && l.comment == "" }

// spaced has no two empty lines in a row, none at the ends, and one above each
// test case and the comment that belongs to it.
func spaced(lines []line) []line {
	var out []line
	for _, l := range lines {
		if l.blank() && (len(out) == 0 || out[len(out)-1].blank()) {
			continue
		}
		if l.isCase {
			out = setApart(out)
		}
		out = append(out, l)
	}
	for len(out) > 0 && out[len(out)-1].blank() {
		out = out[:len(out)-1]
	}
	return out
}

// setApart puts an empty line above the comment lines at the end of lines, or
// at the end if there are none.
func setApart(lines []line) []line {
	at := len(lines)
	for at > 0 && lines[at-1].empty() && !lines[at-1].blank() {
		at--
	}
	if at == 0 || lines[at-1].blank() {
		return lines
	}
	apart := append(lines, line{})
	copy(apart[at+1:], lines[at:])
	apart[at] = line{}
	return apart
}

// written writes lines, with the comments behind neighbouring statements in a
// column.
func written(lines []line) []byte {
	var b strings.Builder
	column := 0
	for i, l := range lines {
		text := l.statement()
		if !l.hasBoth() {
			column = 0
			b.WriteString(text + l.comment + "\n")
			continue
		}
		if column == 0 {
			column = commentColumn(lines[i:])
		}
		pad := max(column-utf8.RuneCountInString(text), 2)
		fmt.Fprintf(&b, "%s%s%s\n", text, strings.Repeat(" ", pad), l.comment)
	}
	return []byte(b.String())
}

// hasBoth reports whether a comment stands behind a statement.
func (l line) hasBoth() bool { return !l.empty() && l.comment != "" }

// commentColumn is where the comments of the lines at the beginning of lines
// stand.
func commentColumn(lines []line) int {
	widest := 0
	for _, l := range lines {
		if !l.hasBoth() {
			break
		}
		if w := utf8.RuneCountInString(l.statement()); w <= maxAlign {
			widest = max(widest, w)
		}
	}
	return widest + 2
}
