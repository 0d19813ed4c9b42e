//go:build unix

package phone

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
)

// TestRecordToAStream: a pipe gets a recording once, at its end.
func TestRecordToAStream(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Start{}})
	log.Append(event.Record{Phone: "alice", Event: event.Socket{Name: "control", Phase: event.SocketOpen}})
	s := &session{log: log, name: "alice", file: fmt.Sprintf("/dev/fd/%d", write.Fd()), on: true}
	for range 3 {
		if err := s.soFar(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.end(io.Discard); err != nil {
		t.Fatal(err)
	}
	write.Close()
	text, err := io.ReadAll(read)
	if want := record.Since(log, 0, s.began); err != nil || len(want) == 0 || !bytes.Equal(text, want) {
		t.Errorf("%v; the pipe has %q, want %q", err, text, want)
	}
}
