package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

// printed is what the program writes for a command.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	p := &cli.Program{Args: args, In: strings.NewReader(""), Out: &out, Err: &out, Env: func(string) string { return "" }}
	if err := execute(t.Context(), p); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out.String()
}

// eachCommand calls f with the words of each command that has a page.
func eachCommand(t *testing.T, f func(path []string)) {
	t.Helper()
	names := strings.Split(strings.TrimSpace(printed(t, "man", "--list")), "\n")
	if len(names) < 25 {
		t.Fatal(names)
	}
	f(nil)
	for _, name := range names {
		f(strings.Fields(name))
	}
}

// TestHelpFits wants lines of a terminal's width, but where a word alone is longer.
func TestHelpFits(t *testing.T) {
	eachCommand(t, func(path []string) {
		for line := range strings.SplitSeq(printed(t, append(path, "--help")...), "\n") {
			if utf8.RuneCountInString(line) > cli.TextWidth && len(strings.Fields(line)) > 1 {
				t.Errorf("%v: %d columns: %s", path, utf8.RuneCountInString(line), line)
			}
		}
	})
	if help := printed(t, "phone", "--help"); !strings.Contains(help, "SIP server: host") || strings.Contains(help, "Sip server") {
		t.Error("an acronym is none any more")
	}
}

// TestManPages wants each page to have its parts, its text filled, and nothing of the text to
// be a request or an escape of roff.
func TestManPages(t *testing.T) {
	request := regexp.MustCompile(`^\.(TH|SH|B|TP|PP|RS|RE|EX|EE|nf|fi)\b`)
	eachCommand(t, func(path []string) {
		page := printed(t, append([]string{"man"}, path...)...)
		for _, part := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "FILES", "ENVIRONMENT", "SEE ALSO"} {
			if !strings.Contains(page, "\n.SH "+part+"\n") {
				t.Errorf("%v: no %s", path, part)
			}
		}
		for line := range strings.SplitSeq(page, "\n") {
			if strings.HasPrefix(line, ".") && !request.MatchString(line) || strings.HasPrefix(line, "'") {
				t.Errorf("%v: %s", path, line)
			}
		}
		if strings.Count(page, "\n.RS\n") != strings.Count(page, "\n.RE\n") {
			t.Errorf("%v: what goes in does not come out", path)
		}
	})
	if page := printed(t, "man", "run"); !strings.Contains(page, "all of them\nbelow it") || !strings.Contains(page, ".SH EXAMPLES\n.EX\n") {
		t.Errorf("a line that is no paragraph, or no examples:\n%.400s", page)
	}
}
