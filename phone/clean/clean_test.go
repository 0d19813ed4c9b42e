package clean

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// What is written with joiners.
const (
	family  = "👩🏽\u200d👩\u200d👧 ❤️\u200d🔥"
	persian = "می\u200cخواهم"
	hindi   = "क्\u200dष"
)

// TestWrong: the place of what is wrong in a line is counted in characters.
func TestWrong(t *testing.T) {
	for line, want := range map[string]int{
		family + "\t" + persian + hindi: -1,
		"ä田\u202e":                      2,
		persian + "\u200c":              len([]rune(persian)),
		"a\u200db":                      1,
	} {
		if r, at := Wrong(line); at != want || at >= 0 && !Forbidden(r) {
			t.Errorf("%q: U+%04X at %d, want %d", line, r, at, want)
		}
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Bob", "Bob"},
		{`C:\new`, `C:\new`},
		{"Žofie 田中 🙂", "Žofie 田中 🙂"},
		{"\x1b[2J\x1b]0;owned\a", `\x1b[2J\x1b]0;owned\a`},         // clear the screen, set the title
		{"a\r\nb\tc\x00\x7f", `a\r\nb\tc\x00\x7f`},                 // lines, tabs, DEL
		{"\u009b31m\u0085", `\u009b31m\u0085`},                     // C1: a control sequence introducer, a next line
		{"\x9b31m\xff", `\x9b31m\xff`},                             // the same as a raw byte: invalid UTF-8
		{"\xed\xa0\x80", `\xed\xa0\x80`},                           // a lone surrogate
		{"\u202egnp.exe\u200b\ufeff", `\u202egnp.exe\u200b\ufeff`}, // bidi override, zero width
		{"one\u2028two\u2029", `one\u2028two\u2029`},               // line and paragraph separators
		{"\ufffe\uffff\U0001ffff\ufdd0", `\ufffe\uffff\U0001ffff\ufdd0`},
		{"a\U000e0061\U000e007f\U000e0100", `a\U000e0061\U000e007f\U000e0100`}, // tags, a selector
		{"\u3164\u115f\uffa0\u034f\u00ad", `\u3164\u115f\uffa0\u034f\u00ad`},   // what nobody sees
		{"e" + strings.Repeat("\u0301", 10), "e" + strings.Repeat("\u0301", 8) + `\u0301\u0301`},
		{"\ufffd", "\ufffd"},
		{family + " " + persian + " " + hindi, family + " " + persian + " " + hindi},
		{"pay\u200cpal \u200d", `pay\u200cpal \u200d`}, // they hide
		{"🙂\u200d\u200d🙂 ی\u200c", `🙂\u200d\u200d🙂 ی\u200c`},
		{"\u3164\u200d\u3164", `\u3164\u200d\u3164`},
		{strings.Repeat("\x1b", 3), `\x1b\x1b\x1b`}, // each is shown
	} {
		if got := Line(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 3, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"äöü", 3, "äöü"},
		{"äöüß", 3, "äö…"},
		{strings.Repeat("田", 9), 1, "…"},
	} {
		if got := Cut(c.in, c.n); got != c.want {
			t.Errorf("%q, %d: got %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestCell(t *testing.T) {
	for in, shown := range map[string]bool{
		"a": true, "田": true, "é": true, "e\u0301": true, "🏳️": true, "👩🏽\u200d👩\u200d👧": true, "ی\u200c": true,
		"a\u200d": false, "👩\u200d": false, "\u200dی": false, "ی\u200c\u200c": false, "\ufffd": true,
		"\x1b": false, "\u009b": false, "a\u202e": false, "\u200b": false, "\xff": false, "\u2028": false,
		"e" + strings.Repeat("\u0301", 9): false, "न" + strings.Repeat("\u0903", 20): false,
	} {
		if got := Cell(in); (got == in) != shown || !shown && got != "\uFFFD" {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

// nasty has something of all that is forbidden.
const nasty = "a\x1b[31m\x1b]0;t\a\x7f\u0085\u009b2J\u00ad\u202e\u2066\u200b\u2028\u2029\ufeff\ufffe\U000e0001\U0010ffff<&>\"'ä🙂"

func TestJSON(t *testing.T) {
	encoded, err := MarshalJSON(map[string]string{"k" + nasty: nasty})
	if err != nil {
		t.Fatal(err)
	}
	if at := strings.IndexFunc(string(encoded), Forbidden); at >= 0 {
		t.Errorf("%q is left in %q", string(encoded)[at:], encoded)
	}
	var back map[string]string
	if err := json.Unmarshal(encoded, &back); err != nil || back["k"+nasty] != nasty {
		t.Errorf("%s became %q, %v", encoded, back, err)
	}
	if want := `\u007f\u0085\u009b2J\u00ad\u202e\u2066\u200b\u2028\u2029\ufeff\ufffe\udb40\udc01\udbff\udfff`; !strings.Contains(string(encoded), want) {
		t.Errorf("got %s, want %s", encoded, want)
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, []string{nasty}, "\t"); err != nil || !strings.HasPrefix(b.String(), "[\n\t\"a") || !strings.Contains(b.String(), "<&>") {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"alice":                 "alice",
		"Žofie 田中":              "Žofie 田中",
		"../../etc/passwd":      "-..-etc-passwd",
		`a\b:c*?"<>|`:           "a-b-c------",
		".":                     "-",
		"":                      "-",
		" .hidden. ":            "hidden",
		"a\x1b]0;t\a\u202e":     "a--0-t--",
		"a\xffb\x00":            "a-b-",
		strings.Repeat("田", 99): strings.Repeat("田", 33),
	} {
		if got := FileName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// written is text through a writer, in pieces of n bytes.
func written(t *testing.T, w *Writer, to *bytes.Buffer, text string, n int) string {
	t.Helper()
	for len(text) > 0 {
		piece := text[:min(n, len(text))]
		if got, err := w.Write([]byte(piece)); got != len(piece) || err != nil {
			t.Fatal(got, err)
		}
		text = text[len(piece):]
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return to.String()
}

// TestWriter writes whole, and split at every byte.
func TestWriter(t *testing.T) {
	for _, c := range []struct {
		in      string
		colours bool
		max     int
		want    string
	}{
		{in: "a\tb\nc\n", want: "a\tb\nc\n"},
		{in: "ä🙂\u202e\x1b[31m\r\n", want: `ä🙂\u202e\x1b[31m\r` + "\n"},
		{in: "cut \xf0\x9f\x99", want: `cut \xf0\x9f\x99`},
		{in: "\xf0\x9f\x99x\x80", want: `\xf0\x9f\x99x\x80`},
		{in: "\x1b[1;31mred\x1b[0m \x1b[38:2:1:2:3mx\x1b[m", colours: true, want: "\x1b[1;31mred\x1b[0m \x1b[38:2:1:2:3mx\x1b[m"},
		{in: "\x1b[2J\x1b]0;t\a\x1b[31m\x1b\x1b[31", colours: true, want: `\x1b[2J\x1b]0;t\a` + "\x1b[31m" + `\x1b\x1b[31`},
		{in: "\x1b[" + strings.Repeat("1;", 30) + "m", colours: true, want: `\x1b[` + strings.Repeat("1;", 30) + "m"},
		{in: family + persian + hindi + "\u200d\u200c", want: family + persian + hindi + `\u200d\u200c`},
		{in: "ی\u200d\x1b[31m\u200dی", colours: true, want: `ی\u200d` + "\x1b[31m" + `\u200dی`},
		{in: family + persian + "\n", max: 40, want: family + persian + "\n"},
		{in: "123456\n12345\n1234\n", max: 5, want: "1234…\n1234…\n1234\n"},
		{in: "abیی\n\u200dی\n", max: 20, want: "abیی\n" + `\u200d` + "ی\n"}, // it joins nothing across lines
		{in: "ää\x1bää\nä\n", max: 4, want: "ää\\…\nä\n"},
	} {
		for _, n := range []int{1, 2, 3, 5, 6, 1000} {
			var b bytes.Buffer
			w := NewWriter(&b)
			w.Colours, w.Max = c.colours, c.max
			if got := written(t, w, &b, c.in, n); got != c.want {
				t.Errorf("%q in pieces of %d: got %q, want %q", c.in, n, got, c.want)
			}
		}
	}
}

// TestIsClean gives every character alone to every kind of place.
func TestIsClean(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !Forbidden(r) || !utf8.ValidRune(r) {
			continue
		}
		for place, got := range map[string]string{
			"line": Line(string(r)), "cell": Cell(string(r)), "file name": FileName(string(r)), "lines": strings.Trim(string(Lines(string(r))), "\n\t"),
		} {
			if strings.ContainsFunc(got, Forbidden) {
				t.Fatalf("U+%04X is left in a %s: %q", r, place, got)
			}
		}
	}
}

// FuzzClean: whatever is written, nothing forbidden is left; cleaning twice is
// cleaning once; JSON keeps what it says.
func FuzzClean(f *testing.F) {
	f.Add(nasty, 3)
	f.Add("\x1b[31mred\x1b[0m\xf0\x9f", 1)
	f.Fuzz(func(t *testing.T, text string, n int) {
		line := Line(text)
		if strings.ContainsFunc(line, unseemly) || !utf8.ValidString(line) || Line(line) != line {
			t.Errorf("%q becomes %q", text, line)
		}
		if name := FileName(text); strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, Forbidden) || len(name) > maxFileName || name == "" || name == ".." {
			t.Errorf("%q becomes the file %q", text, name)
		}
		encoded, err := MarshalJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if json.Unmarshal(encoded, &back) != nil || back != strings.ToValidUTF8(text, "\ufffd") && utf8.ValidString(text) || bytes.ContainsFunc(encoded, Forbidden) {
			t.Errorf("%q becomes %s", text, encoded)
		}
		n = max(1, n)
		var b bytes.Buffer
		if got := written(t, NewWriter(&b), &b, text, n); got != string(Lines(text)) && !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x300 }) {
			t.Errorf("%q in pieces of %d becomes %q", text, n, got)
		}
		if strings.ContainsFunc(b.String(), func(r rune) bool { return unseemly(r) && !layout(r) }) {
			t.Errorf("%q in pieces of %d becomes %q", text, n, b.String())
		}
	})
}

// unseemly is what is forbidden wherever it stands.
func unseemly(r rune) bool { return Forbidden(r) && !joiner(r) }
