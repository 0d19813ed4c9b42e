package report

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// FailureText returns the part of the report about one failed test case.
func FailureText(r *play.Result, c *play.CaseResult, folder string) string {
	p := new(printer)
	p.failure(r, c, folder)
	return p.out.String()
}

// failure writes what was expected, what happened instead, the likely cause,
// and where to look.
func (p *printer) failure(r *play.Result, c *play.CaseResult, folder string) {
	f := c.Failure
	if f == nil {
		return
	}
	p.line("%s %s", p.paint(sgrBad, "error:"), event.Printable(f.Message))
	p.excerpt(place(r, f), f)
	for _, fact := range f.Facts {
		p.fact(fact.Subject, fact.Text)
	}
	p.fact("likely", f.Likely)
	if folder != "" {
		p.fact("files", strings.Join(evidence(r, f, folder), "   "))
	}
	p.fact("again", again(r, f))
}

// waitedFor says how long a step waited in vain.
func waitedFor(f *play.Failure) string {
	switch {
	case f.Passed <= 0:
		return ""
	case f.Wall:
		return seconds(f.Passed) + " passed, wall time"
	}
	return seconds(f.Passed) + " passed, device time"
}

// place returns where a failure is, such as "wake.talk:21".
func place(r *play.Result, f *play.Failure) string {
	return fmt.Sprintf("%s:%d", event.Printable(fileOf(r, f)), f.Line)
}

// fileOf returns the file of a failure: the scenario, or a file that it
// includes.
func fileOf(r *play.Result, f *play.Failure) string {
	if f.File != "" {
		return f.File
	}
	return r.File
}

// excerpt writes the lines of the scenario with a mark under what failed.
func (p *printer) excerpt(place string, f *play.Failure) {
	p.line("  %s %s", p.paint(sgrQuiet, "-->"), p.paint(sgrPlace, place))
	digits := 2
	for _, s := range f.Source {
		digits = max(digits, len(fmt.Sprint(s.Line)))
	}
	bar := p.paint(sgrQuiet, "|")
	for _, s := range f.Source {
		p.line("%*d %s %s", digits, s.Line, bar, event.Printable(untabbed(s.Text)))
		if s.Line == f.Line && f.Col > 0 {
			caret := strings.Repeat(" ", f.Col-1) + strings.Repeat("^", max(1, f.Width))
			p.line("%*s %s %s", digits, "", bar, strings.TrimRight(p.paint(sgrBad, caret)+" "+waitedFor(f), " "))
		}
	}
}

// untabbed replaces each tab by a blank, so that columns count as they are
// displayed.
func untabbed(s string) string { return strings.ReplaceAll(s, "\t", " ") }

// fact writes one line about a failure, if text is not empty.
func (p *printer) fact(subject, text string) {
	if text != "" {
		p.line("   %s %-8s %s", p.paint(sgrQuiet, "="), event.Printable(subject), event.Printable(text))
	}
}

// evidence names the files to open.
func evidence(r *play.Result, f *play.Failure, folder string) []string {
	dir := filepath.ToSlash(folder)
	return []string{
		path.Join(dir, indexFile) + "#" + anchorOf(r, f), path.Join(dir, captureFile), path.Join(dir, eventsFile),
	}
}

// again returns the command to reproduce a failure; "" if the scenario is not a
// file.
func again(r *play.Result, f *play.Failure) string {
	switch {
	case f.Again != "":
		return f.Again
	case r.File == "":
		return ""
	}
	cmd := "sleeptalk run " + shellWord(r.File)
	if r.World {
		cmd += fmt.Sprintf(" --seed %d", r.Seed)
	}
	if f.Line > 0 && fileOf(r, f) == r.File {
		cmd += fmt.Sprintf(" --to %d", f.Line)
	}
	return cmd + " --watch"
}

// shellWord quotes s as one word of a shell.
func shellWord(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\n'\"\\$&;|<>()*?[]#~`!{}") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Anchor returns the anchor in the HTML report for a line of a scenario, such
// as "wake-21".
func Anchor(file string, line int) string {
	return fmt.Sprintf("%s-%d", stem(file), line)
}

func anchorOf(r *play.Result, f *play.Failure) string { return Anchor(fileOf(r, f), f.Line) }

// stem returns the name of a file without its folder and ending, fit for a file
// name and for an anchor.
func stem(file string) string {
	name := path.Base(filepath.ToSlash(file))
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
	if name == "" {
		return "scenario"
	}
	return name
}
