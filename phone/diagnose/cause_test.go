package diagnose

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestCausesAreRules wants every likely cause to be explained, once.
func TestCausesAreRules(t *testing.T) {
	seen := map[event.Rule]bool{}
	for _, c := range causes {
		if _, err := Find(string(c.rule)); err != nil || seen[c.rule] {
			t.Errorf("cause %q: %v, or twice", c.rule, err)
		}
		seen[c.rule] = true
	}
}

// A connection that the app has closed itself was not closed by the server,
// whatever the reason.
func TestClosedAtStep(t *testing.T) {
	tests := []struct {
		socket event.Socket
		found  bool
	}{
		{event.Socket{Phase: "closed", Error: "the server closed the connection"}, true},
		{event.Socket{Phase: "reset", Error: "connection reset by peer"}, true},
		{event.Socket{Phase: "closed", By: "us", Error: "wrong password"}, false},
		{event.Socket{Phase: "closed"}, false},
	}
	for _, test := range tests {
		test.socket.Name = "control"
		log := new(event.Log)
		log.Append(event.Record{Phone: "alice", Device: time.Second, Event: event.Message{Out: true, Method: "REGISTER"}})
		log.Append(event.Record{Phone: "alice", Device: time.Second, Event: test.socket})
		if got := closedAtStep(Examine(log, Question{Phone: "alice", Now: time.Second})); (got != "") != test.found {
			t.Errorf("%+v: %q", test.socket, got)
		}
	}
}
