package xmpp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
)

// A Frame is what a [Framer] finds in a stream: an [Opening], a [Stanza], an
// [Ending], [Space] or [Bad] data.
type Frame interface{ frame() }

// Opening is the opening tag of the stream (RFC 6120 §4.7).
type Opening struct {
	Raw      []byte
	Element  *Element // without children
	Segments int      // reads that it arrived in
}

// Stanza is one whole element of the stream: a stanza, or another child of the
// root, which the RFC has no word for.
type Stanza struct {
	Raw      []byte
	Element  *Element
	Segments int
}

// Ending is the closing tag of the stream (RFC 6120 §4.4).
type Ending struct{}

// Space is a read that held nothing but white space between stanzas: a
// keepalive (RFC 6120 §4.6.1).
type Space struct{ Bytes int }

// Bad is data that is no XMPP. Nothing after it can be read.
type Bad struct {
	Condition string // of the stream error that it deserves (RFC 6120 §4.9.3)
	Err       error
}

func (b Bad) Error() string { return b.Err.Error() }

func (Opening) frame() {}
func (Stanza) frame()  {}
func (Ending) frame()  {}
func (Space) frame()   {}
func (Bad) frame()     {}

const (
	// MaxStanza bounds a stanza, in bytes. RFC 6120 §13.12 wants no less than
	// 10000; this is as much as a SIP message may have here.
	MaxStanza = 64 << 10
	// maxOpening bounds the opening tag, which is kept for its namespaces (our
	// own number; it is a line).
	maxOpening = 4 << 10
)

var errRestricted = errors.New("a comment, a processing instruction or a document type, which XMPP forbids (RFC 6120 §11.1)")

// scan is where the framer is within the XML.
type scan int

const (
	inText   scan = iota
	inOpen        // behind "<"
	inTag         // in a start tag
	inSingle      // in a value in '
	inDouble      // in a value in "
	inEnd         // in an end tag
	inBang        // behind "<!": CDATA, or forbidden
	inCDATA       // behind "<![CDATA["
	inDecl        // in the XML declaration
)

// A Framer cuts a stream of XML into its frames. The stream may be split at
// any byte. It knows just enough of XML to find where a frame ends; what the
// frame says is read by encoding/xml.
//
// A Framer is bounded: see [MaxStanza].
type Framer struct {
	state  scan
	depth  int    // of open elements; 1 between stanzas
	buf    []byte // of the frame that has begun
	mark   int    // where in buf the markup that is being read begins
	header []byte // the opening tag, from the XML declaration on
	reads  int    // that the frame in buf is made of
	dead   bool
	found  []Frame
}

// Push takes in a piece of the stream, and returns the frames that it
// completes.
func (f *Framer) Push(data []byte) []Frame {
	f.found = nil
	spaces := 0
	if len(f.buf) > 0 {
		f.reads++
	}
	for _, b := range data {
		if f.dead {
			break
		}
		if f.between() && isSpace(b) {
			spaces++
			continue
		}
		if len(f.buf) == 0 {
			f.reads = 1
		}
		f.buf = append(f.buf, b)
		f.step(b)
	}
	if spaces == len(data) && spaces > 0 {
		f.found = append(f.found, Space{Bytes: spaces})
	}
	return f.found
}

// Partial reports whether a frame has begun that is not whole.
func (f *Framer) Partial() bool { return len(f.buf) > 0 }

// between reports whether the framer stands outside of every stanza.
func (f *Framer) between() bool { return f.state == inText && f.depth <= 1 && len(f.buf) == 0 }

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// step takes in one byte, the last of buf.
func (f *Framer) step(b byte) {
	if most := f.limit(); len(f.buf) > most {
		f.fail("policy-violation", fmt.Errorf("a stanza of more than %d bytes", most))
		return
	}
	switch f.state {
	case inText:
		f.text(b)
	case inOpen:
		f.open(b)
	case inTag:
		f.tag(b)
	case inSingle:
		f.leave(b, '\'', inTag)
	case inDouble:
		f.leave(b, '"', inTag)
	case inEnd:
		f.end(b)
	case inBang:
		f.bang()
	case inCDATA:
		if bytes.HasSuffix(f.buf[f.mark:], []byte("]]>")) {
			f.state = inText
		}
	case inDecl:
		if bytes.HasSuffix(f.buf, []byte("?>")) {
			f.state = inText
		}
	}
}

