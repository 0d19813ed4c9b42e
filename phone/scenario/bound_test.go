package scenario

import (
	"strings"
	"testing"
)

// BenchmarkParseWorst reads the scenarios that cost the most: as many lines as
// may be, each wrong in a way that needs a long look, or each right.
func BenchmarkParseWorst(b *testing.B) {
	for name, line := range map[string]string{
		"wrong verb":  strings.Repeat("x", 40) + "\n",
		"wrong event": "expect " + strings.Repeat("x", 40) + "\n",
		"variables":   "call $x $y\n",
		"right":       "expect wake by INVITE within 2s and registered from a new contact\n",
	} {
		src := []byte("expect wake as $x\nexpect wake as $y\n" + strings.Repeat(line, maxSource/len(line)-8))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ParseFile("x.talk", src, nil)
			}
		})
	}
}
