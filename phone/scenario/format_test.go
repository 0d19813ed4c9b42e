package scenario

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFormat(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"blanks":          {"  expect\tregistered   within 3s  \r\n", "expect registered within 3s\n"},
		"quotes":          {"expect notification from   \"A  B\"", "expect notification from \"A  B\"\n"},
		"empty lines":     {"\n\nregister\n\n\n\nbackground\n\n", "register\n\nbackground\n"},
		"case":            {"register\n==  a   b\nbackground\n", "register\n\n== a b\nbackground\n"},
		"case at the top": {"==a\nregister", "== a\nregister\n"},
		"case comment":    {"register\n# about it\n== a\n", "register\n\n# about it\n== a\n"},
		"comments":        {"use lab # one\nuse phone bob     # two\n# alone\nregister # three\n", "use lab        # one\nuse phone bob  # two\n# alone\nregister  # three\n"},
		"case tags":       {"==#x\n== a     # tags: b", "==  #x\n\n== a  # tags: b\n"},
		"nothing":         {"", ""},
		"only comments":   {"  # a\n#b  \n", "# a\n#b\n"},
	} {
		got, err := Format([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %q, want %q (%v)", name, got, c.want, err)
		}
	}
}

func TestFormatExample(t *testing.T) {
	got, err := Format(read(t, "testdata/wake.talk"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/wake.formatted", string(got))
}

func TestFormatRefusesWhatIsNoText(t *testing.T) {
	if _, err := Format([]byte("expect \"\nregister\n\x01")); err == nil || len(err.(*SyntaxErrors).List) != 2 {
		t.Errorf("got %v", err)
	}
}

func TestReference(t *testing.T) {
	golden(t, filepath.Join("..", "..", "assets", "help", "scenario.md"), Reference())
	for line := range strings.Lines(Reference()) {
		if w := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); w > pageWidth && strings.Contains(line[2:], " ") {
			t.Errorf("%d columns: %s", w, line)
		}
	}
}

// TestEditorGrammar keeps the grammar for editors as the tables have it.
func TestEditorGrammar(t *testing.T) {
	got, err := EditorGrammar()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("..", "..", "assets", "editor", "sleeptalk.tmLanguage.json"), string(got))
}
