package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

func TestMatch(t *testing.T) {
	invite := event.Frame{Wake: 1, What: "INVITE", Bytes: 812}
	posted := event.Notification{ID: 1, Phase: "posted", Title: "Bob", Body: "Incoming call"}
	because := event.Call{
		Phase: "ended", Cause: event.Cause{
			Reasons:  []event.Reason{{Protocol: "Q.850", Cause: 31, Text: "normal"}},
			Warnings: []event.SIPWarning{{Code: 399, Text: "odd"}}, Wait: &event.Wait{RetryAfter: event.Seconds(5 * time.Second)},
		},
	}
	busy := event.Cause{Warnings: []event.SIPWarning{{Code: 399, Text: "it rests"}}, Wait: &event.Wait{RetryAfter: event.Seconds(5 * time.Second)}}
	ended := event.Call{Phase: "ended", Peer: "sip:bob@lab", Name: "Bob", By: "peer"}
	for _, c := range []struct {
		text string
		ev   event.Event
		want bool
	}{
		{"registered", event.Registration{Phase: "active"}, true},
		{"registered", event.Registration{Phase: "failed"}, false},
		{"Registered", event.Registration{Phase: "active"}, true},
		{"registration failed", event.Registration{Phase: "failed"}, true},
		{"suspended", event.State{To: event.Suspended}, true},
		{"suspended", event.State{From: event.Suspended, To: event.Awake}, false},
		{"background", event.State{To: event.Task}, true},
		{"state background-task", event.State{To: event.Task}, true},
		{"wake", event.Wake{Cause: event.BySocket}, true},
		{"wake by keepalive", event.Wake{Cause: event.ByKeepalive}, true},
		{"wake by keepalive", event.Wake{Cause: event.BySocket}, false},
		{"wake by INVITE", invite, true},
		{"wake by invite", invite, true},
		{"wake by INVITE", event.Wake{Cause: event.BySocket}, false},
		{"wake by 200", event.Frame{What: "200 OK"}, true},
		{"wake by sip", invite, true},
		{"wake by sip", event.Frame{What: "CRLF"}, false},
		{"wake by close", event.Frame{What: "RST"}, true},
		{"frame", event.Frame{What: "CRLF"}, true},
		{"frame FIN", event.Frame{What: "FIN"}, true},
		{"pong", event.Pong{}, true},
		{"notification", posted, true},
		{"notification posted", posted, true},
		{"notification tapped", posted, false},
		{`notification from "Bob"`, posted, true},
		{"notification from Carol", posted, false},
		{"call up", event.Call{Phase: "up"}, true},
		{"call ended by peer", ended, true},
		{"call ended by us", ended, false},
		{"call ended by peer from bob", ended, true},
		{"heard tone", event.Heard{What: "tone", Hz: 440}, true},
		{"heard tone 440", event.Heard{What: "tone", Hz: 446}, true},
		{"heard tone 440", event.Heard{What: "tone", Hz: 480}, false},
		{"heard sample", event.Heard{What: "sample", Name: "en-hello"}, true},
		{"heard sample en-hello", event.Heard{What: "sample", Name: "other"}, false},
		{"sent 180", event.Message{Out: true, Method: "INVITE", Status: 180}, true},
		{"sent INVITE", event.Message{Out: true, Method: "INVITE", Status: 180}, false},
		{"received INVITE", event.Message{Method: "INVITE"}, true},
		{"received INVITE", event.Message{Method: "INVITE", Out: true}, false},
		{"socket closed", event.Socket{Name: "control", Phase: "closed"}, true},
		{"socket closed", event.Socket{Name: "rtp", Phase: "closed"}, false},
		{"socket open resumed", event.Socket{Name: "control", Phase: "open", Resumed: true}, true},
		{"socket open resumed", event.Socket{Name: "control", Phase: "open"}, false},
		{"dtmf 5", event.DTMF{Digit: "5"}, true},
		{"dtmf 5", event.DTMF{Digit: "5", Out: true}, false},
		{"clock x60", event.ClockRate{Rate: 60}, true},
		{"killed 0xBAD22222", event.Killed{Code: "0xbad22222"}, true},
		{"locked", event.Lock{On: true}, true},
		{"unlocked", event.Lock{On: true}, false},
		{"audio start", event.Media{Phase: "start"}, true},
		{"error", event.Error{Op: "dial"}, true},
		{"warning", event.Warning{Rule: event.RuleWakeRace}, true},
		{"warning late-tick", event.Warning{Rule: event.RuleWakeRace}, false},
		{"registration failed with 403", event.Registration{Phase: "failed", Status: 403}, true},
		{"registration failed with 401", event.Registration{Phase: "failed", Status: 403}, false},
		{`registration failed reason "it rests"`, event.Registration{Phase: "failed", Status: 503, Cause: busy}, true},
		{"registration failed with 503 reason 399", event.Registration{Phase: "failed", Status: 503, Cause: busy}, true},
		{"registration failed reason 399 with 403", event.Registration{Phase: "failed", Status: 503, Cause: busy}, false},
		{"registration failed reason 398", event.Registration{Phase: "failed", Status: 503, Cause: busy}, false},
		{"registration failed reason unavailable", event.Registration{Phase: "failed", Reason: "Service Unavailable"}, true},
		{`subscription refused to presence with 503 reason "retry after 00:05"`, event.Subscription{Phase: "refused", Package: "presence", Status: 503, Cause: busy}, true},
		{`subscription refused reason "retry after 00:06"`, event.Subscription{Phase: "refused", Cause: busy}, false},
		{"publication refused with 503 reason 399", event.Publication{Phase: "refused", Status: 503, Cause: busy}, true},
		{"publication refused reason 398", event.Publication{Phase: "refused", Cause: busy}, false},
		{"transfer failed with 603 reason 399", event.Transfer{Phase: "failed", Status: 603, Cause: busy}, true},
		{"transfer failed reason 398", event.Transfer{Phase: "failed", Cause: busy}, false},
		{"text refused to bob reason 399", event.Text{Out: true, To: "sip:bob@lab", Status: 480, Cause: busy}, true},
		{"text refused", event.Text{Out: true, Status: 480}, true},
		{"text refused", event.Text{Out: true, Status: 200}, false},
		{"text refused", event.Text{From: "sip:bob@lab"}, false},
		{"text refused reason 398", event.Text{Out: true, Status: 480, Cause: busy}, false},
		{"text to bob", event.Text{Out: true, To: "sip:bob@lab", Status: 480}, false},
		{"text to bob reason 399", event.Text{Out: true, To: "sip:bob@lab", Status: 202, Cause: busy}, true},
		{"received 503 reason 399", event.Message{Status: 503, Cause: busy}, true},
		{"received 503 reason 398", event.Message{Status: 503, Cause: busy}, false},
		{"sent BYE over tcp reason 399", event.Message{Out: true, Method: "BYE", Socket: "tcp", Cause: busy}, true},
		{"call ended with 486", event.Call{Phase: "ended", Status: 486}, true},
		{`call ended reason "Q.850 31"`, because, true},
		{"call ended reason 399", because, true},
		{`call ended reason "retry after 00:05"`, because, true},
		{"call ended reason 200", because, false},
		{`call ended reason "Q.850 3"`, because, false},
		{`call ended reason "850 31 normal"`, because, true},
		{`call ended reason "50 31"`, because, false},
		{`call ended reason "retry after 00:0"`, because, false},
		{`call ended reason "0:05"`, because, false},
		{`call ended reason "05"`, because, false},
		{`call ended reason "31 normal, warning 399 odd, retry"`, because, true},
		{`call ended reason "486 busy"`, event.Call{Phase: "ended", Status: 486, Reason: "Busy Here"}, true},
		{`call ended reason "48"`, event.Call{Phase: "ended", Status: 486, Reason: "Busy Here"}, false},
		{`call ended reason "0"`, event.Call{Phase: "ended", Reason: "Cancelled"}, false},
		{`registration failed reason "retry after 01:00"`, event.Registration{Phase: "failed", Cause: event.Cause{Wait: &event.Wait{RetryAfter: event.Seconds(time.Hour)}}}, false},
		{`registration failed reason "retry after 01:00:00"`, event.Registration{Phase: "failed", Cause: event.Cause{Wait: &event.Wait{RetryAfter: event.Seconds(time.Hour)}}}, true},
		{`registration failed reason "retry after 01:30"`, event.Registration{Phase: "failed", Cause: event.Cause{Wait: &event.Wait{RetryAfter: event.Seconds(90 * time.Second)}}}, true},
		{`registration failed reason "retry after 00:00"`, event.Registration{Phase: "failed", Cause: event.Cause{Wait: &event.Wait{}}}, true},
		{`registration failed reason "retry after 00:00"`, event.Registration{Phase: "failed"}, false},
		{`registration failed reason "retry after"`, event.Registration{Phase: "failed"}, false},
		{`call ended reason "answered elsewhere"`, event.Call{Phase: "ended", Elsewhere: "answered elsewhere"}, true},
		{`call ended reason "answered elsewhere"`, because, false},
		{"call ended reason cancelled", event.Call{Phase: "ended", Reason: "Cancelled"}, true},
		{"audio like en-hello.wav >= 0.9", event.Heard{What: "sample", Name: "en-hello", Score: 0.95}, true},
		{"audio like en-hello.wav >= 0.9", event.Heard{What: "sample", Name: "en-hello", Score: 0.7}, false},
		{"audio tone 440", event.Heard{What: "tone", Hz: 446}, true},
		{"audio silence", event.Heard{What: "silence"}, true},
		{"audio like silence", event.Heard{What: "silence"}, false},
		{"keepalive refused", event.Keepalive{Phase: "refused"}, true},
		{"task expiring", event.BackgroundTask{Phase: "expiring"}, true},
		{"reclaimed", event.Reclaim{}, true},
		{"rtp loss <= 1%", event.RTP{LossPct: 2}, false},
	} {
		e, err := Parse(c.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.text, err)
			continue
		}
		if got := e.Match(c.ev); got != c.want {
			t.Errorf("%q matches %#v: %v, want %v", c.text, c.ev, got, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "what is expected is missing; such as: launched",
		"registred":                 "did you mean registered?",
		"wake by INVTE":             "did you mean INVITE?",
		"wake INVITE":               "a cause is written: wake by INVITE",
		"registered twice":          `unexpected "twice"`,
		"state asleep":              `unknown state "asleep"`,
		"call up form bob":          "did you mean from?",
		"call ended by":             `what comes after "by" is missing`,
		"heard":                     "sound is missing; sounds: tone, sample, silence",
		"heard tone loud":           `"loud" is no frequency in Hz`,
		"sent nothing":              "unknown SIP method or status code",
		"clock fast":                `"fast" is no rate`,
		strings.Repeat("x", 1<<12):  "more than 1024 bytes",
		"registration":              "step is missing; steps: sending",
		"warning wake-rase":         "did you mean wake-race?",
		"error no-sesion":           "did you mean no-session?",
		"warning no-session":        `"no-session" is the rule of an error, never of a warning; expect error no-session`,
		"error untidy-sdp":          `"untidy-sdp" is a rule that no error has; if it is that of a warning: expect warning untidy-sdp`,
		"dtmf 1 2":                  `unknown word "2"`,
		"notification posted at me": `unknown word "at"; there may follow: from`,
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%.40q) = %v, want an error with %q", text, err, want)
		}
	}
}

func TestString(t *testing.T) {
	e, err := Parse("  wake   by\tINVITE ")
	if err != nil || e.String() != "wake by INVITE" {
		t.Errorf("got %q, %v", e, err)
	}
	if (Expectation{}).Match(event.Start{}) {
		t.Error("the zero expectation matched")
	}
}

func TestFormsAreDocumented(t *testing.T) {
	seen := make(map[string]bool)
	for i, f := range Forms() {
		head := forms[i].head
		if f.Help == "" || !strings.HasPrefix(f.Usage, head) {
			t.Errorf("form %q: usage %q, help %q", head, f.Usage, f.Help)
		}
		if seen[head] {
			t.Errorf("form %q stands twice: only the first is ever reached", head)
		}
		seen[head] = true
	}
}

func FuzzParse(f *testing.F) {
	for _, form := range forms {
		f.Add(form.usage)
	}
	f.Add(`notification from "Bob`)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			return
		}
		e.Match(event.Call{Phase: "up", Peer: text})
		e.Match(event.Frame{What: text})
	})
}