func (f *Framer) limit() int {
	if f.depth == 0 {
		return maxOpening
	}
	return MaxStanza
}

func (f *Framer) leave(b, quote byte, to scan) {
	if b == quote {
		f.state = to
	}
}

func (f *Framer) text(b byte) {
	switch {
	case b == '<':
		f.state, f.mark = inOpen, len(f.buf)-1
	case f.depth > 1: // in a stanza
	case !isSpace(b):
		f.fail("not-well-formed", fmt.Errorf("%q between stanzas", b))
	}
}

func (f *Framer) open(b byte) {
	switch {
	case b == '/' && f.depth > 0:
		f.state = inEnd
	case b == '!' && f.depth > 1:
		f.state = inBang
	case b == '?' && f.depth == 0 && f.mark == 0:
		f.state = inDecl
	case b == '!' || b == '?':
		f.fail("restricted-xml", errRestricted)
	case b == '/':
		f.fail("not-well-formed", errors.New("the end of a stream that has not begun"))
	default:
		f.state = inTag
	}
}

// tag is a start tag, with the values of its attributes elsewhere.
func (f *Framer) tag(b byte) {
	switch {
	case b == '\'':
		f.state = inSingle
	case b == '"':
		f.state = inDouble
	case b == '<':
		f.fail("not-well-formed", errors.New("< in a tag"))
	case b != '>':
	case f.depth == 0:
		f.opening()
	case f.buf[len(f.buf)-2] == '/':
		f.closed()
	default:
		f.depth++
		f.state = inText
		if f.depth > maxDepth+1 {
			f.fail("policy-violation", fmt.Errorf("elements nested more than %d deep", maxDepth))
		}
	}
}

func (f *Framer) end(b byte) {
	if b != '>' {
		return
	}
	f.depth--
	if f.depth > 0 {
		f.closed()
		return
	}
	f.dead, f.buf = true, nil
	f.found = append(f.found, Ending{})
}

// bang lets CDATA pass, which is text, and nothing else.
func (f *Framer) bang() {
	const cdata = "<![CDATA["
	switch got := string(f.buf[f.mark:]); {
	case got == cdata:
		f.state, f.mark = inCDATA, len(f.buf)
	case len(got) > len(cdata) || got != cdata[:len(got)]:
		f.fail("restricted-xml", errRestricted)
	}
}

// opening is the whole opening tag.
func (f *Framer) opening() {
	tag, err := startTag(xml.NewDecoder(bytes.NewReader(f.buf)))
	if err != nil {
		f.fail("not-well-formed", err)
		return
	}
	start := fromStart(tag)
	if !start.is(nsStream, "stream") {
		f.fail("invalid-namespace", fmt.Errorf("the stream opens with <%s> of %q and not with <stream> of %q", start.Name, start.Space, nsStream))
		return
	}
	f.header, f.depth, f.state = f.buf, 1, inText
	f.found = append(f.found, Opening{Raw: f.buf, Element: start, Segments: f.reads})
	f.buf = nil
}

// closed is the end of an element; of a stanza, if no other is open.
func (f *Framer) closed() {
	f.state = inText
	if f.depth > 1 {
		return
	}
	e, err := parse(f.header, f.buf)
	if err != nil {
		f.fail("not-well-formed", err)
		return
	}
	e.size = len(f.buf)
	f.found = append(f.found, Stanza{Raw: f.buf, Element: e, Segments: f.reads})
	f.buf = nil
}

func (f *Framer) fail(condition string, err error) {
	f.dead, f.buf = true, nil
	f.found = append(f.found, Bad{Condition: condition, Err: err})
}
