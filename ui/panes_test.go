package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// theRoot are the files of the root: what it is, its keys, the mouse, how it
// draws, a run or another base as its first view, how it is started, and whose log it folds.
var theRoot = []string{"based.go", "model.go", "keys.go", "look.go", "mouse.go", "view.go", "run.go", "ui.go", "veil.go", "panic.go"}

var usesModel = regexp.MustCompile(`\*model\b`)

// TestPanesCannotSeeTheRoot: a pane that had the root could touch everything,
// and everything would have to be known to change it.
func TestPanesCannotSeeTheRoot(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || slices.Contains(theRoot, file) {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if usesModel.Match(src) {
			t.Errorf("%s uses the root: take what it needs from a scene or a situation, and ask with a request", file)
		}
	}
}
