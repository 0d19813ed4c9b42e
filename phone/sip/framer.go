package sip

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/emiago/sipgo/sip"
)

const (
	// MaxMessage is the largest message that is read: 64 KiB, more than any
	// SIP message that is not an attack.
	MaxMessage = 64 << 10
	// maxHeader bounds the start line and header fields of one message.
	maxHeader = 32 << 10
	// maxStartLine bounds the start line: garbage without line ends is found
	// out before it fills the buffer.
	maxStartLine = 4 << 10
	// maxUnended is how much of a header is held for its end: one that is too long is
	// answered and skipped, if it ends there.
	maxUnended = MaxMessage + maxHeader
	// maxBadRaw bounds what is shown of bad data.
	maxBadRaw = 256
	// maxStray bounds what is skipped between two messages: the overhang of a body
	// whose length was too small. Whoever sends more does not speak SIP.
	maxStray = MaxMessage
)

// A Framer cuts a stream into messages and the CRLF pings and pongs between
// them (RFC 3261 §18.3, RFC 5626 §3.5.1). The stream may be split and joined
// at any byte. The zero Framer is ready for use, and holds no memory between
// messages.
//
//	Push(bytes) -> Next() -> Message | Ping | Pong | Bad -> ... -> nil
//
// A single CRLF and the first half of a double one look the same, so pongs
// are told from pings by count: while a pong is awaited, one CRLF that has no
// partner in its read is that pong; two are a ping. A CRLF that nobody awaits
// waits for its partner, and is dropped when a message or our next ping
// begins. Whatever the split, each ping is answered once and each pong counts
// once.
type Framer struct {
	buf      []byte // what has not been given out; Raw slices may lie before it
	crlfs    int    // CRLFs at the front, 0 if not counted
	begun    bool   // the start line is whole and looks like SIP
	scanned  int    // bytes of buf that are known to hold no end of header
	need     int    // length of the message at the front, 0 if not known
	segments int    // pushes that the message at the front has taken
	skip     int    // bytes to read past: the body of a message that is refused unread
	doubt    int    // bytes to read past after that, unless a message begins there
	held     []byte // what was skipped of that, as far as another message may be in it
	sealed   bool   // it may have one in it that is its own (RFC 3420)
	awaited  bool   // a pong may come
	ponged   bool   // it comes behind the message at the front, which has no end
	paused   bool   // nothing has come behind an empty line of the header: it counts, however it ends
	half     bool   // a CRLF was read that may be the first half of a ping
	spoken   bool   // there was a message: this is SIP
	stray    int    // bytes that were no message, since the last one
	after    Frame  // a response that is given out without its body, next
	lost     error  // ends the stream after the response that was given out
	dead     bool   // after a fatal error
	overrun  overrun
}

// AwaitPong tells the framer that a ping was sent, or that its pong is no
// longer expected.
func (f *Framer) AwaitPong(awaited bool) {
	f.awaited = awaited
	f.half = false
}

// Partial reports whether the framer holds a part of a message, and waits
// for the rest.
func (f *Framer) Partial() bool {
	return !f.dead && (f.skipping() || len(f.buf) > 1)
}

// Push adds a read to the stream. The framer owns data from then on.
func (f *Framer) Push(data []byte) {
	if f.dead || len(data) == 0 {
		return
	}
	f.segments++
	f.crlfs = 0
	if len(f.buf) == 0 {
		f.segments = 1
		f.buf = data
		return
	}
	f.buf = append(f.buf, data...)
}

// Next returns the next frame, or nil if more data is needed.
func (f *Framer) Next() Frame {
	if after := f.after; after != nil {
		f.after = nil
		return after
	}
	if f.lost != nil {
		return f.fatal(f.lost)
	}
	for !f.dead && f.skipped() {
		if f.doubt > 0 {
			if bad, known := f.decide(); !known || bad != nil {
				return bad
			}
			continue
		}
		if keepalive := f.keepalive(); keepalive != nil {
			return keepalive
		}
		if f.emptyLines() {
			continue
		}
		if len(f.buf) == 0 || string(f.buf) == "\r" || len(f.buf) < f.need {
			return nil
		}
		f.half = false // a message began: the CRLF before it was only an empty line
		if said, known := f.rejoin(); !known || said != nil {
			return said
		}
		err := f.begin()
		if err == nil {
			return f.whole()
		}
		if said, skipped := f.astray(err); !skipped || said != nil {
			return said
		}
	}
	return nil
}

// begin checks that the front looks like a start line.
func (f *Framer) begin() (err error) {
	if !f.begun {
		f.begun, err = startsLikeSIP(f.buf)
	}
	return err
}

// whole takes the message at the front, if it is whole.
func (f *Framer) whole() Frame {
	if f.begun {
		f.stray = 0
	}
	end := f.headerEnd()
	switch {
	case end > maxUnended, end < 0 && len(f.buf) > maxUnended:
		return f.fatal(fmt.Errorf("no end of the header in %d bytes", maxUnended))
	case end < 0:
		return nil
	}
	if n := f.overhang(end); n > 0 {
		said := f.tooSmall(fmt.Errorf("%q is no start line", excerpt(f.buf[:n])))
		f.drop(n)
		return said
	}
	return f.message(end)
}

