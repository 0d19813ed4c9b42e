package words

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	verbs := []string{"answer", "background", "call", "foreground", "hangup", "lock", "quit", "wake-window"}
	for word, want := range map[string]string{
		"bakground":              "background",
		"bcakground":             "background",
		"Answer":                 "answer",
		"anwser":                 "answer",
		"lokc":                   "lock",
		"wake_window":            "wake-window",
		"wakewindow":             "wake-window",
		"xyzzy":                  "",
		"":                       "",
		"q":                      "",
		strings.Repeat("a", 500): "",
	} {
		if got := Nearest(word, verbs); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", word, got, want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	if got := DidYouMean("alcie", []string{"bob", "alice"}); got != "; did you mean alice?" {
		t.Errorf("got %q", got)
	}
	if got := DidYouMean("zzz", []string{"bob", "alice"}); got != "" {
		t.Errorf("got %q", got)
	}
}
