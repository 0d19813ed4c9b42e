package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

// TestTapes wants both directions of the calls beside the report, in virtual
// time and live: the phone says 440 Hz, and the robot a sentence; and the packets
// of both in the capture.
func TestTapes(t *testing.T) {
	for _, stage := range []string{"--world", "--live"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "talk.talk")
		text := "register\nexpect registered\n\n== a call\ncall bob\nexpect call up\nwait 1500ms\nhang up\nexpect call ended\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		p := &cli.Program{
			Args: []string{"run", file, stage, "--html", dir}, In: strings.NewReader(""),
			Out: &out, Err: &out, Env: func(string) string { return "" },
		}
		if code := p.Guard(t.Context(), func(ctx context.Context) error { return execute(ctx, p) }); code != 0 {
			t.Fatalf("%s: exit code %d\n%s", stage, code, &out)
		}
		page, err := os.ReadFile(filepath.Join(dir, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "SIP and RTP, for Wireshark") {
			t.Errorf("%s: the page names no RTP", stage)
		}
		for name, wantTone := range map[string]bool{"alice-sent.wav": true, "alice-heard.wav": false} {
			if !strings.Contains(string(page), name) {
				t.Errorf("%s: the page does not name %s", stage, name)
			}
			samples := readTape(t, filepath.Join(dir, name)).Samples
			if tone := hasTone(samples); len(samples) < pcm.Rate || tone != wantTone {
				t.Errorf("%s: %s has %d samples, tone %v", stage, name, len(samples), tone)
			}
		}
	}
}

func readTape(t *testing.T, name string) pcm.Audio {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sound, err := pcm.ReadWAV(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return sound
}

// hasTone looks for the phone's tone of 440 Hz: in each second its 880 zero
// crossings, and no others.
func hasTone(samples []int16) bool {
	crossings := 0
	for i := 1; i < len(samples); i++ {
		if (samples[i-1] < 0) != (samples[i] < 0) {
			crossings++
		}
	}
	perSecond := float64(crossings) * pcm.Rate / float64(max(1, len(samples)))
	return perSecond > 870 && perSecond < 890
}
