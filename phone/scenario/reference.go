package scenario

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sleeptalk/phone"
	"sleeptalk/phone/device"
	"sleeptalk/phone/lab"
)

// Reference is the reference of the language, in Markdown. It is made of the
// tables that the program itself goes by.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Scenario reference

A scenario is plain text: a statement a line. ` + "`#`" + ` begins a comment, ` + "`==`" + ` a
test case, and ` + "`NAME:`" + ` before a statement makes it another phone's, a robot's, or
the lab's. The lines before the first ` + "`==`" + ` are the case "setup". The first line
that fails ends its case. "tags: a b" in a comment above the first statement
gives the scenario tags.

Times are written ` + "`500ms`, `2s`, `10m`, `1h30m`" + ` and are device time, unless
` + "`wall`" + ` follows. What has blanks in it stands between double quotes.
`)
	b.WriteString("\n## Statements\n\n")
	for _, s := range Statements() {
		entry(&b, s.Usage(), s.Help)
	}
	b.WriteString("\n## Verbs of the phone\n\nA robot of the lab can `call`, `hang up` and `speak`.\n\n")
	for _, v := range phone.Verbs {
		if !v.Shell() {
			entry(&b, v.Name+" "+v.Args, v.Help)
		}
	}
	b.WriteString("\n## Requests to the lab\n\nWith `lab:` before them.\n\n")
	for _, v := range lab.Verbs() {
		entry(&b, v.Form, v.Help)
	}
	b.WriteString("\nHow it can `misbehave`:\n\n")
	for _, m := range lab.Misbehaviours() {
		entry(&b, m.Name, m.Help)
	}
	b.WriteString("\nRobots:")
	for _, r := range lab.Robots() {
		fmt.Fprintf(&b, " `%s`", r.Name)
	}
	b.WriteString(".\n")
	referExpectations(&b)
	referSettings(&b)
	return b.String()
}

func referExpectations(b *strings.Builder) {
	b.WriteString(`
## Expectations

An expectation is fulfilled by what has happened since the last action, or
happens in time. Those marked with * are fulfilled too if it is so already.
` + "`again`" + ` wants it to happen anew, after what fulfilled the last expectation.

`)
	for _, f := range Forms() {
		mark := ""
		if f.State {
			mark = " *"
		}
		fmt.Fprintf(b, "- `%s`%s: %s; `as` keeps %s\n", f.Usage, mark, f.Help, f.Value)
	}
	b.WriteString("\n## Clauses\n\n")
	for _, c := range Clauses() {
		entry(b, c.Usage, c.Help)
	}
}

func referSettings(b *strings.Builder) {
	b.WriteString("\n## Settings\n")
	var kind UseKind
	for _, s := range UseSettings() {
		if s.Kind != kind {
			kind = s.Kind
			fmt.Fprintf(b, "\n`use %s`:\n\n", kind)
		}
		entry(b, s.Key+"="+s.Value, s.Help)
	}
	b.WriteString("\n`use device`: `era`, `strict=off` to go beyond what a real system allowed, and the numbers of the device:\n\n")
	for _, s := range device.Settings() {
		fmt.Fprintf(b, "- `%s`\n", s)
	}
}

func entry(b *strings.Builder, usage, help string) {
	fmt.Fprintf(b, "- `%s`: %s\n", strings.TrimSpace(usage), help)
}

// EditorGrammar is the grammar for editors that read TextMate's format (VS
// Code, Sublime Text, Zed, GitHub), made of the same tables.
func EditorGrammar() ([]byte, error) {
	type scope struct {
		Name string `json:"name"`
	}
	type rule struct {
		Name     string           `json:"name,omitempty"`
		Match    string           `json:"match"`
		Captures map[string]scope `json:"captures,omitempty"`
	}
	// first is one of some words at the start of a line, an actor before it.
	first := func(name string, words []string) rule {
		return rule{
			Match:    `^\s*([\w.-]+:(?=\s))?\s*(` + alternatives(words) + `)(?!\S)`,
			Captures: map[string]scope{"1": {"entity.name.type.sleeptalk"}, "2": {name}},
		}
	}
	patterns := []rule{
		{Name: "comment.line.number-sign.sleeptalk", Match: `(?:^|(?<=\s))#.*$`},
		{Name: "markup.heading.sleeptalk", Match: `^\s*==.*?(?=\s#|$)`},
		first("keyword.control.sleeptalk", statementNames()),
		first("support.function.sleeptalk", phoneVerbs()),
		{Name: "string.quoted.double.sleeptalk", Match: `"[^"]*"`},
		{Name: "variable.other.sleeptalk", Match: variable.String()},
		{Name: "keyword.operator.sleeptalk", Match: `(?<=\s)(?:` + alternatives(append(slices.Clone(clauseWords), "again")) + `|[<>]=?|=)(?=\s|$)`},
		{Name: "constant.numeric.sleeptalk", Match: `(?<![\w.])x?\d+(?:\.\d+)?(?:%|(?:(?:h|m|s|ms)(?:\d+(?:m|s))*))?(?!\S)`},
		{Name: "support.type.sleeptalk", Match: `(?<=expect |never |no |and )(?:` + alternatives(heads()) + `)(?!\S)`},
	}
	out, err := json.MarshalIndent(map[string]any{
		"$schema":   "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
		"name":      "sleeptalk scenario",
		"scopeName": "source.sleeptalk",
		"fileTypes": []string{"talk"},
		"patterns":  patterns,
	}, "", "  ")
	return append(out, '\n'), err
}

func statementNames() []string {
	var names []string
	for _, s := range Statements() {
		if s.Name != "==" {
			names = append(names, s.Name)
		}
	}
	return names
}

func phoneVerbs() []string {
	var names []string
	for _, v := range phone.Verbs {
		if !v.Shell() {
			names = append(names, v.Name)
		}
	}
	return names
}

// alternatives is a pattern for any of some words, the longer first.
func alternatives(list []string) string {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	for i, w := range list {
		list[i] = strings.ReplaceAll(regexp.QuoteMeta(w), " ", `\s+`)
	}
	return strings.Join(list, "|")
}
