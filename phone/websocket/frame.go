package websocket

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// The opcodes (RFC 6455 §11.8).
const (
	opContinue byte = 0x0
	opText     byte = 0x1
	opBinary   byte = 0x2
	opClose    byte = 0x8
	opPing     byte = 0x9
	opPong     byte = 0xa
)

// The close codes that we send (RFC 6455 §7.4.1).
const (
	closeNormal   = 1000
	closeProtocol = 1002
	closeNotUTF8  = 1007
	closeTooBig   = 1009
)

const (
	// maxMessage bounds a message, in one frame or several: what a SIP framer reads
	// at most on a stream, phone/sip.MaxMessage, is as much.
	maxMessage = 64 << 10
	// maxControl bounds the payload of a control frame (RFC 6455 §5.5).
	maxControl = 125
	// maxFragments bounds the pieces of a message: empty ones cost bytes of the
	// network only, and nobody needs more (our own number).
	maxFragments = 1024
)

// A frame is one of RFC 6455 §5.2.
type frame struct {
	fin     bool
	op      byte
	payload []byte
}

// A brokenError is a peer that breaks the protocol, with the close code that says so.
type brokenError struct {
	code int
	why  string
}

func (e *brokenError) Error() string { return e.why }

func broken(code int, format string, args ...any) error {
	return &brokenError{code, fmt.Sprintf(format, args...)}
}

// appendFrame writes a whole message, or a control frame. A client masks it
// (RFC 6455 §5.3) with a key of its own for each frame; a server does not, and has
// none.
func appendFrame(b []byte, op byte, payload []byte, key *[4]byte) []byte {
	mask := byte(0)
	if key != nil {
		mask = 0x80
	}
	b = append(b, 0x80|op)
	switch n := len(payload); {
	case n <= maxControl:
		b = append(b, mask|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(n))
	}
	if key == nil {
		return append(b, payload...)
	}
	b = append(b, key[:]...)
	start := len(b)
	b = append(b, payload...)
	xor(b[start:], key)
	return b
}

func xor(b []byte, key *[4]byte) {
	for i := range b {
		b[i] ^= key[i&3]
	}
}

// readFrame reads the frame at the front of data, and says how long it is; 0: it is
// not whole. masked says whether a peer of this kind masks, as a client must and a
// server must not (RFC 6455 §5.1). A frame that cannot be is found out by its
// header, before its payload comes.
func readFrame(data []byte, masked bool) (f frame, size int, err error) {
	if len(data) < 2 {
		return f, 0, nil
	}
	f = frame{fin: data[0]&0x80 != 0, op: data[0] & 0x0f}
	length, head := uint64(data[1]&0x7f), 2
	switch length {
	case 126:
		head = 4
	case 127:
		head = 10
	}
	if err := f.check(data[0], data[1], length, masked); err != nil || len(data) < head {
		return f, 0, err
	}
	switch head {
	case 4:
		length = uint64(binary.BigEndian.Uint16(data[2:]))
	case 10:
		length = binary.BigEndian.Uint64(data[2:])
	}
	if length > maxMessage {
		return f, 0, broken(closeTooBig, "a frame of %d bytes: the limit is %d", length, maxMessage)
	}
	if masked {
		head += 4
	}
	if size = head + int(length); len(data) < size {
		return f, 0, nil
	}
	f.payload = data[head:size:size]
	if masked {
		xor(f.payload, (*[4]byte)(data[head-4:]))
	}
	return f, size, nil
}

// check refuses the first two bytes of a frame that cannot be.
func (f frame) check(first, second byte, length uint64, masked bool) error {
	switch {
	case first&0x70 != 0:
		return broken(closeProtocol, "a frame with bits of an extension that nobody has agreed on")
	case f.op > opBinary && f.op < opClose || f.op > opPong:
		return broken(closeProtocol, "a frame of the unknown kind %#x", f.op)
	case f.op >= opClose && !f.fin:
		return broken(closeProtocol, "a control frame in pieces")
	case f.op >= opClose && length > maxControl:
		return broken(closeProtocol, "a control frame of more than %d bytes", maxControl)
	case masked && second&0x80 == 0:
		return broken(closeProtocol, "a frame without a mask, which a client must use")
	case !masked && second&0x80 != 0:
		return broken(closeProtocol, "a frame with a mask, which a server must not use")
	}
	return nil
}

// A message is put together of frames (RFC 6455 §5.4).
type message struct {
	op     byte // of the first frame; 0: none has begun
	data   []byte
	pieces int
}

// add takes a frame with data, and reports whether the message is whole.
func (m *message) add(f frame) (whole bool, err error) {
	switch {
	case f.op == opContinue && m.op == 0:
		return false, broken(closeProtocol, "the continuation of no message")
	case f.op != opContinue && m.op != 0:
		return false, broken(closeProtocol, "a new message in the middle of another")
	case len(m.data)+len(f.payload) > maxMessage:
		return false, broken(closeTooBig, "a message of more than %d bytes", maxMessage)
	case m.pieces >= maxFragments:
		return false, broken(closeTooBig, "a message in more than %d pieces", maxFragments)
	}
	if m.op == 0 {
		m.op = f.op
	}
	m.pieces++
	m.data = append(m.data, f.payload...)
	if f.fin && m.op == opText && !utf8.Valid(m.data) {
		return false, broken(closeNotUTF8, "a text that is not UTF-8")
	}
	return f.fin, nil
}

// take gives the message out, and is ready for the next.
func (m *message) take() []byte {
	data := m.data
	*m = message{}
	return data
}

// A closure is what a close frame says: its code, and perhaps a reason.
func closure(payload []byte) (code int, reason string, err error) {
	if len(payload) == 0 {
		return 0, "", nil
	}
	if len(payload) == 1 || !utf8.Valid(payload[2:]) {
		return 0, "", broken(closeProtocol, "a close frame that has no code, or a reason that is not UTF-8")
	}
	if code = int(binary.BigEndian.Uint16(payload)); !closes(code) {
		return 0, "", broken(closeProtocol, "a close frame with the code %d, which none may have", code)
	}
	return code, string(payload[2:]), nil
}

// closes reports whether a close frame may have a code: one that is defined, or of the two
// thousand that others may define (RFC 6455 §7.4.2). 1005, 1006 and 1015 are for programs to
// say that there was none (§7.4.1).
func closes(code int) bool { return meanings[code] != "" || 3000 <= code && code <= 4999 }

// closing is the payload of a close frame of ours.
func closing(code int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(code)) }

// meanings are the codes that a peer may close with (RFC 6455 §7.4.1 and the registry of IANA;
// RFC 7118 has none of its own).
var meanings = map[int]string{
	1000: "normal", 1001: "going away", 1002: "protocol error", 1003: "data that it does not take", 1007: "data of the wrong kind",
	1008: "against its policy", 1009: "a message that is too big", 1010: "an extension is missing", 1011: "an error of its own",
	1012: "it restarts", 1013: "try again later", 1014: "a bad answer from the server behind it",
}
