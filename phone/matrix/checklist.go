package matrix

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A Checklist is a matrix that was played, to be written down.
type Checklist struct {
	Phone Phone
	Seed  uint64
	Rows  []Row
	// Again is the command that plays a row again; nil: there is none.
	Again func(Row) string
}

// Failed counts the rows that did not pass.
func (c *Checklist) Failed() (n int) {
	for _, r := range c.Rows {
		if !r.Passed() {
			n++
		}
	}
	return n
}

// Title says what was played.
func (c *Checklist) Title() string {
	return strings.TrimSpace(fmt.Sprintf("%s, strategy %s %s", c.Phone.Device, c.Phone.Strategy, strings.Join(c.Phone.Settings, " ")))
}

// Sum counts the rows.
func (c *Checklist) Sum() string {
	return fmt.Sprintf("%d rows, %d passed, %d failed; every two levels of two factors meet (virtual time, seed %d)", len(c.Rows), len(c.Rows)-c.Failed(), c.Failed(), c.Seed)
}

// A line is a row as all formats have it.
type line struct {
	N                           int
	Passed                      bool
	Combination                 Combination
	Words, Rule, Finding, Again string
}

// Lines are the rows for a format.
func (c *Checklist) Lines() (lines []line) {
	for _, r := range c.Rows {
		rule, words := r.Finding()
		l := line{N: r.N, Passed: r.Passed(), Combination: r.Combination, Words: r.Combination.String(), Rule: string(rule), Finding: words}
		if !l.Passed && c.Again != nil {
			l.Again = c.Again(r)
		}
		lines = append(lines, l)
	}
	return lines
}

// tick is the box of a row.
func (l line) tick() string {
	if l.Passed {
		return "[x]"
	}
	return "[ ]"
}

// Text writes the checklist for a terminal.
func (c *Checklist) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", c.Title())
	for _, l := range c.Lines() {
		fmt.Fprintf(&b, "%s %2d  %s\n", l.tick(), l.N, l.Words)
		for _, detail := range [][2]string{{"finding", strings.TrimSpace(l.Rule + "  " + l.Finding)}, {"again", l.Again}} {
			if detail[1] != "" {
				fmt.Fprintf(&b, "        %-8s %s\n", detail[0], detail[1])
			}
		}
	}
	fmt.Fprintf(&b, "\n%s\n", c.Sum())
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes it as a list of tasks.
func (c *Checklist) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", c.Title())
	for _, l := range c.Lines() {
		fmt.Fprintf(&b, "- %s %d. %s\n", l.tick(), l.N, l.Words)
		if l.Finding != "" {
			fmt.Fprintf(&b, "  - `%s`: %s\n", l.Rule, escaped.Replace(l.Finding))
		}
		if l.Again != "" {
			fmt.Fprintf(&b, "  - `%s`\n", l.Again)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", c.Sum())
	_, err := io.WriteString(w, b.String())
	return err
}

// escaped keeps a text from being markup.
var escaped = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "<", "&lt;", ">", "&gt;", "\n", " ")

// HTML writes it as a page of its own.
func (c *Checklist) HTML(w io.Writer) error { return page.Execute(w, c) }

var page = template.Must(template.New("matrix").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="sleeptalk"><title>{{.Title}}</title>
<style>body{font:15px/1.4 sans-serif;margin:2em;color:#222;background:#fff}table{border-collapse:collapse}td,th{padding:.3em .8em;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}code{font-size:13px}.no{color:#a00}.yes{color:#070}</style>
</head><body><h1>{{.Title}}</h1><p>{{.Sum}}</p>
<table><tr><th></th><th>state</th><th>screen</th><th>network</th><th>the call</th><th>second call</th><th>finding</th></tr>
{{range .Lines}}<tr><td class="{{if .Passed}}yes{{else}}no{{end}}">{{.N}} {{if .Passed}}passed{{else}}failed{{end}}</td>{{range .Combination}}<td>{{.}}</td>{{end}}<td>{{if .Finding}}<b>{{.Rule}}</b> {{.Finding}}<br><code>{{.Again}}</code>{{end}}</td></tr>
{{end}}</table></body></html>
`))

// Results are those of the rows, each named by its combination.
func (c *Checklist) Results() (results []*play.Result) {
	for _, r := range c.Rows {
		results = append(results, r.Result)
	}
	return results
}
