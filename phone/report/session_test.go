package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestSession writes the evidence of a phone without a scenario, also of one
// that has logged nothing yet.
func TestSession(t *testing.T) {
	for _, log := range []*event.Log{recording(t, "passing.jsonl"), new(event.Log)} {
		dir := filepath.Join(t.TempDir(), "runs", "alice")
		if err := Session(Dir{Path: dir, Private: true}, log, nil); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{eventsFile, captureFile, traceFile, lanesFile} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
		svg, err := os.ReadFile(filepath.Join(dir, lanesFile))
		if err != nil || !bytes.HasPrefix(svg, []byte("<svg")) {
			t.Errorf("%.40q, %v", svg, err)
		}
		checkSVG(t, svg)
	}
}
