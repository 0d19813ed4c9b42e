package diagnose

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestPushLateLooksAhead: a push that was sent before a call is none that came late for it,
// whether all of the log counts or a part.
func TestPushLateLooksAhead(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	log := event.NewLog(nil)
	at := func(sec int, phone string, e event.Event) uint64 {
		d := time.Duration(sec) * time.Second
		log.Append(event.Record{Phone: phone, Device: d, Wall: begin.Add(d), Event: e})
		return log.Len()
	}
	at(0, "alice", event.Start{Profile: "ios-pushkit", Strategy: "push"})
	at(1, "alice", event.Push{Phase: event.PushToken, Token: "t"})
	since := at(2, "lab", event.Push{Phase: event.PushSent, ID: "1", Token: "t"})
	at(300, "bob", event.Message{Out: true, Method: "INVITE", CallID: "x", CSeq: 1})
	until := at(310, "bob", event.Message{Out: true, Method: "CANCEL", CallID: "x", CSeq: 1})

	words := func(until uint64) string {
		return pushLate(Examine(log, Question{Phone: "alice", Acted: true, Since: since, Until: until}))
	}
	const never = "bob gave up after 10.0 s, and the server had not pushed by then"
	for name, last := range map[string]uint64{"all": 0, "the call": until} {
		if got := words(last); got != never {
			t.Errorf("%s: %q, want %q", name, got, never)
		}
	}
	at(320, "lab", event.Push{Phase: event.PushSent, ID: "2", Token: "t"})
	if got := words(until); !strings.HasSuffix(got, "the server pushed 20.0 s after the call") {
		t.Errorf("a push after the call: %q", got)
	}
}
