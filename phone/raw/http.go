package raw

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// HTTP/1.1 as frames (RFC 9112): a message with its body is a frame. After a
// message that is sent in chunks, each chunk is a frame, until the last.

var (
	emptyLine     = []byte("\r\n\r\n")
	contentLength = regexp.MustCompile(`(?i)\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n`)
	chunked       = regexp.MustCompile(`(?i)\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n`)
)

// maxChunkLine bounds the line before a chunk: a number, and extensions, which
// are hardly ever used (our own number).
const maxChunkLine = 64

func (s *stream) cutHTTP() (from, to, whole int, err error) {
	if s.in {
		return s.cutChunk()
	}
	end := s.find(emptyLine)
	if end < 0 {
		if len(s.buf) > s.f.max {
			err = fmt.Errorf("a header of more than %d bytes (max-frame)", s.f.max)
		}
		return 0, 0, 0, err
	}
	header := s.buf[:end+len(emptyLine)]
	if m := contentLength.FindSubmatch(header); m != nil {
		n, err := strconv.Atoi(string(m[1]))
		if err != nil || len(header)+n > s.f.max {
			return 0, 0, 0, fmt.Errorf("a message with a Content-Length of %s: the limit is %d (max-frame)", m[1], s.f.max)
		}
		if whole = len(header) + n; len(s.buf) < whole {
			return 0, 0, 0, nil
		}
		return 0, whole, whole, nil
	}
	s.in = chunked.Match(header)
	return 0, len(header), len(header), nil
}

// cutChunk takes a chunk (RFC 9112 §7.1): its length in hex, and its data. The
// last one is empty; trailers are not read.
func (s *stream) cutChunk() (from, to, whole int, err error) {
	line, _, found := bytes.Cut(s.buf[:min(len(s.buf), maxChunkLine)], emptyLine[:2])
	if !found {
		if len(s.buf) >= maxChunkLine {
			err = fmt.Errorf("no chunk: %q", s.buf[:maxChunkLine])
		}
		return 0, 0, 0, err
	}
	size, _, _ := strings.Cut(string(line), ";")
	n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 31)
	if err != nil || n > uint64(s.f.max) {
		return 0, 0, 0, fmt.Errorf("a chunk of %q bytes, in hex: the limit is %d (max-frame)", size, s.f.max)
	}
	from = len(line) + 2
	to = from + int(n)
	if whole = to + 2; len(s.buf) < whole {
		return 0, 0, 0, nil
	}
	if string(s.buf[to:whole]) != "\r\n" {
		return 0, 0, 0, fmt.Errorf("a chunk of %d bytes that does not end there", n)
	}
	s.in = n > 0
	return from, to, whole, nil
}

// encodeHTTP writes a message, or a chunk of the one before it.
func (s *stream) encodeHTTP(data []byte) []byte {
	if s.out {
		s.out = len(data) > 0
		return fmt.Appendf(nil, "%x\r\n%s\r\n", len(data), data)
	}
	header, _, _ := bytes.Cut(data, emptyLine)
	s.out = chunked.Match(append(bytes.Clone(header), "\r\n"...))
	return data
}

// httpText converts a template that is written with LF to an HTTP message: with
// CRLF, and an empty line after its header. A chunk is unchanged.
func httpText(template string) string {
	if !httpStart.MatchString(template) {
		return template
	}
	header, body, _ := strings.Cut(template, "\n\n")
	return strings.ReplaceAll(strings.TrimRight(header, "\n"), "\n", "\r\n") + "\r\n\r\n" + strings.TrimSuffix(body, "\n")
}

// httpStart matches the first line of a message: a status line or a request
// line.
var httpStart = regexp.MustCompile(`\A(HTTP/1\.\d |[A-Z]+ \S+ HTTP/1\.\d\n)`)