// astray skips the line at the front, which begins no message, though one was to
// begin: the Content-Length before it was too small. That is said once. A stream that
// has had no message is not SIP at all.
func (f *Framer) astray(err error) (said Frame, skipped bool) {
	line, n, whole := cutBytes(f.buf)
	switch {
	case !f.spoken || f.stray+len(line) > maxStray || !whole && len(line) >= maxStartLine:
		return f.fatal(err), false
	case !whole:
		return nil, false
	}
	if f.stray == 0 {
		said = f.tooSmall(err)
	}
	if over := hangsOver(line, ""); over > 0 {
		n = over
	}
	f.stray += n
	f.drop(n)
	return said, true
}

// tooSmall says that what is at the front begins no message, though one was to begin.
func (f *Framer) tooSmall(err error) Frame {
	return Bad{Raw: excerpt(f.buf), Err: fmt.Errorf("%w; was the Content-Length before it too small?", err), Status: sip.StatusBadRequest}
}

// skipping reports whether the rest of a body is awaited that is read past.
func (f *Framer) skipping() bool { return f.skip > 0 || f.doubt > 0 }

// skipped reads past the body of a message that was refused unread, and reports whether
// the stream is at the next one.
func (f *Framer) skipped() bool {
	n := min(f.skip, len(f.buf))
	if f.skip -= n; f.skip == 0 {
		f.held = nil
	} else if n > 0 {
		f.hold(f.buf[:n])
	}
	f.drop(n)
	return f.skip == 0
}

// hold keeps what is skipped, to find the next message in it if the length was a lie. A
// body that goes on for longer than any message has been none.
func (f *Framer) hold(skipped []byte) {
	if f.sealed {
		return
	}
	if f.held = append(f.held, skipped...); len(f.held) > MaxMessage {
		f.held, f.sealed = nil, true
	}
}

// stopSkipping gives up the rest of a body that is skipped, for its length was a lie.
func (f *Framer) stopSkipping() Frame {
	bad := Bad{Raw: excerpt(f.held), Err: fmt.Errorf("%d more bytes of a body were to come", f.skip+f.doubt), Status: sip.StatusBadRequest, Again: true}
	rest := f.held[swallowed(f.held):]
	*f = Framer{buf: rest, segments: 1, awaited: f.awaited, spoken: true, stray: 1}
	if len(rest) == 0 {
		f.buf = nil
	}
	return bad
}

// keepalive takes the CRLFs at the front and returns the ping or pong that
// they make.
func (f *Framer) keepalive() Frame {
	for bytes.HasPrefix(f.buf, crlf) {
		run := f.run()
		switch {
		case f.half:
			f.half = false
			f.dropCRLFs(1)
			return Ping{}
		case f.awaited && run%2 == 1:
			f.awaited = false
			f.dropCRLFs(1)
			return Pong{}
		case run > 1:
			f.dropCRLFs(2)
			return Ping{}
		}
		f.half = true
		f.dropCRLFs(1)
	}
	return nil
}

func (f *Framer) dropCRLFs(n int) {
	left := f.crlfs - n
	f.drop(2 * n)
	f.crlfs = left
}

var crlf = []byte("\r\n")

// run is how many CRLFs there are at the front.
func (f *Framer) run() int {
	if f.crlfs == 0 {
		for b := f.buf; bytes.HasPrefix(b, crlf); b = b[2:] {
			f.crlfs++
		}
	}
	return f.crlfs
}

// headerEnd is the length of the header with its empty line, or -1.
func (f *Framer) headerEnd() (end int) {
	f.scanned, end = emptyLine(f.buf, f.scanned, f.paused || endsBare(f.buf))
	return end
}

// message takes the message at the front, whose header is end bytes long, if
// it is whole.
func (f *Framer) message(end int) Frame {
	header := f.buf[:end]
	length, missing, err := bodyLength(header)
	two, differ := err.(*twoLengths)
	switch {
	case differ:
		return f.passEither(two, end)
	case err != nil:
		return f.lose(err, end)
	case end > maxHeader:
		return f.pass(fmt.Errorf("header longer than %d bytes", maxHeader), end, length, sip.StatusMessageTooLarge)
	case length > MaxMessage-end:
		return f.pass(fmt.Errorf("message of %s bytes: the limit is %d", lengthText(end+min(length, math.MaxInt32-end)), MaxMessage), end, length, sip.StatusMessageTooLarge)
	}
	if f.need = end + length; len(f.buf) < f.need {
		return nil
	}
	next, known := f.overruns(end)
	switch {
	case !known:
		return nil
	case next > 0:
		err := fmt.Errorf("Content-Length %d, and the next message begins after %d bytes", length, next-end)
		return f.pass(err, end, next-end, sip.StatusBadRequest)
	}
	f.spoken = true
	raw := f.buf[: end+length : end+length]
	segments, quotes := f.overrun.segments, f.overrun.at > 0
	f.drop(end + length)
	f.overrun.ends(raw[end:])
	text := string(raw)
	msg, untidy, status, err := parse(text[:end], raw[end:])
	if err != nil {
		return Bad{Raw: excerpt(raw), Err: err, Status: status, Reply: reply(raw[:end], status)}
	}
	if missing {
		untidy = append(untidy, Untidy{"Content-Length", noLength})
	}
	if quotes && !strings.HasPrefix(strings.ToLower(contentType(raw[:end])), "text/") {
		untidy = append(untidy, Untidy{"Content-Length", lengthDoubted})
	}
	return Message{Raw: text, SIP: msg, Segments: segments, Untidy: untidy}
}

