package place

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
)

// anything takes every text that is YAML, in each of the ways in which files are
// read.
type anything struct {
	Node   ast.Node                     `yaml:"node"`
	Values map[string]map[string]string `yaml:"values"`
	List   []string                     `yaml:"list"`
	Any    any                          `yaml:"any"`
}

// nests are texts of about n bytes, each with what refuses it, or "" if it is
// only long.
func nests(n int) map[string]struct{ text, refused string } {
	many := func(s string) string { return strings.Repeat(s, max(1, n/len(s))) }
	const deep, second, aliases = "nested too deep", "a second document", "too many aliases"
	return map[string]struct{ text, refused string }{
		"lists in brackets":           {many("["), deep},
		"mappings in braces":          {many("{a: "), deep},
		"both":                        {many("[{a: "), deep},
		"in a value":                  {"any: " + many("["), deep},
		"balanced":                    {"any: " + strings.Repeat("[", n/2) + strings.Repeat("]", n/2), deep},
		"behind a quote":              {"any: ['[', \"[\", " + many("["), deep},
		"behind a comment":            {"# \" ' | >\nany: " + many("["), deep},
		"behind a block scalar":       {"node: |\n  \"\nany: " + many("["), deep},
		"behind an apostrophe":        {"node: don't\nany: " + many("["), deep},
		"a line each":                 {"any: " + many("[\n"), deep},
		"block sequences":             {many("- "), deep},
		"block sequences in brackets": {"[" + many("- "), deep},
		"keys":                        {many("? "), deep},
		"keys in brackets":            {"[" + many("? "), deep},
		"colons":                      {many("a: "), deep},
		"colons in brackets":          {"[" + many("a: "), deep},
		"tags":                        {"any: " + many("!a "), deep},
		"anchors":                     {"any: " + many("&a "), deep},
		"tags in brackets":            {"any: [" + many("!a "), deep},
		"stairs":                      {stairs(n), deep},
		"documents":                   {many("--- a\n"), second},
		"documents that end":          {many("a\n...\n"), second},
		"aliases":                     {"any: [&a b, " + many("*a, ") + "]", aliases},
		"merges":                      {"values:\n  a: &a {b: c}\n" + many("  d: {<<: *a}\n"), aliases},

		"a long text":             {"any: " + many("x"), ""},
		"a long key":              {many("k") + ": v", ""},
		"a long list":             {"list:\n" + many("- a\n"), ""},
		"a long list in brackets": {"list: [" + many("a,") + "]", ""},
		"brackets in quotes":      {"any: '" + many("[") + "'", ""},
		"brackets in a comment":   {"# " + many("[") + "\nany: a", ""},
		"brackets in a block":     {"any: |\n" + many("  [\n"), ""},
		"brackets in a text":      {"any: a" + many("["), ""},
		"pairs":                   {"any: [" + many("[],") + "]", ""},
		"mappings, none in other": {"values:\n" + many("  k: {a: b}\n"), ""},
		"keys side by side":       {"values: {" + many("k: {a: b}, ") + "}", ""},
		"tabs":                    {many("\t"), ""},
		"tabs after a key":        {"any:" + many("\t") + "a", ""},
		"empty lines":             {many("\n") + "any: a", ""},
		"no UTF-8":                {"any: " + many("\xff"), ""},
		"NUL":                     {"any: " + many("\x00"), ""},
		"quotes":                  {"any: '" + many("''") + "'", ""},
		"quotes that do not end":  {"any: " + many("'") + "'", ""},
		"escapes":                 {"any: \"" + many("\\u0041") + "\"", ""},
		"directives":              {many("%YAML 1.2\n"), ""},
		"block scalars":           {many("|\n"), ""},
		"carriage returns":        {many("\r") + "any: a", ""},
	}
}

// stairs is a mapping in a mapping, and so on, each at a greater column.
func stairs(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// maxRatio is how much memory is allocated for a byte of YAML, at most; half of it
// is for lexing it twice.
const maxRatio = 1200

// allocated is what f allocates, in bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestNests reads texts that make the parser take memory with the square of their
// length: what is nested is refused where it exceeds the limit, and no text takes
// more than so much for each byte.
func TestNests(t *testing.T) {
	for _, n := range []int{8 << 10, 64 << 10} {
		for name, c := range nests(n) {
			var err error
			used := allocated(func() { err = Decode("nest.yaml", []byte(c.text), new(anything), nil) })
			if ratio := used / uint64(len(c.text)); ratio > maxRatio {
				t.Errorf("%s: %d bytes take %d each", name, len(c.text), ratio)
			}
			if c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused) || !strings.HasPrefix(err.Error(), "nest.yaml:")) {
				t.Errorf("%s: got %.200v, want %q", name, err, c.refused)
			}
			if c.refused == "" && err != nil && strings.Contains(err.Error(), "limit is") {
				t.Errorf("%s: %.200v", name, err)
			}
			if err != nil && len(err.Error()) > 2000 {
				t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
			}
		}
	}
}

// TestLimits reads what just keeps each limit, and what just exceeds it.
func TestLimits(t *testing.T) {
	deep := func(n int) string { return "any: " + strings.Repeat("[", n) + strings.Repeat("]", n) }
	wide := func(n int) string { return "list: [&a b" + strings.Repeat(", *a", n) + "]" }
	size := func(n int) string { return "any: " + strings.Repeat("a", n-5) }
	for name, c := range map[string]struct {
		kept, exceeds, where string
	}{
		"depth":     {deep(MaxDepth - 1), deep(MaxDepth), fmt.Sprintf("a.yaml:1:%d nested too deep: the limit is 32\n", 5+MaxDepth)},
		"aliases":   {wide(MaxAliases), wide(MaxAliases + 1), "too many aliases: the limit is 16\n"},
		"size":      {size(MaxSize), size(MaxSize + 1), "a.yaml:1:1 262145 bytes of YAML: the limit is 262144"},
		"documents": {"# c\n---\nany: a\n...\n# c\n", "---\nany: a\n---\nany: b\n", "a.yaml:3:1 a second document: a file has one\n"},
	} {
		if err := Decode("a.yaml", []byte(c.kept), new(anything), nil); err != nil {
			t.Errorf("%s: %.200v", name, err)
		}
		if err := Decode("a.yaml", []byte(c.exceeds), new(anything), nil); err == nil || !strings.Contains(err.Error(), c.where) {
			t.Errorf("%s: got %.200v, want %q", name, err, c.where)
		}
	}
}

// FuzzDecode: no text takes more memory for each byte than the limits promise.
func FuzzDecode(f *testing.F) {
	for _, c := range nests(300) {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 16<<10 {
			return
		}
		used := allocated(func() { _ = Decode("a.yaml", []byte(text), new(anything), nil) })
		if used > maxRatio*uint64(len(text))+64<<10 {
			t.Errorf("%d bytes take %d", len(text), used)
		}
	})
}

// BenchmarkDecode measures the memory for each byte of the worst texts.
func BenchmarkDecode(b *testing.B) {
	for name, c := range nests(MaxSize - 64) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			var used uint64
			for b.Loop() {
				used += allocated(func() { _ = Decode("a.yaml", []byte(c.text), new(anything), nil) })
			}
			b.ReportMetric(float64(used)/float64(b.N)/float64(len(c.text)), "B/byte")
		})
	}
}
