package sip

import (
	"strings"
	"testing"
)

// TestWarning: its text is one quoted string, whatever words of the peer's are in it.
func TestWarning(t *testing.T) {
	for text, want := range map[string]string{
		"no codec in common":              `305 pbx:5060 "no codec in common"`,
		"a \"b\" \\ c\r\nd\x7fé":          `305 pbx:5060 "a 'b' ' c''d''"`,
		strings.Repeat("x", maxWarning):   `305 pbx:5060 "` + strings.Repeat("x", maxWarning) + `"`,
		strings.Repeat("é", 2*maxWarning): `305 pbx:5060 "` + strings.Repeat("'", maxWarning/2) + `"`,
	} {
		if got := Warning(305, "pbx:5060", text).Value(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
