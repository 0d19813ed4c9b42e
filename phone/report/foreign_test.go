package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// foreign has what a terminal, a browser or a reader would obey.
const foreign = "x\x1b]0;owned\a\x1b[31m\u009b2J\x7f\u202eexe\u2028\u200b\U000e0041\ufffe<b>&|`\"'\xff"

// TestForeignText has foreign text in all that a report is made of.
func TestForeignText(t *testing.T) {
	log := new(event.Log)
	for _, e := range []event.Event{
		event.Start{AOR: foreign, Profile: foreign, Server: foreign, Strategy: foreign, Unfaithful: []string{foreign}},
		event.Socket{Name: "control", Phase: event.SocketOpen, Local: "192.0.2.1:4000", Remote: "192.0.2.2:5060"},
		event.Message{Method: foreign, URI: foreign, From: foreign, Raw: foreign, Bytes: len(foreign)},
		event.Call{ID: 1, Phase: "incoming", Peer: foreign, Name: foreign},
		event.Error{Op: foreign, Err: foreign, Hint: foreign},
		event.Killed{Code: foreign, Reason: foreign},
	} {
		log.Append(event.Record{Wall: time.Unix(0, 0), Device: time.Second, Phone: "alice", Event: e})
	}
	failure := &play.Failure{File: foreign, Line: 3, Message: foreign, Kind: foreign, Likely: foreign, Source: []play.SourceLine{{Line: 3, Text: foreign}}, Facts: []diagnose.Fact{{Subject: foreign, Text: foreign}}}
	r := &play.Result{
		File: foreign, Phone: foreign,
		Cases:      []play.CaseResult{{Name: foreign, Verdict: play.Failed, To: time.Minute, Failure: failure, Steps: []play.StepResult{{Line: 3, Text: foreign, Verdict: play.Failed}}}},
		Invariants: []play.InvariantResult{{Text: foreign, Line: 2, Verdict: play.Failed, Detail: foreign}},
	}
	wantClean(t, log, r)
	var b bytes.Buffer
	elsewhere := func(*play.Result) string { return foreign }
	if err := JUnit(&b, []*play.Result{r}, elsewhere); err != nil || !isXML(b.Bytes()) || !strings.Contains(b.String(), `\u202eexe`) || strings.ContainsAny(b.String(), "\u202e\u009b\x7f") {
		t.Errorf("JUnit: %v\n%s", err, b.String())
	}
	b.Reset()
	if err := Text(&b, []*play.Result{r}, TextOptions{Colour: true}); err != nil || !strings.Contains(b.String(), "\x1b["+sgrBad+"m") || strings.Contains(b.String(), "\x1b]") || strings.Contains(b.String(), "\x1b[31m") {
		t.Errorf("colours: %v\n%q", err, b.String())
	}
}

// isXML reports whether a text is XML to its end.
func isXML(text []byte) bool {
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// wantClean writes every text of a report, and wants nothing in them that a reader
// would obey.
func wantClean(t *testing.T, log *event.Log, r *play.Result) {
	t.Helper()
	dir := t.TempDir()
	if err := Folder(Dir{Path: dir}, r, log, FolderOptions{}); err != nil {
		t.Fatal(err)
	}
	results := []*play.Result{r}
	for name, write := range map[string]func(io.Writer) error{
		"annotations.txt": func(w io.Writer) error { return Annotations(w, results) },
		"summary.md":      func(w io.Writer) error { return Markdown(w, results) },
		"contents.svg":    func(w io.Writer) error { return Timeline(w, log) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && clean.Forbidden(r) })
		if f.Name() != captureFile && (at >= 0 || !utf8.Valid(text)) {
			t.Errorf("%s: %q", f.Name(), text[max(0, at-50):max(0, min(at+50, len(text)))])
		}
	}
}
