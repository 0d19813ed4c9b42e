package sip

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// GiveUp skips a message whose rest has not come, for its Content-Length was too
// large: up to the next one that has come meanwhile, which it had swallowed, or all
// of it. Of a response its body alone is skipped: the rest is next. It returns nil if
// nobody knows where that would be: the end of the header is missing, and no pong has
// come instead of it. A header that may have ended before the pause has done so. A message that is whole, and waits for what is behind it, is given
// out.
func (f *Framer) GiveUp() Frame {
	switch {
	case f.mayEnd():
		return f.endPaused()
	case f.dead || f.begun && f.need == 0 && !f.ponged:
		return nil
	case f.skipping():
		return f.stopSkipping()
	case f.doubted():
		f.overrun.right = true
		return f.Next()
	case !f.begun && f.spoken:
		bad := Bad{Raw: excerpt(f.buf), Err: errors.New("no message begins there"), Status: sip.StatusBadRequest, Again: f.stray > 0}
		f.leave(len(f.buf))
		return bad
	case !f.begun:
		return nil
	case f.need == 0:
		return f.unended()
	}
	end := f.headerEnd()
	err := fmt.Errorf("Content-Length %d, and %d bytes have come", f.need-end, len(f.buf)-end)
	header := f.buf[:end:end]
	bad := Bad{Raw: excerpt(f.buf), Err: err, Status: sip.StatusBadRequest, Reply: reply(header, sip.StatusBadRequest)}
	f.after = bodiless(header, f.segments)
	if !f.Swallows() {
		end = len(f.buf)
	}
	f.leave(end + swallowed(f.buf[end:]))
	return bad
}

// unended gives up a header behind which a pong has come, and no empty line.
func (f *Framer) unended() Frame {
	err := fmt.Errorf("no empty line at the end of the header, of which %d bytes have come", len(f.buf))
	bad := Bad{Raw: excerpt(f.buf), Err: err, Status: sip.StatusBadRequest}
	if bytes.HasSuffix(f.buf, crlf[1:]) {
		bad.Reply = reply(f.buf, sip.StatusBadRequest)
	}
	f.leave(len(f.buf))
	return bad
}

// Ponged reports whether a read is the pong that is awaited, and not the rest of what has
// begun to come: a CRLF alone, or with the next message behind it (RFC 5626 §4.4.1).
func (f *Framer) Ponged(data []byte) bool {
	next, ok := bytes.CutPrefix(data, crlf)
	line := firstLine(next)
	f.ponged = ok && f.awaited && f.Partial() && !f.doubted() && (len(next) == 0 || isStartLine(line))
	return f.ponged
}

// lacks reports whether the message at the front has its header, and not all of its body.
func (f *Framer) lacks() bool { return !f.skipping() && len(f.buf) < f.need }

// Swallows reports whether the body that lacks its rest has a message in it. A body
// that is one (RFC 3420) does not count. One that is whole has waited long enough.
func (f *Framer) Swallows() bool {
	switch {
	case f.skipping():
		return swallowed(f.held) < len(f.held)
	case f.need == 0:
		return f.mayEnd()
	case f.doubted():
		return true
	}
	end := f.headerEnd()
	return swallowed(f.buf[end:]) < len(f.buf)-end && !carriesSIP(f.buf[:end])
}

// Interrupted reports whether a read begins with a message where the rest of a body
// was to come.
func (f *Framer) Interrupted(data []byte) bool {
	line, _, whole := cutBytes(data)
	switch {
	case f.doubted() || !whole || !isStartLine(line):
		return false
	case f.skipping():
		return !f.sealed
	case f.need == 0:
		return f.mayEnd()
	}
	return !carriesSIP(f.buf[:f.headerEnd()])
}

// leave drops n bytes of which nobody knows that they were all: the rest may come.
func (f *Framer) leave(n int) {
	f.spoken = true
	f.stray += n
	f.drop(n)
}
