//go:build peers

package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// readers are programs that read JUnit files, with scripts that print what they
// read. junitparser is what the GitHub action
// EnricoMi/publish-unit-test-result-action reads with; the others are npm
// packages, which node finds by NODE_PATH.
var readers = []struct {
	name, program, script, get string
	errored                    play.Verdict // the verdict that it reads for an error
}{
	{"junitparser", "/usr/bin/python3", "read-junitparser.py", "apt-get install python3-junitparser", play.Errored},
	{"junit2json", "node", "read-junit2json.mjs", "npm install --prefix DIR junit2json@4.0.0, and NODE_PATH=DIR/node_modules", play.Errored},
	{"test-results-parser", "node", "read-test-results-parser.cjs", "npm install --prefix DIR test-results-parser@0.4.6, and NODE_PATH=DIR/node_modules", play.Failed},
}

// TestJUnitReaders makes third-party programs read a file, and checks that they
// find the suites, the names, the verdicts and the messages.
func TestJUnitReaders(t *testing.T) {
	results := junitResults(t)
	name := filepath.Join(t.TempDir(), junitFile)
	if err := (keep.File{Name: name, Force: true}).Write(func(w io.Writer) error { return JUnit(w, results, nil) }); err != nil {
		t.Fatal(err)
	}
	for _, reader := range readers {
		t.Run(reader.name, func(t *testing.T) {
			var errs bytes.Buffer
			cmd := exec.Command(reader.program, filepath.Join("testdata", "readers", reader.script), name)
			cmd.Stderr = &errs
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: %v\n%s\nthis test needs %s: %s", reader.script, err, &errs, reader.name, reader.get)
			}
			var got [][4]string
			for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
				var line [4]string
				if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
					t.Fatalf("%s: %v", lines.Bytes(), err)
				}
				got = append(got, line)
			}
			if want := linesOf(results, reader.errored); !slices.Equal(got, want) {
				t.Errorf("read\n%q\nwant\n%q", got, want)
			}
		})
	}
}

// junitResults returns results with every verdict, and with text that XML must
// escape.
func junitResults(t *testing.T) []*play.Result {
	t.Helper()
	good, _ := passing(t)
	bad, _ := broken(t)
	bad.File, bad.Cases[0].Name = "evil.talk", `"a" <b> & 'c' ]]> é ◆`
	bad.Cases[1].Verdict = play.Errored
	bad.Cases[1].Failure = &play.Failure{File: bad.File, Line: 9, Kind: "stage", Message: "]]> <refused> & \"so\""}
	bad.Invariants[1].Verdict, bad.Invariants[1].At = play.Failed, sec(12)
	return []*play.Result{good, bad}
}

// linesOf returns the lines that a reader should print.
func linesOf(results []*play.Result, errored play.Verdict) (lines [][4]string) {
	for _, r := range results {
		s := suite(r, "")
		for _, c := range s.Cases {
			verdict, why := play.Passed, ""
			switch {
			case c.Failure != nil:
				verdict, why = play.Failed, c.Failure.Message
			case c.Error != nil:
				verdict, why = errored, c.Error.Message
			case c.Skipped != nil:
				verdict = play.Skipped
			}
			lines = append(lines, [4]string{s.Name, c.Name, string(verdict), why})
		}
	}
	return lines
}