// pass refuses the message at the front, and reads past it. Of a response its body alone
// is refused.
func (f *Framer) pass(err error, end, length, status int) Frame {
	header := f.buf[:end:end]
	refused := bodiless(header, f.segments)
	if refused == nil {
		refused = Bad{Raw: excerpt(f.buf), Err: err, Status: status, Reply: reply(header, status)}
	}
	f.sealed = carriesSIP(header)
	f.spoken = true
	f.drop(end)
	f.skip = length
	return refused
}

// passEither refuses a message of two lengths. The larger is passed, if decide finds no
// message behind the smaller one.
func (f *Framer) passEither(two *twoLengths, end int) Frame {
	less, more := min(two.first, two.second), max(two.first, two.second)
	refused := f.pass(two, end, less, sip.StatusBadRequest)
	f.doubt = more - less
	f.stray = 1 // it is said already
	return refused
}

// decide tells whether the smaller of two lengths may be the true one: a message, or a
// CRLF between two, begins behind it. Then the larger may be another sender's, whose next
// message would have a part of its body taken for one, if we read past that much; and so
// would the body of this one, if it is the larger after all. So the stream ends. known is
// false until enough has come to tell.
func (f *Framer) decide() (bad Frame, known bool) {
	if len(f.buf) == 0 || string(f.buf) == "\r" {
		return nil, false
	}
	line := firstLine(f.buf)
	if len(line) == 0 {
		return f.eitherEnd(), true
	}
	switch whole, err := startsLikeSIP(f.buf); {
	case err == nil && !whole:
		return nil, false
	case err == nil && isStartLine(bytes.ToUpper(line)):
		return f.eitherEnd(), true
	}
	f.skip, f.doubt = f.doubt, 0
	return nil, true
}

// eitherEnd ends the stream behind a message of two lengths, which was refused.
func (f *Framer) eitherEnd() Bad {
	bad := f.fatal(errTwoEnds)
	bad.Again = true
	return bad
}

var errTwoEnds = errors.New("either of two Content-Lengths may be where the next message begins")

// lose refuses a message of whose body nobody knows where it ends (RFC 3261 §18.3), and
// ends the stream: whoever looked for the next start line would find the one that the
// author of the body has written there. Of a response its body alone is refused.
func (f *Framer) lose(err error, end int) Frame {
	header := f.buf[:end:end]
	if res := bodiless(header, f.segments); res != nil {
		f.drop(end)
		f.lost = err
		return res
	}
	bad := f.fatal(err)
	bad.Reply = reply(header, sip.StatusBadRequest)
	return bad
}

// fatal ends the stream: what follows cannot be told apart.
func (f *Framer) fatal(err error) Bad {
	bad := Bad{Raw: excerpt(f.buf), Err: err, Status: sip.StatusBadRequest, Fatal: true}
	*f = Framer{dead: true}
	return bad
}

// drop forgets n bytes at the front; the next message begins there.
func (f *Framer) drop(n int) {
	f.buf = f.buf[n:]
	if n > 0 {
		f.crlfs, f.begun, f.scanned, f.need, f.segments, f.overrun = 0, false, 0, 0, 1, overrun{}
		f.ponged, f.paused = false, false
	}
	if len(f.buf) == 0 {
		f.buf = nil // an idle stream costs no buffer
	}
}

func excerpt(b []byte) []byte { return bytes.Clone(b[:min(len(b), maxBadRaw)]) }

// startsLikeSIP finds garbage early: a start line begins with a token, and is
// a status line or ends with a SIP version (RFC 3261 §7.1, §7.2). whole says
// that the line has its end and need not be looked at again.
func startsLikeSIP(b []byte) (whole bool, err error) {
	line, _, whole := cutBytes(b[:min(len(b), maxStartLine)])
	if !whole && len(b) >= maxStartLine {
		return false, fmt.Errorf("start line longer than %d bytes", maxStartLine)
	}
	for _, c := range line {
		if c < ' ' && c != '\r' || c == 0x7f {
			return false, errors.New("not SIP: control characters in the start line")
		}
	}
	if !tokenByte(line[0]) {
		return false, fmt.Errorf("not SIP: the start line begins with %q", line[0])
	}
	if whole && !namesSIP(line) && !namesSIP(bytes.ToUpper(line)) { // in any letters, RFC 3261 §7.1
		return false, fmt.Errorf("not SIP: %q", excerpt(line))
	}
	return whole, nil
}

func namesSIP(line []byte) bool {
	return bytes.HasPrefix(line, []byte("SIP/")) || bytes.Contains(line, []byte(" SIP/"))
}
