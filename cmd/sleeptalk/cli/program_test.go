package cli

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// TestLines reads lines of every length: one that is too long is cut, and the
// next is read all the same.
func TestLines(t *testing.T) {
	long := strings.Repeat("a", maxInput)
	p := &Program{In: io.MultiReader(strings.NewReader("one\r\n\n"+long+"tail\n"+long+long+"\nlast"), iotest.ErrReader(errors.New("lost")))}
	var got []string
	var failed error
	for l := range p.Lines(t.Context()) {
		if failed = l.Err; l.Err == nil {
			got = append(got, l.Text)
		}
	}
	if want := []string{"one", "", long, long}; !slices.Equal(got[:4], want) || len(got) > 5 {
		t.Errorf("read %d lines: %.40q", len(got), got)
	}
	if failed == nil {
		t.Error("an error of the input was lost")
	}

	p.In = strings.NewReader("one\nlast")
	got = nil
	for l := range p.Lines(t.Context()) {
		got = append(got, l.Text)
	}
	if !slices.Equal(got, []string{"one", "last"}) {
		t.Errorf("read %q", got)
	}
}
