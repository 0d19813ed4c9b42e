package record

import (
	"bytes"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// TestCut: a recording that has not ended can be played, and says so; one that
// has ended does not.
func TestCut(t *testing.T) {
	log := new(event.Log)
	for _, e := range []event.Event{event.Start{AOR: "sip:alice@lab.test"}, event.Verb{Line: "background", By: "key"}} {
		log.Append(event.Record{Phone: "alice", Event: e})
	}
	cut := Unended(log, 0, time.Time{})
	if _, err := scenario.ParseFile("cut.talk", cut, nil); err != nil {
		t.Errorf("%v\n%s", err, cut)
	}
	if !IsCut(cut) || !IsCut(bytes.ReplaceAll(cut, []byte("\n"), []byte("\r\n"))) {
		t.Errorf("it does not say that it was cut:\n%s", cut)
	}
	if whole := Record(log); IsCut(whole) || !bytes.HasPrefix(cut, whole) {
		t.Errorf("the whole one:\n%s\nand cut:\n%s", whole, cut)
	}
	for _, e := range []event.Event{event.RTP{}, event.Audio{}, event.Message{Method: "OPTIONS"}} {
		if Shows(event.Record{Event: e}) {
			t.Errorf("%s changes a recording", e.Kind())
		}
	}
}
