package app

import (
	"bytes"
	"fmt"
)

// wakeLines are the lines of a server that wakes the app, or its local push provider: what has
// come of one that has not ended is kept.
type wakeLines struct {
	most   int // bytes of a line
	unread []byte
}

func (w *wakeLines) take(data []byte) { w.unread = append(w.unread, data...) }

// forget is another connection.
func (w *wakeLines) forget() { w.unread = nil }

// next is the next line, without its end; whole: it has ended. The error is that of one that is
// too long.
func (w *wakeLines) next() (line string, whole bool, err error) {
	before, rest, whole := bytes.Cut(w.unread, []byte("\n"))
	switch {
	case len(before) > w.most:
		return "", false, fmt.Errorf("a line of more than %d bytes", w.most)
	case !whole:
		return "", false, nil
	}
	line = string(bytes.TrimRight(before, "\r"))
	w.unread = bytes.Clone(rest)
	return line, true, nil
}

// endOf says why a connection to such a server has ended.
func endOf(err error) string {
	if err == nil {
		return "the server closed the connection"
	}
	return err.Error()
}
