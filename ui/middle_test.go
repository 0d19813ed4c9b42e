package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestMiddle: what is too long loses its middle, and is never wider than its room.
func TestMiddle(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"Bob", 3, "Bob"},
		{"Montgomery", 7, "Mon…ery"},
		{"Montgomery", 8, "Mont…ery"},
		{"Bob", 1, "…"},
		{"Bob", 0, ""},
		{"Bob", -3, ""},
		{"界界界界界", 6, "界…界"},
		{"界界界界界", 2, "…"},
		{"ab界", 3, "a…"},
	} {
		if got := middle(c.s, c.n); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.s, c.n, got, c.want)
		}
	}
	for _, s := range hostileNames {
		for n := range 40 {
			if got := middle(s, n); ansi.StringWidth(got) > n {
				t.Errorf("%q in %d columns has %d: %q", s, n, ansi.StringWidth(got), got)
			}
		}
	}
}

// hostileNames are what peers may call themselves.
var hostileNames = []string{
	"Bob", "", " ", strings.Repeat("Montgomery ", 30), strings.Repeat("界", 60), "שלום עולם, מי מדבר עכשיו בטלפון הזה", "مرحبا بالعالم من هاتف بعيد جدا",
	"👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦 family", strings.Repeat("e\u0301", 50), "a\u0301\u0301\u0301\u0301\u0301\u0301", "\x1b[2J\x1b]0;owned\a", "\u202eevil\u202c name", "\xff\xfe\x80",
	"up 00:38 Bob", "tab\tnew\nline", strings.Repeat("\u200d", 40), "ｗｉｄｅ　ｌｅｔｔｅｒｓ　ａｌｌ　ｔｈｅ　ｗａｙ",
}
