package report

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
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
			if err := Folder(Dir{Path: dir}, r, log, FolderOptions{Links: []Link{{"alice-heard.wav", "what alice heard"}}, Exit: run.exit}); err != nil {
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

// TestOneFileFails has a folder where a file should go: the others are
// written all the same, and the error names the one.
func TestOneFileFails(t *testing.T) {
	r, log := broken(t)
	dir := t.TempDir()
	taken := filepath.Join(dir, captureFile)
	if err := os.MkdirAll(filepath.Join(taken, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := Folder(Dir{Path: dir}, r, log, FolderOptions{})
	if err == nil || !strings.Contains(err.Error(), taken) {
		t.Errorf("no error that names %s: %v", taken, err)
	}
	for _, name := range []string{eventsFile, textFile, junitFile, traceFile, indexFile, styleFile, "case-4-ladder-dark.svg"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("not written: %v", err)
		}
	}
}

// TestAgain: the same folder is written twice in a row, and what is beside the
// report stays, as does a file of the same name that is not of a report of ours.
func TestAgain(t *testing.T) {
	r, log := broken(t)
	dir := Dir{Path: t.TempDir(), By: "--html"}
	beside := filepath.Join(dir.Path, "notes.txt")
	if err := os.WriteFile(beside, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := errors.Join(dir.Check(), Folder(dir, r, log, FolderOptions{}), Contents(dir, []*play.Result{r}, nil), Session(dir, log, nil)); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(beside); err != nil || string(b) != "mine" {
		t.Errorf("%q, %v", b, err)
	}
	for _, name := range []string{indexFile, styleFile, eventsFile, captureFile, traceFile, textFile, junitFile} {
		dir := Dir{Path: t.TempDir(), By: "--html"}
		theirs := filepath.Join(dir.Path, name)
		if err := os.WriteFile(theirs, []byte("theirs"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := dir.Check(); err == nil || !strings.Contains(err.Error(), "--html "+theirs+": ") {
			t.Errorf("%s: %v", name, err)
		}
		if err := Folder(dir, r, log, FolderOptions{}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if b, err := os.ReadFile(theirs); err != nil || string(b) != "theirs" {
			t.Errorf("%s was overwritten: %q, %v", name, b, err)
		}
		dir.Force = true
		if err := errors.Join(dir.Check(), Folder(dir, r, log, FolderOptions{})); err != nil {
			t.Errorf("%s, with force: %v", name, err)
		}
	}
}

// TestBesideTheEvents: what stands beside a recording of ours is not ours for that,
// be it one by itself or with the whole of a report.
func TestBesideTheEvents(t *testing.T) {
	r, log := broken(t)
	for _, name := range []string{textFile, styleFile, "alice-heard.wav"} {
		dir := Dir{Path: t.TempDir(), By: "--html"}
		if err := dir.File(keep.Events, eventsFile).Write(func(w io.Writer) error { return Events(w, log) }); err != nil {
			t.Fatal(err)
		}
		for _, whole := range []bool{false, true} {
			if whole {
				if err := Folder(dir, r, log, FolderOptions{}); err == nil && name != "alice-heard.wav" {
					t.Errorf("%s: no error", name)
				}
			}
			theirs := filepath.Join(dir.Path, name)
			if err := os.WriteFile(theirs, []byte("theirs"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(dir.Check(), dir.Sound("alice-heard.wav").Check()); err == nil || !strings.Contains(err.Error(), theirs+": ") {
				t.Errorf("%s, whole %v: %v", name, whole, err)
			}
		}
	}
}

// TestSoundOfAnEarlierVersion: a recording without a marker is ours if the page
// links to it, whatever the letters of its name; others are not.
func TestSoundOfAnEarlierVersion(t *testing.T) {
	r, log := broken(t)
	dir := Dir{Path: t.TempDir()}
	const linked, other = "zoë + (bob)-heard.wav", "bob-heard.wav"
	if err := Folder(dir, r, log, FolderOptions{Links: []Link{{linked, "what was heard"}}}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{linked: true, other: false} {
		f := dir.Sound(name)
		if err := os.WriteFile(f.Name, []byte("RIFF of an earlier version"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Check(); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir.Path, indexFile), []byte(`<a href="`+other+`">`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := dir.Sound(other).Check(); err == nil {
		t.Error("a page of somebody else's was believed")
	}
}

// TestPrivateFolder: nobody else reads what is kept by itself; what somebody has
// asked for is for CI to collect.
func TestPrivateFolder(t *testing.T) {
	r, log := broken(t)
	for private, want := range map[bool][2]os.FileMode{true: {0o700, 0o600}, false: {0o755, 0o644}} {
		dir := Dir{Path: filepath.Join(t.TempDir(), "run"), Private: private}
		if err := Folder(dir, r, log, FolderOptions{}); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{dir.Path, filepath.Join(dir.Path, eventsFile)} {
			// CI may have a narrower umask; never more than this.
			if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&^want[i] != 0 || info.Mode().Perm()&0o600 != 0o600 {
				t.Errorf("private %v: %s has %v; %v", private, name, info.Mode(), err)
			}
		}
	}
}
