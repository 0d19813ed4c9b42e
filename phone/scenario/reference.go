package scenario

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// Reference is the reference of the language, in Markdown of 80 columns. It is
// made of the tables that the program itself goes by.
func Reference() string {
	b := new(page)
	b.text("# Scenario reference")
	b.text("A scenario is plain text: a statement a line, such as `register`. What stands before the first `==` is the setup; " +
		"each `==` begins a test case, and the first line that fails ends its case. `NAME:` before a line makes it another " +
		"phone's, a robot's, or the lab's. `#` begins a comment.")
	b.text("```\n" + Example + "```")
	b.text("Times are written `500ms`, `2s`, `10m`, `1h30m`, and are device time unless `wall` follows. What has blanks in it " +
		"stands between double quotes. `tags:` in the first comment, or behind a `==`, are for `sleeptalk run --tag`. Play it with `sleeptalk run FILE`, look for mistakes with `sleeptalk check FILE`, and " +
		"see what others look like with `sleeptalk list NAME`.")
	b.text("## Statements")
	for _, s := range Statements() {
		b.entry(s.Usage(), s.Help)
	}
	b.verbs()
	b.expectations()
	b.lab()
	b.settings()
	return b.String()
}

// Example is a short scenario that passes, for whoever sees one for the first
// time.
const Example = `# A phone that sleeps rings when somebody calls.      tags: smoke
use lab
never stay awake > 10s

register
expect registered within 3s
background
expect suspended within 15s

== a call wakes it
bob: call alice
expect wake by INVITE within 2s
expect notification from "Bob" within 500ms
answer from notification
expect call up within 2s and foreground
`

func (b *page) expectations() {
	b.text("## Expectations", "They stand behind `expect`, `expect no` and `never`. One is fulfilled by what has happened since the "+
		"actor's last action, or happens in time; one marked with * also if it is so already. `again` wants it to happen anew, "+
		"after what fulfilled the expectation before it.",
		"An event proves one claim of its form: what `expect wake` has found, the next `expect wake` after the same action does not find "+
			"again, and each term of a line needs its own, while `no` and `exactly` look at all that has happened since. A state (*) "+
			"proves any number of claims while it holds, and uses nothing up; a change (`from a new contact`), and a state that is over "+
			"(`call answered` once the call is up), are events.")
	for _, f := range Forms() {
		mark := ""
		if f.State {
			mark = " *"
		}
		b.item("`" + f.Usage + "`" + mark + ": " + f.Help + "; `as` keeps " + f.Value)
	}
	b.text("## Clauses", "They follow an expectation.")
	for _, c := range Clauses() {
		b.entry(c.Usage, c.Help)
	}
}

// verbs lists what phones can be told, and how it is said to others.
func (b *page) verbs() {
	b.text("## Verbs of the phone", "`bob: call alice` and `bob calls alice` are the same line, and so are `bob: hang up` and `bob hangs up`, "+
		"`speak file x.wav` and `speak x.wav`: each way of writing works in a file, on standard input, at a prompt and at the lab.")
	for _, v := range verb.Specs(verb.Phone) {
		if v.Name != "quit" {
			b.entry(v.Usage(), v.Help)
		}
	}
}

func (b *page) lab() {
	var does []string
	for _, s := range verb.Specs(verb.Robot) {
		does = append(does, "`"+s.Usage()+"`")
	}
	b.text("## The lab", "The server that the program has in itself. Its robots are `"+strings.Join(verb.Robots(), "`, `")+
		"`; one can "+strings.Join(does, ", ")+". "+
		"The lab itself can be told, with `lab:` before the line or without (but for `push`, which a phone has too):")
	for _, v := range verb.Specs(verb.Lab) {
		if v.Name != "quit" {
			b.entry(v.Usage(), v.Help)
		}
	}
	b.text("How it can `misbehave`:")
	for _, m := range verb.Misbehaviours() {
		b.entry(m.Name, m.Help)
	}
}

func (b *page) settings() {
	b.text("## Settings")
	var kind UseKind
	for _, s := range UseSettings() {
		if s.Kind != kind {
			kind = s.Kind
			b.text("`use " + string(kind) + "`:")
		}
		b.entry(s.Key+"="+s.Value, s.Help)
	}
	b.text("What says where a secret comes from, or where it goes, counts only in a scenario that is trusted: `sleeptalk trust`, or `--trust`.")
	b.text("`use device`: `era`, `strict=off` to go beyond what a real system allowed, and the numbers of the device: `" +
		strings.Join(device.Settings(), "`, `") + "`.")
}

// A page is text of 80 columns.
type page struct {
	strings.Builder
	items bool // the last paragraph was of a list
}

// pageWidth is that of the narrowest terminal that people have.
const pageWidth = 80

// text writes paragraphs. One that has line ends keeps them.
func (b *page) text(paragraphs ...string) {
	for _, p := range paragraphs {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		if !strings.Contains(p, "\n") {
			p = wrap(p, "", "")
		}
		b.WriteString(p + "\n")
	}
	b.items = false
}

// item writes a paragraph of a list.
func (b *page) item(text string) {
	if !b.items {
		b.WriteString("\n")
	}
	b.items = true
	b.WriteString(wrap(text, "- ", "  ") + "\n")
}

func (b *page) entry(usage, help string) { b.item("`" + strings.TrimSpace(usage) + "`: " + help) }

// wrap breaks a paragraph into lines, each with what it begins with.
func wrap(text, first, others string) string {
	var b strings.Builder
	line := first
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > pageWidth:
			b.WriteString(line + "\n")
			line = others
		default:
			line += " "
		}
		line += word
	}
	return b.String() + line
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
	for _, v := range verb.Specs(verb.Phone | verb.Robot) {
		if v.Name != "quit" {
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
