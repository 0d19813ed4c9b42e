package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestOutput writes a log in each way, and wants what is special about it.
func TestOutput(t *testing.T) {
	log := new(event.Log)
	wall := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tell := func(phone string, after time.Duration, e event.Event) {
		log.Append(event.Record{Wall: wall.Add(after), Device: after, Phone: phone, Event: e})
	}
	tell("alice", 0, event.Start{AOR: "sip:alice@lab.test"})
	tell("alice", 0, event.ClockRate{Rate: 60})
	tell("alice", 0, event.Audio{})
	tell("alice", 0, event.RTP{})
	tell("alice", 0, event.Message{Raw: "OPTIONS sip:x SIP/2.0\r\nVia: y\r\n\r\n"})
	tell("bob", time.Second, event.Heard{What: "tone"})
	done, over := context.WithCancel(t.Context())
	over()
	heard := func(r event.Record) bool { _, ok := r.Event.(event.Heard); return ok }
	for name, c := range map[string]struct {
		out   Output
		lines int
		want  string
	}{
		"plain":             {Output{}, 4, ""},
		"in full":           {Output{Verbose: true}, 9, "          Via: y\n"},
		"JSON":              {Output{JSON: true}, 6, `"ev":"audio"`},
		"a story":           {Output{Tell: heard}, 1, "01:00.00"}, // in the time of the phone that it is about
		"a story in full":   {Output{Tell: heard, Verbose: true}, 9, ""},
		"a story, but JSON": {Output{Tell: heard, JSON: true}, 6, ""},
	} {
		var b strings.Builder
		if err := c.out.Print(done, &b, log); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n != c.lines || !strings.Contains(b.String(), c.want) {
			t.Errorf("%s: %d lines, want %d with %q\n%s", name, n, c.lines, c.want, &b)
		}
	}
}

// TestHeadless: lines are written on request, and for a screen reader.
func TestHeadless(t *testing.T) {
	for _, c := range []struct {
		out        Output
		accessible string
		want       bool
	}{
		{Output{}, "", false},
		{Output{Verbose: true}, "0", false},
		{Output{}, "yes", true},
		{Output{Plain: true}, "", true},
		{Output{JSON: true}, "", true},
	} {
		p := &Program{Env: func(key string) string { return map[string]string{"ACCESSIBLE": c.accessible}[key] }}
		if got := c.out.Headless(p); got != c.want {
			t.Errorf("%+v, ACCESSIBLE=%s: %v", c.out, c.accessible, got)
		}
	}
}
