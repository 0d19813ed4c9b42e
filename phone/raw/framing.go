package raw

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Limits of frames, in bytes without what frames them.
const (
	// MaxFrame is the largest max-frame that a file may set; defaultMaxFrame
	// applies where it sets none (our own numbers: more than a line of
	// signalling needs).
	MaxFrame        = 64 << 10
	defaultMaxFrame = 4 << 10
	maxDelimiter    = 16
)

// kind is how frames are cut.
type kind int

const (
	byDelimiter kind = iota // a frame ends with it
	byLength                // a number of bytes goes before a frame
	byHTTP                  // an HTTP/1.1 message, or a chunk of one (RFC 9112 §6, §7.1)
	byRead                  // each read is a frame, which TCP does not promise
)

// A Framing says where a frame ends.
type Framing struct {
	kind      kind
	lines     bool   // a delimiter of LF, before which CR is dropped, written CRLF
	delimiter []byte // of byDelimiter
	size      int    // of the length: 1, 2 or 4 bytes
	little    bool   // its byte order
	inclusive bool   // it counts itself
	max       int    // bytes of a frame
}

var framings = []string{"lines", "delimiter", "length", "http", "none"}

// ParseFraming parses the framing of a file.
func ParseFraming(s string) (Framing, error) {
	f := Framing{max: defaultMaxFrame}
	name, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	if rest != "" && name != "delimiter" && name != "length" {
		return f, fmt.Errorf("framing %s takes nothing behind it", name)
	}
	switch name {
	case "lines":
		f.lines, f.delimiter = true, []byte("\n")
	case "none":
		f.kind = byRead
	case "http":
		f.kind = byHTTP
	case "delimiter":
		d, err := strconv.Unquote(strings.TrimSpace(rest))
		if err != nil || d == "" || len(d) > maxDelimiter {
			return f, fmt.Errorf("framing delimiter %s: expected 1 to %d bytes in double quotes, such as \"\\x00\"", rest, maxDelimiter)
		}
		f.delimiter = []byte(d)
	case "length":
		return f, f.parseLength(strings.Fields(rest))
	default:
		return f, fmt.Errorf("no framing %q%s (there are: %s)", name, words.DidYouMean(name, framings), strings.Join(framings, ", "))
	}
	return f, nil
}

func (f *Framing) parseLength(args []string) error {
	f.kind = byLength
	for i, arg := range args {
		switch {
		case i == 0 && (arg == "1" || arg == "2" || arg == "4"):
			f.size = int(arg[0] - '0')
		case i > 0 && arg == "little":
			f.little = true
		case i > 0 && arg == "big":
		case i > 0 && arg == "inclusive":
			f.inclusive = true
		default:
			return fmt.Errorf("framing length: unexpected %q; it is length 1, 2 or 4, then big or little, then inclusive", arg)
		}
	}
	if f.size == 0 {
		return errors.New("framing length: of how many bytes? 1, 2 or 4")
	}
	return nil
}

// A stream is one connection as frames, both ways. The stream may be split and
// joined at any byte.
//
//	push(bytes) ─▶ next() ─▶ frame … ─▶ nil
type stream struct {
	f        *Framing
	buf      []byte
	scanned  int  // bytes of buf that are known to hold no end
	segments int  // pushes that the frame at the front has taken
	in, out  bool // chunks of a message whose end is not known follow (HTTP)
	dead     bool
}

// A frame is one message, without its framing.
type frame struct {
	data     []byte
	bytes    int // with its framing
	segments int // reads that it arrived in
}

// partial reports whether an incomplete frame waits for its rest.
func (s *stream) partial() bool { return len(s.buf) > 0 }

// push adds a read to the stream, which owns data from then on.
func (s *stream) push(data []byte) {
	if s.dead || len(data) == 0 {
		return
	}
	s.segments++
	if len(s.buf) == 0 {
		s.buf, s.segments = data, 1
		return
	}
	s.buf = append(s.buf, data...)
}

