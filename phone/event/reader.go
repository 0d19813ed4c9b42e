package event

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A Reader reads a recording, a JSON line each.
type Reader struct {
	lines *bufio.Scanner
	n     int   // of the line that was read last
	read  int64 // bytes
}

// NewReader returns a reader of a recording.
func NewReader(r io.Reader) *Reader {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	return &Reader{lines: lines}
}

// Next reads the next record. At the end of the recording the error is io.EOF;
// any other names the line, such as one at which the recording was cut off.
func (r *Reader) Next() (Record, error) {
	for r.lines.Scan() {
		r.n++
		r.read += int64(len(r.lines.Bytes())) + 1
		if len(bytes.TrimSpace(r.lines.Bytes())) == 0 {
			continue
		}
		rec, err := ParseJSON(r.lines.Bytes())
		if err != nil {
			return rec, fmt.Errorf("line %d: %w", r.n, err)
		}
		return rec, nil
	}
	switch err := r.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Record{}, fmt.Errorf("line %d is longer than %d bytes", r.n+1, maxLine)
	case err != nil:
		return Record{}, fmt.Errorf("line %d: %w", r.n+1, err)
	}
	return Record{}, io.EOF
}

// Read is how many bytes the records so far have taken.
func (r *Reader) Read() int64 { return r.read }

// ReadJSON reads a recording into a new log. One that was cut off in the middle
// of a line is read up to there, and the error names the line; what was read is
// returned with it.
func ReadJSON(r io.Reader) (*Log, error) {
	log, in := new(Log), NewReader(r)
	for {
		rec, err := in.Next()
		switch {
		case err == io.EOF:
			return log, nil
		case err != nil:
			return log, err
		}
		log.Append(rec)
	}
}
