package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// TextOptions are the settings of the report as text.
type TextOptions struct {
	// Folder returns where the evidence of a result was written, "" if
	// nowhere. It may be nil.
	Folder func(*play.Result) string
	// Exit is the exit code that the totals state.
	Exit int
	// Colour adds the colours of a terminal.
	Colour bool
}

// folder returns where the evidence of r is; "" if there is none.
func (o TextOptions) folder(r *play.Result) string {
	if o.Folder == nil {
		return ""
	}
	return o.Folder(r)
}

// lineWidth is where a list of test cases wraps.
const lineWidth = 100

// Text writes the report as text: for each file its test cases, what failed and
// why, and its invariants; then the totals.
func Text(w io.Writer, results []*play.Result, o TextOptions) error {
	p := &printer{colour: o.Colour}
	for _, r := range results {
		p.result(r, o.folder(r))
		p.line("")
	}
	p.totals(results, o.Exit)
	out := clean.NewWriter(w)
	out.Colours = o.Colour
	_, err := out.Write(p.out.Bytes())
	return err
}

// A printer writes the report as text.
type printer struct {
	out    bytes.Buffer
	colour bool
}

// line writes a line. What comes from a file or a peer goes through
// [event.Printable] first.
func (p *printer) line(format string, args ...any) {
	fmt.Fprintf(&p.out, format+"\n", args...)
}

// The colours of a terminal, of the 16 that every theme makes readable.
const (
	sgrBad   = "1;31"
	sgrGood  = "32"
	sgrQuiet = "2"
	sgrPlace = "36"
)

// paint puts text in a colour, if there are colours.
func (p *printer) paint(sgr, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// sign returns the mark of a verdict, in its colour.
func (p *printer) sign(v play.Verdict) string {
	switch v {
	case play.Passed:
		return p.paint(sgrGood, "✓")
	case play.Failed:
		return p.paint(sgrBad, "✗")
	case play.Errored:
		return p.paint(sgrBad, "!")
	}
	return p.paint(sgrQuiet, "-")
}

func (p *printer) result(r *play.Result, folder string) {
	p.line("%s", joinBlank(event.Printable(r.File), event.Printable(r.Phone), circumstances(r)))
	p.cases(r)
	for i := range r.Cases {
		if r.Cases[i].Failure != nil {
			p.line("")
			p.failure(r, &r.Cases[i], folder)
		}
	}
	p.invariants(r)
}

// circumstances says what a reader must know before any number: whose clock the
// times are of.
func circumstances(r *play.Result) string {
	switch {
	case r.Real:
		return "a real phone, examined by the lab"
	case r.World:
		return fmt.Sprintf("virtual time, seed %d", r.Seed)
	case r.Warped:
		return "device clock warped while suspended"
	}
	return ""
}

// joinBlank joins the parts that are not empty, three blanks apart.
func joinBlank(parts ...string) string {
	var kept []string
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "   ")
}

// cases writes the test cases in as few lines as they fit.
func (p *printer) cases(r *play.Result) {
	line, width := " ", 1
	add := func(mark, text string) {
		n := utf8.RuneCountInString(text) + 5
		if width > 1 && width+n > lineWidth {
			p.line("%s", line)
			line, width = " ", 1
		}
		if width > 1 {
			line += "  "
		}
		line += " " + mark + " " + text
		width += n
	}
	skipped := 0
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Verdict == play.Skipped {
			skipped++
			continue
		}
		add(p.sign(c.Verdict), event.Printable(c.Name)+" "+lasted(r, c)+flaky(c))
	}
	if skipped > 0 {
		add(p.sign(play.Skipped), fmt.Sprintf("%d skipped", skipped))
	}
	if width > 1 {
		p.line("%s", line)
	}
}

// lasted says how long a case took in device time, and in wall time if that
// differs.
func lasted(r *play.Result, c *play.CaseResult) string {
	s := seconds(c.Device)
	if r.Warped && !r.World && c.Device-c.Wall > c.Device/10 {
		s += fmt.Sprintf(" (%.1f s wall)", c.Wall.Seconds())
	}
	return s
}

// flaky notes that a case did not pass at once.
func flaky(c *play.CaseResult) string {
	if c.Verdict == play.Passed && c.Tries > 1 {
		return fmt.Sprintf(" (flaky: try %d)", c.Tries)
	}
	return ""
}

// seconds writes a duration to the hundredth of a second, and a long one as
// hours, minutes and seconds.
func seconds(d time.Duration) string {
	if d >= time.Hour {
		return longClock(d)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// invariants writes those that hold in one line, and for each other one where
// it was violated.
func (p *printer) invariants(r *play.Result) {
	if len(r.Invariants) == 0 {
		return
	}
	line := "invariants"
	for _, i := range r.Invariants {
		line += "   " + p.sign(i.Verdict) + " " + event.Printable(i.Text)
		if i.Detail != "" && i.Verdict == play.Passed {
			line += " (" + event.Printable(i.Detail) + ")"
		}
	}
	p.line("")
	p.line("%s", line)
	for _, i := range r.Invariants {
		if i.Verdict == play.Failed || i.Verdict == play.Errored {
			p.out.WriteString(invariantText(p, r, i))
		}
	}
}

// invariantText says where an invariant was violated.
func invariantText(p *printer, r *play.Result, i play.InvariantResult) string {
	q := &printer{colour: p.colour}
	q.line("%s %s: violated at %s", q.paint(sgrBad, "error:"), event.Printable(i.Text), event.Stamp(i.At))
	q.line("  %s %s", q.paint(sgrQuiet, "-->"), q.paint(sgrPlace, fmt.Sprintf("%s:%d", event.Printable(r.File), i.Line)))
	q.fact("seen", i.Detail)
	return q.out.String()
}

// totals writes the last line.
func (p *printer) totals(results []*play.Result, exit int) {
	n := count(results)
	parts := []string{words.Count(n.tests, "test"), fmt.Sprintf("%d passed", n.passed)}
	if len(results) > 1 {
		parts = append([]string{words.Count(len(results), "file")}, parts...)
	}
	for _, c := range []struct {
		n    int
		word string
	}{{n.failed, "failed"}, {n.errored, "could not tell"}, {n.skipped, "skipped"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	if n.violated > 0 {
		parts = append(parts, words.Count(n.violated, "invariant")+" violated")
	}
	if n.flaky > 0 {
		parts = append(parts, fmt.Sprintf("%d flaky", n.flaky))
	}
	p.line("%s     %.1f s wall, %s device     exit %d", strings.Join(parts, "   "), n.wall.Seconds(), longClock(n.device), exit)
}

// longClock returns a duration as hh:mm:ss.
func longClock(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}
