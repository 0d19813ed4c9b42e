package scenario

import (
	"os"
	"strings"
	"testing"
)

// TestErrors shows the error of each line of testdata/errors.txt, alone and
// with a phone under test called alice.
func TestErrors(t *testing.T) {
	src, err := os.ReadFile("testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for entry := range strings.SplitSeq(strings.TrimSpace(string(src)), "\n----\n") {
		text, _, _ := strings.Cut(entry, "\n>> ")
		text = strings.TrimSuffix(text, "\n>>")
		b.WriteString(text + "\n>> ")
		if _, err := ParseFile("x.talk", []byte(text), nil); err != nil {
			b.WriteString(strings.ReplaceAll(err.Error(), "\n", "\n>> "))
		} else {
			b.WriteString("it is right")
			t.Errorf("no error in %q", text)
		}
		b.WriteString("\n----\n")
	}
	golden(t, "testdata/errors.txt", b.String())
}

// TestAllErrorsAtOnce: one run of the check shows all that is wrong, in order.
func TestAllErrorsAtOnce(t *testing.T) {
	_, err := ParseFile("x.talk", []byte("== a\nuse lab\nexpekt x\nuse lab\ncall\n"), nil)
	list := err.(*SyntaxErrors).List
	var got []int
	for _, e := range list {
		got = append(got, e.Line)
	}
	if len(got) != 4 || got[0] != 2 || got[1] != 3 || got[2] != 4 || got[3] != 5 {
		t.Errorf("errors in lines %v", got)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	for name, src := range map[string]string{
		"many":      strings.Repeat("x\n", 5000),
		"long line": "expect " + strings.Repeat("x", 5000),
		"big":       strings.Repeat("register\n", maxSource/8),
		"lines":     strings.Repeat("\n", maxLines+5),
		"binary":    "\x00\xff\x1b[31m",
	} {
		_, err := ParseFile("x.talk", []byte(src), nil)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if text := err.Error(); len(text) > maxErrors*1000 || strings.ContainsAny(text, "\x00\x1b") {
			t.Errorf("%s: %d bytes of error: %.200q", name, len(text), text)
		}
	}
}

func TestExcerptOfALongLine(t *testing.T) {
	_, err := ParseFile("x.talk", []byte("expect call up from "+strings.Repeat("y", 300)+" bye us"), nil)
	lines := strings.Split(err.Error(), "\n")
	at := strings.Index(lines[2], "^")
	if !strings.HasPrefix(string([]rune(lines[1])[at:]), "bye us") {
		t.Errorf("the caret is elsewhere:\n%s", err)
	}
}
