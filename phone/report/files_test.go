package report

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestFolder compares all reports of a run with the golden files.
func TestFolder(t *testing.T) {
	for _, run := range []struct {
		name string
		make func(testing.TB) (*play.Result, *event.Log)
		exit int
	}{{"passing", passing, 0}, {"failing", broken, 1}} {
		t.Run(run.name, func(t *testing.T) {
			r, log := run.make(t)
			dir := scratch(t, run.name)
			if err := Folder(dir, r, log, FolderOptions{Links: []Link{{"alice-heard.wav", "what alice heard"}}, Exit: run.exit}); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{textFile, junitFile, indexFile, traceFile, "run-light.svg", "case-4-lanes-dark.svg", "case-4-ladder-light.svg"} {
				b, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				golden(t, filepath.Join(run.name, name), bytes.ReplaceAll(b, []byte(filepath.ToSlash(dir)), []byte("report")))
			}
			again, err := os.Open(filepath.Join(dir, eventsFile))
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			if copied, err := event.ReadJSON(again); err != nil || len(copied.After(0)) != len(log.After(0)) {
				t.Errorf("events.jsonl has %d records, the log %d: %v", len(copied.After(0)), len(log.After(0)), err)
			}
			for _, left := range glob(t, filepath.Join(dir, ".*")) {
				t.Errorf("%s was left behind", left)
			}
		})
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestTheCaptureSaysWhatItHas checks that the text beside the link to the
// capture says whether it has RTP, and whether all of it.
func TestTheCaptureSaysWhatItHas(t *testing.T) {
	some := &Wire{packets: make([]system.Datagram, 5)}
	cut := &Wire{packets: make([]system.Datagram, 5), left: 7}
	for wire, want := range map[*Wire]string{
		nil:  "SIP, for Wireshark and sngrep; there is no RTP",
		some: "SIP and RTP, for Wireshark and sngrep",
		cut:  "SIP and RTP, for Wireshark and sngrep; cut: there was no room for the last 7 packets of RTP",
	} {
		if got := aboutCapture(source{wire: wire}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestFullDisk writes to a device that is always full: the error names the
// file, the older file stays, and no partial file is left.
func TestFullDisk(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(name, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := WriteFile(name, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), name) {
		t.Errorf("the error does not say what and where: %v", err)
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "before" {
		t.Errorf("the file was touched: %q, %v", b, err)
	}
	if left := glob(t, filepath.Join(filepath.Dir(name), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestOneFileFails has a folder where a file should go: the others are
// written all the same, and the error names the one.
func TestOneFileFails(t *testing.T) {
	r, log := broken(t)
	dir := t.TempDir()
	taken := filepath.Join(dir, captureFile)
	if err := os.MkdirAll(filepath.Join(taken, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := Folder(dir, r, log, FolderOptions{})
	if err == nil || !strings.Contains(err.Error(), taken) {
		t.Errorf("no error that names %s: %v", taken, err)
	}
	for _, name := range []string{eventsFile, textFile, junitFile, traceFile, indexFile, styleFile, "case-4-ladder-dark.svg"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("not written: %v", err)
		}
	}
}
