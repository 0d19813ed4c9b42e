// Package golden runs the tests of the machines from files in testdata:
// transcripts, which are lines of commands with the results after each, and
// golden files, which hold the wanted output. Only tests import it.
//
// If one fails, run the package's tests with -update and read the
// difference: commit it only if you understand what caused it.
package golden

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden transcripts anew")

// Transcripts plays each testdata/*.txt and compares the result with the file
// itself. play returns the commands with the results after each.
func Transcripts(t *testing.T, play func(t *testing.T, script string) string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			File(t, file, play(t, string(want)))
		})
	}
}

// Play runs a script: each line that begins with "> " is a command. Play copies
// the commands, the comments and the empty lines to w, where the rig writes the
// results after each command; all other lines are the results of the last run,
// and are skipped.
func Play(t testing.TB, w io.Writer, script string, do func(line string) error) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimRight(script, "\n"), "\n") {
		command, ok := strings.CutPrefix(line, "> ")
		if !ok && line != "" && !strings.HasPrefix(line, "#") {
			continue
		}
		fmt.Fprintln(w, line)
		if !ok {
			continue
		}
		if err := do(command); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
}

// File compares the output of a test with a golden file.
func File(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update rewrites it): %s", file, Difference(got, string(want)))
	}
}

// Difference returns the first line in which two texts differ.
func Difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, g[i], strings.Join(w[min(i, len(w)):min(i+1, len(w))], ""))
		}
	}
	return fmt.Sprintf("%d lines are missing", len(w)-len(g))
}
