package scenario

import (
	"strings"
	"testing"
)

// TestHeldBeforeItIsRead: a claim that could not come true is an error.
func TestHeldBeforeItIsRead(t *testing.T) {
	for src, want := range map[string]string{
		"expect held waiting from Bob":        "what waits is not known before it is read",
		"expect held dropped at-least 2s":     "what waits is not known before it is read",
		"expect held dropped INVITE":          "what waits is not known before it is read",
		"expect held at-least soon":           "",
		"expect held released INVITE BYE":     "",
		"expect held released from Bob at-is": "",
	} {
		_, err := ParseFile("x.talk", []byte("register\n"+src), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
	}
}
