package pushapi

import (
	"net/http/httptest"
	"testing"
	"time"
)

// lineWriter is a response whose deadlines and flushes are seen.
type lineWriter struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (w *lineWriter) SetWriteDeadline(at time.Time) error {
	w.deadlines = append(w.deadlines, at)
	return nil
}

// TestStreamOutlivesALine: the deadline of a line is not that of the stream, on
// which the device waits for the next push for as long as it likes.
func TestStreamOutlivesALine(t *testing.T) {
	w := &lineWriter{ResponseRecorder: httptest.NewRecorder()}
	if err := writeLine(w, []byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	if w.Body.String() != "{}\n" || !w.Flushed {
		t.Errorf("wrote %q, flushed %v", w.Body, w.Flushed)
	}
	if n := len(w.deadlines); n != 2 || w.deadlines[0].IsZero() || !w.deadlines[1].IsZero() {
		t.Errorf("deadlines %v, want one, and then none", w.deadlines)
	}
}
