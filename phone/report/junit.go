package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// The elements of a JUnit file, as the XSD of Jenkins has them
// (xunit-plugin, junit-10.xsd), with the attributes file and line on a test
// case, which GitLab and GitHub's reporters read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     junitSeconds `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string       `xml:"name,attr"`
		Tests     int          `xml:"tests,attr"`
		Failures  int          `xml:"failures,attr"`
		Errors    int          `xml:"errors,attr"`
		Skipped   int          `xml:"skipped,attr"`
		Time      junitSeconds `xml:"time,attr"`
		Timestamp string       `xml:"timestamp,attr"`
		Cases     []junitCase  `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Time    junitSeconds  `xml:"time,attr"`
		Skipped *junitOutcome `xml:"skipped"`
		Failure *junitOutcome `xml:"failure"`
		Error   *junitOutcome `xml:"error"`
		Out     *junitText    `xml:"system-out"`
	}
	junitOutcome struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// junitSeconds are seconds of the wall clock, which CI adds up.
type junitSeconds time.Duration

// MarshalXMLAttr writes the seconds to the thousandth, never in powers of ten.
func (s junitSeconds) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: fmt.Sprintf("%.3f", max(0, time.Duration(s).Seconds()))}, nil
}

// JUnit writes the results as JUnit XML: a file is a test suite; each of its
// test cases and invariants is a test case. GitLab shows neither the properties
// of a suite nor class names, so each message is complete in itself.
//
// folder returns where the evidence of a result was written, as in
// [TextOptions]. A failed case names its capture for Jenkins' and GitLab's
// attachments.
func JUnit(w io.Writer, results []*play.Result, folder func(*play.Result) string) error {
	all := junitSuites{Name: "sleeptalk"}
	for _, r := range results {
		s := suite(r, TextOptions{Folder: folder}.folder(r))
		all.Suites = append(all.Suites, s)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Time += s.Time
	}
	file, err := xml.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(clean.NewWriter(w), xml.Header+quotesByName(string(file))+"\n")
	return err
}

// quotesByName writes the quotes in attributes as named entities (XML 1.0
// §4.6), because some readers do not know the numeric ones that encoding/xml
// writes. It leaves CDATA unchanged.
func quotesByName(file string) string {
	var b strings.Builder
	for file != "" {
		markup, rest, _ := strings.Cut(file, cdataStart)
		b.WriteString(namedQuotes.Replace(markup))
		data, after, found := strings.Cut(rest, cdataEnd)
		if found {
			b.WriteString(cdataStart + data + cdataEnd)
		}
		file = after
	}
	return b.String()
}

const cdataStart, cdataEnd = "<![CDATA[", "]]>"

var namedQuotes = strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;")

func suite(r *play.Result, folder string) junitSuite {
	s := junitSuite{
		Name: event.Printable(r.File), Time: junitSeconds(r.Wall),
		Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"),
	}
	for i := range r.Cases {
		s.add(caseOf(r, &r.Cases[i], folder))
	}
	for _, i := range r.Invariants {
		s.add(invariantOf(r, i, folder))
	}
	return s
}

// add appends a case and counts it.
func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

func newJunitCase(r *play.Result, name string, line int) junitCase {
	file := event.Printable(r.File)
	return junitCase{Class: file, Name: event.Printable(name), File: file, Line: max(1, line)}
}

func caseOf(r *play.Result, c *play.CaseResult, folder string) junitCase {
	j := newJunitCase(r, c.Name, c.Line)
	j.Time = junitSeconds(c.Wall)
	switch c.Verdict {
	case play.Skipped:
		j.Skipped = &junitOutcome{Message: event.Printable(skippedFor(c))}
	case play.Failed:
		j.Failure = outcome(r, c, folder)
	case play.Errored:
		j.Error = outcome(r, c, folder)
	case play.Passed:
		if c.Tries > 1 {
			j.Out = &junitText{fmt.Sprintf("flaky: passed at try %d\n", c.Tries)}
		}
	}
	if j.Failure != nil || j.Error != nil {
		j.Out = attachment(folder)
	}
	return j
}

// skippedFor says why a case was skipped.
func skippedFor(c *play.CaseResult) string {
	return cmp.Or(c.Why, "an earlier test case lost what this one needs")
}

// outcome returns the element of a case that failed or could not be decided.
func outcome(r *play.Result, c *play.CaseResult, folder string) *junitOutcome {
	f := c.Failure
	if f == nil {
		return &junitOutcome{Type: "step", Message: event.Printable(fmt.Sprintf("%s:%d %s", r.File, c.Line, c.Verdict))}
	}
	clock := "device"
	if f.Wall {
		clock = "wall"
	}
	message := fmt.Sprintf("%s %s (%s)", place(r, f), f.Message, clock)
	if f.Likely != "" {
		message += "; likely: " + f.Likely
	}
	return &junitOutcome{
		Type: event.Printable(f.Kind), Message: event.Printable(message), Text: FailureText(r, c, folder),
	}
}

// attachment returns the line in which Jenkins and GitLab look for a file to
// keep with a test case.
func attachment(folder string) *junitText {
	if folder == "" {
		return nil
	}
	return &junitText{"[[ATTACHMENT|" + path.Join(filepath.ToSlash(folder), captureFile) + "]]\n"}
}

func invariantOf(r *play.Result, i play.InvariantResult, folder string) junitCase {
	j := newJunitCase(r, i.Text, i.Line)
	bad := &junitOutcome{
		Type:    "never",
		Message: event.Printable(fmt.Sprintf("%s:%d %s: violated at %s (device); %s", r.File, i.Line, i.Text, event.Stamp(i.At), i.Detail)),
		Text:    invariantText(new(printer), r, i),
	}
	switch i.Verdict {
	case play.Failed:
		j.Failure, j.Out = bad, attachment(folder)
	case play.Errored:
		j.Error, j.Out = bad, attachment(folder)
	case play.Skipped:
		j.Skipped = &junitOutcome{Message: "nothing ran that could have violated it"}
	}
	return j
}
