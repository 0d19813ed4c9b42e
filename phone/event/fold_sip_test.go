package event

import "testing"

// A socket that the app has closed itself is not lost. Recordings from before
// there was By say who closed it in Error.
func TestSocketClosedByUs(t *testing.T) {
	tests := []struct {
		name   string
		socket Socket
		ours   bool
	}{
		{"by us, with a reason", Socket{Phase: "closed", By: "us", Error: "wrong password"}, true},
		{"by us", Socket{Phase: "closed", By: "us"}, true},
		{"old recording, by us", Socket{Phase: "closed", Error: "by us: nothing is held while asleep"}, true},
		{"old recording, at the end", Socket{Phase: "closed"}, true},
		{"by the server", Socket{Phase: "closed", Error: "the server closed the connection"}, false},
		{"a reset", Socket{Phase: "reset", Error: "connection reset by peer"}, false},
		{"broken", Socket{Phase: "broken"}, false},
	}
	for _, test := range tests {
		if got := test.socket.ByUs(); got != test.ours {
			t.Errorf("%s: by us %v", test.name, got)
		}
		s := newStory(t)
		test.socket.Name = "control"
		s.at(1, Socket{Name: "control", Phase: "open"}, test.socket)
		if c := s.fold.Socket; c.ByUs != test.ours || c.Losses != map[bool]int{true: 0, false: 1}[test.ours] {
			t.Errorf("%s: by us %v, %d losses", test.name, c.ByUs, c.Losses)
		}
	}
}
