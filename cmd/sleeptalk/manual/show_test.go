package manual

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestShow wants text in lines of the terminal, with the items of a list filled, and
// code as it is.
func TestShow(t *testing.T) {
	const page = "# Title\n\nSome words\nof text.\n\n- one item that\n  goes on\n- another\n\n| name | what |\n|---|---|\n| `a\\|b` | **two** [words](x.md) |\n\nAfter.\n\n```sh\n- code\n  as it is\n```\n"
	var lines []string
	for line := range strings.Lines(ansi.Strip(Show(page, 40))) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	want := "Title|Some words of text.|- one item that goes on|- another|name  what|a|b   two words|After.|- code|as it is"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPage knows the topics, and nothing that only looks like one.
func TestPage(t *testing.T) {
	for _, name := range []string{"", "README", "../sip", "nothing"} {
		if text, err := Page(name); err == nil || text != "" {
			t.Errorf("%q: %.20q", name, text)
		}
	}
}
