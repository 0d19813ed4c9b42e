package scenario

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// folded is the state after some events.
func folded(events ...event.Event) *event.Fold {
	f := new(event.Fold)
	for i, e := range append([]event.Event{event.Start{}}, events...) {
		f.Apply(event.Record{Seq: uint64(i + 1), Phone: "alice", Device: time.Duration(i) * time.Second, Event: e})
	}
	return f
}

func must(t *testing.T, text string) Expectation {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return e
}

func TestHolds(t *testing.T) {
	up := event.Call{ID: 1, Phase: "up", Peer: "sip:bob@lab"}
	rtp := event.RTP{Call: 1, LossPct: 1, Jitter: event.Millis(20 * time.Millisecond), MOS: 4.2, Received: 50}
	for _, c := range []struct {
		text         string
		state        []event.Event
		holds, known bool
	}{
		{"registered", nil, false, true},
		{"registered", []event.Event{event.Registration{Phase: "active"}}, true, true},
		{"registered", []event.Event{event.Registration{Phase: "active"}, event.Registration{Phase: "lost"}}, false, true},
		{"registered from a new contact", []event.Event{event.Registration{Phase: "active"}}, false, false},
		{"state suspended", []event.Event{event.State{To: event.Suspended}}, true, true},
		{"background", []event.Event{event.State{To: event.Task}}, true, true},
		{"locked", []event.Event{event.Lock{On: true}}, true, true},
		{"unlocked", nil, true, true},
		{"socket open resumed", []event.Event{event.Socket{Name: "control", Phase: "open", Resumed: true}}, true, true},
		{"socket open", []event.Event{event.Socket{Name: "control", Phase: "open"}}, true, true},
		{"call up", []event.Event{up}, true, true},
		{"call 1 up", []event.Event{up}, true, true},
		{"call 2 up", []event.Event{up}, false, true},
		{"call up from bob", []event.Event{up}, true, true},
		{"call up from carol", []event.Event{up}, false, true},
		{"call held", []event.Event{up}, false, true},
		{"call held", []event.Event{up, event.Call{ID: 1, Phase: "held"}}, true, true},
		{"call ended", []event.Event{up}, false, false},
		{"wake", []event.Event{event.Wake{N: 1}}, false, false},
		{"rtp loss <= 1%", nil, false, false},
		{"rtp loss <= 1%", []event.Event{rtp}, true, true},
		{"rtp loss < 1%", []event.Event{rtp}, false, true},
		{"rtp jitter <=30ms", []event.Event{rtp}, true, true},
		{"rtp mos >= 4.3", []event.Event{rtp}, false, true},
		{"rtp received = 50", []event.Event{rtp}, true, true},
	} {
		e := must(t, c.text)
		if holds, known := e.Holds(folded(c.state...)); holds != c.holds || known != c.known {
			t.Errorf("%q holds %v, known %v after %v", c.text, holds, known, c.state)
		}
		if holds, known := e.Holds(new(event.Fold)); holds || known {
			t.Errorf("%q holds for a phone that nothing is known of", c.text)
		}
	}
}

func TestKinds(t *testing.T) {
	for text, want := range map[string]struct{ condition, measured, again bool }{
		"registered":                    {condition: true},
		"registered again":              {condition: true, again: true},
		"state again suspended":         {condition: true, again: true},
		"registered from a new contact": {},
		"rtp loss <= 1%":                {measured: true},
		"wake by INVITE":                {},
		"call up":                       {condition: true},
		"call resumed by us":            {},
	} {
		e := must(t, text)
		if e.Condition() != want.condition || e.Measured() != want.measured || e.Again() != want.again {
			t.Errorf("%q: condition %v, measured %v, again %v", text, e.Condition(), e.Measured(), e.Again())
		}
	}
}

func TestMatchAfter(t *testing.T) {
	e := must(t, "registered again from a new contact")
	before := folded(event.Registration{Phase: "active", Contact: "<sip:a@1>"})
	for contact, want := range map[string]bool{"<sip:a@1>": false, "<sip:a@2>": true} {
		if got := e.MatchAfter(before, event.Registration{Phase: "active", Contact: contact}); got != want {
			t.Errorf("%s is new: %v", contact, got)
		}
	}
	if e.MatchAfter(before, event.Registration{Phase: "failed", Contact: "<sip:a@2>"}) || e.MatchAfter(before, event.Pong{}) {
		t.Error("what is no registration matches")
	}
	if e.Match(event.Registration{Phase: "active"}) {
		t.Error("new, compared with nothing")
	}
}

func TestValue(t *testing.T) {
	state := folded(event.Registration{Phase: "active", Contact: "<sip:a@1>"}, event.State{To: event.Suspended},
		event.Call{ID: 1, Phase: "up", Peer: "sip:bob@lab"})
	for _, c := range []struct {
		text string
		ev   event.Event
		want string
	}{
		{"registered", event.Registration{Phase: "active", Contact: "<sip:a@2>"}, "<sip:a@2>"},
		{"registered", nil, "<sip:a@1>"},
		{"suspended", nil, "suspended"},
		{"call up", nil, "sip:bob@lab"},
		{"call incoming", event.Call{Phase: "incoming", Peer: "sip:eve@lab"}, "sip:eve@lab"},
		{"wake", event.Wake{Cause: event.ByUser}, "user"},
		{"wake by close", event.Frame{What: "FIN"}, "FIN"},
		{"notification", event.Notification{Title: "Bo\x1bb"}, `Bo\x1bb`},
		{"audio tone", event.Heard{What: "tone", Hz: 439.7}, "440"},
		{"audio like x.wav", event.Heard{What: "sample", Name: "x"}, "x"},
		{"received INVITE", event.Message{CallID: "abc"}, "abc"},
		{"dtmf", event.DTMF{Digit: "5"}, "5"},
		{"message-waiting", event.MessageWaiting{Tally: &event.Tally{New: 2}, Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: 3}}}}, "2"},
		{"message-waiting", event.MessageWaiting{Waiting: true}, "unknown"},
		{"message-waiting fax", event.MessageWaiting{Tally: &event.Tally{New: 2}, Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: 3}}}}, "3"},
		{"killed", event.Killed{Code: "0xbad22222"}, "0xbad22222"},
		{"registration failed", event.Registration{Status: 403}, "403"},
		{"rtp loss <= 5%", event.RTP{LossPct: 1.5}, "1.5"},
	} {
		if got := must(t, c.text).Value(state, c.ev); got != c.want {
			t.Errorf("%q of %#v: %q, want %q", c.text, c.ev, got, c.want)
		}
	}
}

func TestSampleName(t *testing.T) {
	for in, want := range map[string]string{
		"en-hello.wav": "en-hello", "en-hello": "en-hello", "a/b.WAV": "b", `a\b.wav`: "b", "x.y": "x.y",
	} {
		if got := SampleName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