// next takes the next frame, nil if more data is needed. After an error the
// stream gives nothing more.
func (s *stream) next() (*frame, error) {
	if s.dead || len(s.buf) == 0 {
		return nil, nil
	}
	from, to, whole, err := s.cut()
	if err == nil && to-from > s.f.max {
		err = fmt.Errorf("a frame of %d bytes: the limit is %d (max-frame)", to-from, s.f.max)
	}
	if err != nil {
		*s = stream{f: s.f, dead: true}
		return nil, err
	}
	if whole == 0 {
		return nil, nil
	}
	fr := &frame{data: s.buf[from:to:to], bytes: whole, segments: s.segments}
	s.buf, s.scanned, s.segments = s.buf[whole:], 0, 1
	if len(s.buf) == 0 {
		s.buf = nil // an idle stream costs no buffer
	}
	return fr, nil
}

// cut finds the frame at the front: where it begins and ends, and its length
// with its framing, 0 if it is incomplete.
func (s *stream) cut() (from, to, whole int, err error) {
	switch s.f.kind {
	case byDelimiter:
		return s.cutDelimiter()
	case byLength:
		return s.cutLength()
	case byHTTP:
		return s.cutHTTP()
	}
	return 0, len(s.buf), len(s.buf), nil
}

// find looks for a delimiter, beginning where the last search ended.
func (s *stream) find(end []byte) int {
	i := bytes.Index(s.buf[s.scanned:], end)
	if i < 0 {
		s.scanned = max(0, len(s.buf)-len(end)+1)
		return -1
	}
	s.scanned += i
	return s.scanned
}

func (s *stream) cutDelimiter() (from, to, whole int, err error) {
	end := s.find(s.f.delimiter)
	if end < 0 {
		if len(s.buf) > s.f.max+len(s.f.delimiter) {
			err = fmt.Errorf("%d bytes without the end of a frame: the limit is %d (max-frame)", len(s.buf), s.f.max)
		}
		return 0, 0, 0, err
	}
	to, whole = end, end+len(s.f.delimiter)
	if s.f.lines && to > 0 && s.buf[to-1] == '\r' {
		to--
	}
	return 0, to, whole, nil
}

func (s *stream) cutLength() (from, to, whole int, err error) {
	n := s.f.size
	if len(s.buf) < n {
		return 0, 0, 0, nil
	}
	var number [4]byte
	var length uint32
	if s.f.little {
		copy(number[:], s.buf[:n])
		length = binary.LittleEndian.Uint32(number[:])
	} else {
		copy(number[4-n:], s.buf[:n])
		length = binary.BigEndian.Uint32(number[:])
	}
	if s.f.inclusive {
		if length < uint32(n) {
			return 0, 0, 0, fmt.Errorf("a length of %d does not count itself: is the framing inclusive?", length)
		}
		length -= uint32(n)
	}
	if uint64(length) > uint64(s.f.max) {
		return 0, 0, 0, fmt.Errorf("a frame of %d bytes: the limit is %d (max-frame); are the size and order of its length right?", length, s.f.max)
	}
	if to = n + int(length); len(s.buf) < to {
		return 0, 0, 0, nil
	}
	return n, to, to, nil
}

// encode frames data to send.
func (s *stream) encode(data []byte) ([]byte, error) {
	if len(data) > s.f.max {
		return nil, fmt.Errorf("a frame of %d bytes: the limit is %d (max-frame)", len(data), s.f.max)
	}
	switch {
	case s.f.lines:
		return append(data, "\r\n"...), nil
	case s.f.kind == byDelimiter:
		if bytes.Contains(data, s.f.delimiter) {
			return nil, fmt.Errorf("a frame with the delimiter %q in it", s.f.delimiter)
		}
		return append(data, s.f.delimiter...), nil
	case s.f.kind == byLength:
		return s.f.prefix(data)
	case s.f.kind == byHTTP:
		return s.encodeHTTP(data), nil
	}
	return data, nil
}

// prefix puts the length before a frame.
func (f *Framing) prefix(data []byte) ([]byte, error) {
	length := len(data)
	if f.inclusive {
		length += f.size
	}
	if f.size < 4 && length >= 1<<(8*f.size) {
		return nil, fmt.Errorf("a frame of %d bytes: its length does not fit in %d bytes", len(data), f.size)
	}
	var number [4]byte
	at := number[4-f.size:]
	if f.little {
		binary.LittleEndian.PutUint32(number[:], uint32(length))
		at = number[:f.size]
	} else {
		binary.BigEndian.PutUint32(number[:], uint32(length))
	}
	return append(bytes.Clone(at), data...), nil
}
