package clean

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// A Writer writes text with escapes for what is forbidden, other than newlines and
// tabs. Text and JSON that are already clean pass unchanged.
type Writer struct {
	// Colours lets the program's own colours and weights of text through (SGR,
	// ECMA-48 §8.3.117), but no other command of a terminal.
	Colours bool
	// Max is the number of characters after which lines are cut; 0 means never.
	Max int

	to     io.Writer
	begun  []byte // the beginning of a character or a colour, until the rest comes
	before rune   // what was written last
	length int    // of the line that is being written, in characters
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{to: w} }

// Write writes text. It keeps an incomplete character or colour at the end of text
// until the rest of it comes, and a joiner until the character that it joins.
func (w *Writer) Write(text []byte) (int, error) {
	if w.Max == 0 && len(w.begun) == 0 && !bytes.ContainsFunc(text, special) {
		w.before = 0
		return w.to.Write(text)
	}
	whole := append(w.begun, text...)
	n := len(whole) - w.open(whole)
	w.begun = bytes.Clone(whole[n:])
	return len(text), w.send(whole[:n])
}

// special reports whether a character is anything but printable ASCII, a newline
// or a tab.
func special(r rune) bool { return r > '~' || r < ' ' && !layout(r) }

// Flush writes what was kept because it was incomplete.
func (w *Writer) Flush() error {
	rest := w.begun
	w.begun = nil
	return w.send(rest)
}

// open returns how many bytes at the end of text are to be kept: an incomplete
// character or colour, or a joiner.
func (w *Writer) open(text []byte) int {
	if at := bytes.LastIndexByte(text, 0x1b); w.Colours && at >= 0 && len(text)-at < maxColour && colour(text[at:]) < 0 {
		return len(text) - at
	}
	n := partial(text)
	if r, size := utf8.DecodeLastRune(text[:len(text)-n]); joiner(r) {
		n += size
	}
	return n
}

// partial returns how many bytes at the end of text are the beginning of a
// character.
func partial(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

func (w *Writer) send(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	var b []byte
	for len(text) > 0 {
		n := 0
		if w.Colours && text[0] == 0x1b {
			n = max(0, colour(text))
			b = append(b, text[:n]...)
		}
		if n == 0 {
			n = w.run(text)
			b = w.append(b, string(text[:n]))
			w.before, _ = utf8.DecodeLastRune(text[:n])
		} else {
			w.before = 0
		}
		text = text[n:]
	}
	_, err := w.to.Write(b)
	return err
}

// run returns the length of text up to the next colour. The first byte does not
// begin one.
func (w *Writer) run(text []byte) int {
	if next := bytes.IndexByte(text[1:], 0x1b); w.Colours && next >= 0 {
		return next + 1
	}
	return len(text)
}

// append appends text, with its lines cut to their maximum length.
func (w *Writer) append(b []byte, text string) []byte {
	if w.Max == 0 {
		return appendClean(b, w.before, text, layout)
	}
	for _, r := range string(appendClean(nil, w.before, text, layout)) {
		switch w.length++; {
		case r == '\n':
			w.length = 0
		case w.length == w.Max:
			r = '…'
		case w.length > w.Max:
			continue
		}
		b = utf8.AppendRune(b, r)
	}
	return b
}

// Lines returns a text of several lines with escapes for what is forbidden.
func Lines(s string) []byte { return appendClean(nil, 0, s, layout) }

// layout reports whether a character lays out a text of several lines.
func layout(r rune) bool { return r == '\n' || r == '\t' }

// maxColour bounds the bytes of a colour sequence. Two colours of 24 bits take 38.
const maxColour = 48

// colour returns the length of the colour sequence at the beginning of text: ESC, a
// bracket, numbers, m. It returns 0 if there is none, and -1 if text is too short
// to tell.
func colour(text []byte) int {
	for i, c := range text[:min(len(text), maxColour)] {
		switch {
		case i == 0 && c == 0x1b, i == 1 && c == '[', i > 1 && (c >= '0' && c <= '9' || c == ';' || c == ':'):
		case i > 1 && c == 'm':
			return i + 1
		default:
			return 0
		}
	}
	return -1
}
