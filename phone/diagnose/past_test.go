package diagnose

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestPast tells a phone's story, a second for each event, and asks for what
// counts of it: what comes later takes back what came before.
func TestPast(t *testing.T) {
	request, answer := event.Message{Out: true, Method: "REGISTER", CSeq: 7}, event.Message{Method: "REGISTER", Status: 401, CSeq: 7}
	sending, challenged := event.Registration{Phase: event.RegistrationSending}, event.Registration{Phase: event.RegistrationChallenged}
	failed := event.Registration{Phase: event.RegistrationFailed, Status: 403}
	given := event.Registration{Phase: event.RegistrationFailed, Rule: event.RuleClearPassword, Reason: "in clear"}
	closed := event.Socket{Name: "control", Phase: event.SocketClosed, Error: "the server closed the connection"}
	for name, c := range map[string]struct {
		cause  func(*Evidence) string
		since  uint64
		events []event.Event
		fits   bool
	}{
		"no answer":                     {serverSilent, 0, []event.Event{request}, true},
		"an answer":                     {serverSilent, 0, []event.Event{request, answer}, false},
		"an answer to something else":   {serverSilent, 0, []event.Event{request, event.Message{Status: 200, CSeq: 6}}, true},
		"an ACK has none":               {serverSilent, 0, []event.Event{event.Message{Out: true, Method: "ACK"}}, false},
		"given up":                      {notInClear, 0, []event.Event{given}, true},
		"given up, and tried again":     {notInClear, 0, []event.Event{given, sending}, false},
		"refused":                       {wrongPassword, 0, []event.Event{sending, challenged, failed}, true},
		"refused without credentials":   {wrongPassword, 0, []event.Event{sending, challenged, sending, failed}, false},
		"closed upon a request":         {closedAtStep, 0, []event.Event{request, closed}, true},
		"closed before the last action": {closedAtStep, 2, []event.Event{request, closed}, false},
		"closed upon nothing":           {closedAtStep, 0, []event.Event{closed}, false},
	} {
		log := new(event.Log)
		for _, e := range c.events {
			log.Append(event.Record{Phone: "alice", Device: time.Second / 2, Event: e})
			log.Append(event.Record{Phone: "bob", Device: time.Second / 2, Event: answer}) // which is not of the phone
		}
		q := Question{Phone: "alice", Now: time.Minute, Acted: true, Since: 2 * c.since}
		if got := c.cause(Examine(log, q)); (got != "") != c.fits {
			t.Errorf("%s: %q", name, got)
		}
	}
}
