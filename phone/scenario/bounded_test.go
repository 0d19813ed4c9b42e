package scenario

import (
	"runtime"
	"strings"
	"testing"
)

// TestParseIsLinear reads scenarios that repeat one thing: no depth, and no
// number of anything, makes memory grow faster than they do.
func TestParseIsLinear(t *testing.T) {
	const small, large = 8 << 10, 64 << 10
	for name, of := range map[string]func(many func(string) string) string{
		"lines":    func(many func(string) string) string { return many("\n") },
		"a line":   func(many func(string) string) string { return many("a") },
		"quotes":   func(many func(string) string) string { return many("expect \"") },
		"steps":    func(many func(string) string) string { return many("expect registered within 3s\n") },
		"mistakes": func(many func(string) string) string { return many("expct registred\n") },
		"cases":    func(many func(string) string) string { return many("== a\n") },
		"uses":     func(many func(string) string) string { return many("use phone bob\n") },
		"ands":     func(many func(string) string) string { return "expect " + many("registered and ") },
		"tags":     func(many func(string) string) string { return "# tags: " + many("a ") },
		"values":   func(many func(string) string) string { return "expect " + many("$x ") },
		"settings": func(many func(string) string) string { return "use lab " + many("a=b ") },
		"includes": func(many func(string) string) string { return many("include a.talk\n") },
	} {
		ratio := func(size int) float64 {
			src := []byte(of(func(s string) string { return strings.Repeat(s, size/len(s)) }))
			return float64(parseMemory(src)) / float64(size)
		}
		ratio(small) // makes the tables
		if few, many := ratio(small), ratio(large); many > 2*few+50 {
			t.Errorf("%s: %.0f bytes for each, and %.0f where they are more", name, few, many)
		}
	}
}

// parseMemory is what is allocated for a scenario, which includes itself, in bytes.
func parseMemory(src []byte) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = ParseFile("a.talk", src, func(string) ([]byte, error) { return src, nil })
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
