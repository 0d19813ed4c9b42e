package main

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// wholeXML wants a file to be XML to its end, with so many tests.
func wholeXML(t *testing.T, name string, tests int) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Tests int `xml:"tests,attr"`
	}
	if err := xml.Unmarshal(b, &suites); err != nil || suites.Tests != tests {
		t.Errorf("%s: %d tests, %v", name, suites.Tests, err)
	}
}

// wholePage wants a page with its end, and all that it refers to beside it.
func wholePage(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(b), "</html>\n") {
		t.Errorf("%s has no end", name)
	}
	for _, m := range regexp.MustCompile(`(?:href|src|srcset)="([^"#]+)"`).FindAllStringSubmatch(string(b), -1) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
			t.Errorf("%s refers to %v", name, err)
		}
	}
}

// wholeCapture wants blocks to the end, and among them RTP.
func wholeCapture(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for rest := b; len(rest) > 0; {
		size := 0
		if len(rest) >= 12 {
			size = int(binary.LittleEndian.Uint32(rest[4:]))
		}
		if size < 12 || size > len(rest) {
			t.Fatalf("%s ends in the middle of a block", name)
		}
		rest = rest[size:]
	}
	if !bytes.Contains(b, []byte("the RTP and RTCP of the phone under test")) {
		t.Errorf("%s has no RTP", name)
	}
}

// wholeEvents wants a log that can be read to its end.
func wholeEvents(t *testing.T, name string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := event.ReadJSON(f)
	if err != nil || len(log.After(0)) < 20 {
		t.Errorf("%s: %d records, %v", name, len(log.After(0)), err)
	}
}
