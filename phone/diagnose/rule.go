// Package diagnose says why something went wrong.
//
// A [Rule] explains one kind of anomaly: what happened, the rule behind it,
// where that comes from, and the way out. The texts are assets/rules/*.yaml, the
// ids are the constants of [event.Rule], and "sleeptalk explain" prints them. An
// event that tells of an anomaly has its rule from where it was made ([Of]).
//
// [Examine] looks at a log in which an expectation was not met: [Evidence] has
// the facts, and the rule that is the likely cause. It knows what a phone and a
// caller see, and never asks the server.
package diagnose

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A Rule is one kind of anomaly.
type Rule struct {
	ID    event.Rule `yaml:"id"`
	Title string     `yaml:"title"`
	// Codes are the termination codes under which a crash log knows it.
	Codes    []string     `yaml:"codes"`
	Happened string       `yaml:"happened"`
	Law      string       `yaml:"rule"`
	Source   string       `yaml:"source"`
	Try      string       `yaml:"try"`
	See      []event.Rule `yaml:"see"` // other rules
}

// All is every rule, in the order in which they are written down.
func All() []Rule {
	all := slices.Clone(load())
	for i := range all {
		all[i] = all[i].clone()
	}
	return all
}

// clone is a rule that shares no list with r: all callers get the rules that
// load has read.
func (r Rule) clone() Rule {
	r.Codes, r.See = slices.Clone(r.Codes), slices.Clone(r.See)
	return r
}

// load reads the rules, once. They are part of the program, so one that cannot
// be read is a mistake in it, which its tests find.
var load = sync.OnceValue(func() []Rule {
	rules, err := read(assets.Files)
	if err != nil {
		panic(err)
	}
	return rules
})

func read(files fs.FS) ([]Rule, error) {
	names, err := fs.Glob(files, "rules/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []Rule
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		var rules []Rule
		if err := place.Decode(name, text, &rules, nil); err != nil {
			return nil, err
		}
		all = append(all, rules...)
	}
	return all, nil
}

// Find is the rules that go by a name: one by its id, or all with a code such
// as 0x8badf00d. An error names the nearest.
func Find(name string) ([]Rule, error) {
	var found []Rule
	var known []string
	for _, r := range load() {
		known = append(append(known, string(r.ID)), r.Codes...)
		if strings.EqualFold(string(r.ID), name) || slices.ContainsFunc(r.Codes, func(c string) bool { return strings.EqualFold(c, name) }) {
			found = append(found, r.clone())
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no rule %q%s", name, words.DidYouMean(name, known))
	}
	return found, nil
}

// Text is the rule as a person reads it, in lines of at most width cells.
func (r Rule) Text(width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", strings.Join(append([]string{string(r.ID)}, r.Codes...), " "), r.Title)
	for _, part := range []struct{ head, text string }{
		{"What happened", r.Happened},
		{"The rule", r.Law},
		{"Where it comes from", r.Source},
		{"The way out", r.Try},
		{"See also", joined(r.See)},
	} {
		if part.text != "" {
			fmt.Fprintf(&b, "\n%s\n", part.head)
			paragraph(&b, part.text, width)
		}
	}
	return b.String()
}

// paragraph writes a text indented, broken at blanks.
func paragraph(b *strings.Builder, text string, width int) {
	for _, line := range words.Wrap(text, width-2, utf8.RuneCountInString) {
		b.WriteString("  " + line + "\n")
	}
}

func joined(ids []event.Rule) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	return strings.Join(names, ", ")
}
