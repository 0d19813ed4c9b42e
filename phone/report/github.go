package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// escapeCommand and escapeProperty escape text as GitHub's workflow commands
// need it (github.com/actions/toolkit, packages/core/src/command.ts).
var (
	escapeCommand  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	escapeTable    = strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", "`", "'")
)

// Annotations writes a workflow command for each failure, which GitHub shows
// beside the line of the scenario.
func Annotations(w io.Writer, results []*play.Result) error {
	var b bytes.Buffer
	for _, r := range results {
		for _, c := range r.Cases {
			if f := c.Failure; f != nil {
				message := f.Message
				if f.Likely != "" {
					message += "; likely: " + f.Likely
				}
				annotate(&b, fileOf(r, f), f.Line, c.Name, message)
			}
		}
		for _, i := range r.Invariants {
			if i.Verdict == play.Failed || i.Verdict == play.Errored {
				annotate(&b, r.File, i.Line, i.Text, "violated at "+event.Stamp(i.At)+"; "+i.Detail)
			}
		}
	}
	_, err := clean.NewWriter(w).Write(b.Bytes())
	return err
}

func annotate(b *bytes.Buffer, file string, line int, title, message string) {
	fmt.Fprintf(b, "::error file=%s,line=%d,title=%s::%s\n",
		escapeProperty.Replace(file), line, escapeProperty.Replace(title), escapeCommand.Replace(message))
}

// Markdown writes a table of the test cases and the text of each failure, for
// the summary of a GitHub job.
func Markdown(w io.Writer, results []*play.Result) error {
	var b bytes.Buffer
	n := count(results)
	fmt.Fprintf(&b, "### sleeptalk: %d tests, %d passed, %d failed, %d could not tell, %d skipped\n",
		n.tests, n.passed, n.failed, n.errored, n.skipped)
	for _, r := range results {
		markdownOf(&b, r)
	}
	_, err := clean.NewWriter(w).Write(b.Bytes())
	return err
}

func markdownOf(b *bytes.Buffer, r *play.Result) {
	fmt.Fprintf(b, "\n**%s** %s\n\n| | test | device time | wall time |\n|---|---|---:|---:|\n",
		escapeTable.Replace(r.File), escapeTable.Replace(circumstances(r)))
	p := new(printer)
	for i := range r.Cases {
		c := &r.Cases[i]
		fmt.Fprintf(b, "| %s | %s%s | %s | %s |\n",
			p.sign(c.Verdict), escapeTable.Replace(c.Name), flaky(c), seconds(c.Device), seconds(c.Wall))
	}
	for _, i := range r.Invariants {
		fmt.Fprintf(b, "| %s | %s | %s | |\n", p.sign(i.Verdict), escapeTable.Replace(i.Text), escapeTable.Replace(i.Detail))
	}
	for i := range r.Cases {
		if text := FailureText(r, &r.Cases[i], ""); text != "" {
			fmt.Fprintf(b, "\n```text\n%s```\n", strings.ReplaceAll(text, "```", "'''"))
		}
	}
}
