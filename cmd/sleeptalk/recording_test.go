package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/ui"
)

// longRecording writes a recording of so many events: a phone that a server
// asks every quarter of a minute.
func longRecording(t testing.TB, events int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "events.jsonl")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	began := time.Date(2026, 8, 23, 14, 32, 6, 0, time.UTC)
	var line []byte
	for i := range events {
		at := time.Duration(i) * 15 * time.Second
		var e event.Event = event.Message{Method: "OPTIONS", CallID: fmt.Sprint(i), Raw: strings.Repeat("OPTIONS sip:alice@lab.test SIP/2.0\r\n", 5)}
		if i == 0 {
			e = event.Start{AOR: "sip:alice@lab.test", Profile: "ios-voip-socket", Strategy: "voip-socket"}
		}
		line, err = event.AppendJSON(line[:0], event.Record{Wall: began.Add(at), Device: at, Phone: "alice", Event: e})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(append(line, '\n')); err != nil {
			t.Fatal(err)
		}
	}
	return name
}

// A long recording is shown when its beginning is there; the rest comes behind
// it, all of it, and the screen is told how far that is.
func TestALongRecordingIsShownAtOnce(t *testing.T) {
	const events = 10_000
	r, err := openRecording(&cli.Program{Env: os.Getenv}, longRecording(t, events))
	if err != nil {
		t.Fatal(err)
	}
	if n := r.log.Len(); n < 100 || n > events/2 {
		t.Errorf("%d of %d events are read before the screen", n, events)
	}
	var percent int
	if n, err := fmt.Sscanf(r.loading(), "loading %d %%", &percent); n != 1 || percent < 5 || percent > 60 {
		t.Errorf("it says %q: %v", r.loading(), err)
	}
	r.readOn(t.Context())
	if r.log.Len() != events || r.loading() != "" {
		t.Errorf("%d of %d events, and it says %q", r.log.Len(), events, r.loading())
	}
}

// One that was cut off far behind its beginning says so on the screen, and after
// it.
func TestALongRecordingThatWasCutOff(t *testing.T) {
	name := longRecording(t, 5000)
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, info.Size()-10); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	p := &cli.Program{Env: os.Getenv, Err: &said}
	r, err := openRecording(p, name)
	if err != nil {
		t.Fatal(err)
	}
	r.readOn(t.Context())
	r.warn(p)
	if r.log.Len() != 4999 || r.loading() != "cut off" || !strings.Contains(said.String(), "line 5000: unexpected end of JSON input") {
		t.Errorf("%d events, %q, %q", r.log.Len(), r.loading(), said.String())
	}
}

// BenchmarkFirstScreen is how long it takes to the first screen of a recording.
func BenchmarkFirstScreen(b *testing.B) {
	for _, events := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(events), func(b *testing.B) {
			name := longRecording(b, events)
			for b.Loop() {
				r, err := openRecording(&cli.Program{Env: os.Getenv}, name)
				if err != nil {
					b.Fatal(err)
				}
				ui.RenderFrame(r.log, ui.Frame{Width: 120, Height: 40})
				r.file.Close()
			}
		})
	}
}

// TestReportOfARecording: the page beside a recording is its report; without one it is said what
// writes one.
func TestReportOfARecording(t *testing.T) {
	dir := t.TempDir()
	r := &recording{path: filepath.Join(dir, "events.jsonl")}
	if words, err := r.report(); err == nil || !strings.Contains(err.Error(), "--html DIR writes one") {
		t.Errorf("%q, %v", words, err)
	}
	page := filepath.Join(dir, "index.html")
	if err := os.WriteFile(page, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if words, err := r.report(); err != nil || words != "the report: "+page {
		t.Errorf("%q, %v", words, err)
	}
}
