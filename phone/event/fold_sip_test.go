package event

import (
	"strings"
	"testing"
)

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

// A peer that sends long messages makes no fold grow: the oldest go first.
func TestFoldOfLongMessages(t *testing.T) {
	f := &Fold{Phone: "alice"}
	f.Apply(Record{Phone: "alice", Event: Start{}})
	for i := range 2000 {
		f.Apply(Record{Phone: "alice", Seq: uint64(i), Event: Message{Method: strings.Repeat("M", 1000), Raw: strings.Repeat("x", 60_000)}})
		f.Apply(Record{Phone: "alice", Seq: uint64(i), Event: Error{Err: strings.Repeat("E", 60_000)}})
	}
	size := 0
	for i := range f.SIP {
		size += f.SIP[i].length()
	}
	if n := len(f.SIP); size > maxSIPText || n < 10 || f.SIP[n-1].Seq != 1999 || f.Messages != 2000 {
		t.Errorf("%d rows of %d bytes, of %d messages", n, size, f.Messages)
	}
	for _, p := range f.Problems {
		if len(p.Detail) > maxBrief+len("…") {
			t.Fatalf("a problem of %d bytes", len(p.Detail))
		}
	}
	f.Apply(Record{Phone: "alice", Seq: 2000, Event: Message{Raw: strings.Repeat("x", 2*maxSIPText)}})
	if len(f.SIP) != 1 || f.SIP[0].Seq != 2000 {
		t.Errorf("of one message that is longer than all may be, %d rows are left", len(f.SIP))
	}
}

// TestFoldKeepsNoCause: what a message says of why is in its text, and not kept twice.
func TestFoldKeepsNoCause(t *testing.T) {
	s := newStory(t)
	s.at(1, Message{Method: "BYE", Raw: "Reason: SIP;cause=200", Cause: Cause{Reasons: []Reason{{Protocol: "SIP", Cause: 200}}}})
	if row := s.fold.SIP[0]; row.Message.Said() != "" || row.Message.Raw == "" {
		t.Errorf("%+v", row)
	}
}
