package words

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func TestWrap(t *testing.T) {
	for text, want := range map[string][]string{
		"":                   nil,
		"  one two\n three ": {"one two", "three"},
		"--no-breaks-inside": {"--no-breaks-inside"},
		"äöü äöü":            {"äöü äöü"},
	} {
		if got := Wrap(text, 8, utf8.RuneCountInString); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
