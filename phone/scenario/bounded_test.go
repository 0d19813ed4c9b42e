package scenario

import (
	"runtime"
	"strings"
	"testing"
)

// maxRatio is how much memory a scenario may take for each of its bytes; a
// statement has more words than letters.
const maxRatio = 300

// TestParseIsLinear reads scenarios that repeat one thing: no depth, and no
// number of anything, makes memory grow faster than they do.
func TestParseIsLinear(t *testing.T) {
	const size = 256 << 10
	many := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, src := range map[string]string{
		"lines":    many("\n"),
		"a line":   many("a"),
		"quotes":   many("expect \"") + "\n",
		"steps":    many("expect registered within 3s\n"),
		"mistakes": many("expct registred\n"),
		"cases":    many("== a\n"),
		"uses":     many("use phone bob\n"),
		"ands":     "expect " + many("registered and ") + "registered\n",
		"tags":     "# tags: " + many("a ") + "\n",
		"values":   "expect " + many("$x ") + "\n",
		"settings": "use lab " + many("a=b ") + "\n",
		"includes": many("include a.talk\n"),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = ParseFile("a.talk", []byte(src), func(string) ([]byte, error) { return []byte(src), nil })
		runtime.ReadMemStats(&after)
		if ratio := (after.TotalAlloc - before.TotalAlloc) / size; ratio > maxRatio {
			t.Errorf("%s: %d bytes take %d each", name, size, ratio)
		}
	}
}
