package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// The rules of junit-10.xsd of Jenkins' xunit-plugin for the elements that are
// written: the attributes that must be there, those that may, and the
// children. file and line on a test case are what GitLab reads beside them.
var junitRules = map[string]struct{ must, may, children []string }{
	"testsuites": {nil, []string{"name", "time", "tests", "failures", "errors"}, []string{"testsuite"}},
	"testsuite": {
		[]string{"name", "tests", "failures", "errors"},
		[]string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		[]string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"testcase":   {[]string{"name"}, []string{"time", "classname", "group", "file", "line"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"failure":    {nil, []string{"type", "message"}, nil},
	"error":      {nil, []string{"type", "message"}, nil},
	"skipped":    {nil, []string{"type", "message"}, nil},
	"system-out": {nil, nil, nil},
}

// surefireTime is the form of a time in that schema.
var surefireTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

// checkJUnit fails the test for each violation of junitRules in file.
func checkJUnit(t *testing.T, file []byte) {
	t.Helper()
	var path []string
	for dec := xml.NewDecoder(bytes.NewReader(file)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(path) > 0 && !slices.Contains(junitRules[path[len(path)-1]].children, token.Name.Local) {
				t.Errorf("%s in %s", token.Name.Local, path[len(path)-1])
			}
			checkElement(t, token)
			path = append(path, token.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

func checkElement(t *testing.T, e xml.StartElement) {
	t.Helper()
	rules, known := junitRules[e.Name.Local]
	if !known {
		t.Errorf("no such element: %s", e.Name.Local)
	}
	var have []string
	for _, a := range e.Attr {
		have = append(have, a.Name.Local)
		if !slices.Contains(rules.must, a.Name.Local) && !slices.Contains(rules.may, a.Name.Local) {
			t.Errorf("%s has no attribute %s", e.Name.Local, a.Name.Local)
		}
		if a.Name.Local == "time" && !surefireTime.MatchString(a.Value) {
			t.Errorf("time %q", a.Value)
		}
	}
	for _, must := range rules.must {
		if !slices.Contains(have, must) {
			t.Errorf("%s lacks %s", e.Name.Local, must)
		}
	}
}

func TestJUnit(t *testing.T) {
	good, _ := passing(t)
	bad, _ := broken(t)
	bad.Invariants[1].Verdict, bad.Invariants[1].At = play.Failed, sec(12)
	bad.Cases[1].Verdict = play.Errored
	file := written(t, func(w io.Writer) error {
		return JUnit(w, []*play.Result{good, bad}, func(*play.Result) string { return "report" })
	})
	checkJUnit(t, file)
	for _, want := range []string{
		`tests="17" failures="2" errors="1"`, `tests="10" failures="2" errors="1" skipped="4"`, "[[ATTACHMENT|report/sip.pcapng]]",
		`message="wake.talk:21 no wake by INVITE within 2 s (device); likely: the proxy did not route the call`, "never stay awake &gt; 10s: violated at 00:12.00",
	} {
		if !strings.Contains(string(file), want) {
			t.Errorf("not in it: %s\n%s", want, file)
		}
	}
	if n := strings.Count(string(file), "<testcase "); strconv.Itoa(n) != "17" {
		t.Errorf("%d test cases are written", n)
	}
}

// TestJUnitTimes: a suite took as long as its run by the clock on the wall, a
// case as long as the case, and all together their sum.
func TestJUnitTimes(t *testing.T) {
	good, _ := passing(t)
	bad, _ := broken(t)
	file := string(written(t, func(w io.Writer) error { return JUnit(w, []*play.Result{good, bad}, nil) }))
	for _, want := range []string{
		`<testsuites name="sleeptalk" tests="17" failures="1" errors="0" time="51.620">`,
		`time="28.250" timestamp="2026-11-23T08:26:15">`, `time="23.370" timestamp="2026-11-23T08:26:15">`,
		`name="keepalive" file="wake.talk" line="14" time="9.360">`, `name="a call wakes it" file="wake.talk" line="19" time="4.003">`,
	} {
		if !strings.Contains(file, want) {
			t.Errorf("not in it: %s", want)
		}
	}
}

// TestJUnitOfHostileText puts text that XML does not allow, or that would end
// an element, everywhere.
func TestJUnitOfHostileText(t *testing.T) {
	r, _ := broken(t)
	evil := "]]> <b> & \x00\x1b[31m\u0085 \xff\" '"
	r.File, r.Phone = evil, evil
	for i := range r.Cases {
		r.Cases[i].Name = evil
	}
	f := r.Cases[3].Failure
	f.Message, f.Likely, f.Facts[0].Text, f.Source[1].Text = evil, evil, evil, evil
	r.Invariants[0].Text, r.Invariants[0].Verdict = evil, play.Failed
	file := written(t, func(w io.Writer) error { return JUnit(w, []*play.Result{r}, nil) })
	checkJUnit(t, file)
	if i := bytes.IndexAny(file, "\x00\x1b\u0085"); i >= 0 {
		t.Errorf("a control character at %d", i)
	}
}

// TestQuotesByName checks quotes in an attribute, and text that looks like an
// attribute.
func TestQuotesByName(t *testing.T) {
	const have = `<a b="&#34;x&#39; &amp;#34;"><![CDATA[&#34; ]]]]><![CDATA[> &#39;]]></a><c d="&#39;"></c>`
	const want = `<a b="&quot;x&apos; &amp;#34;"><![CDATA[&#34; ]]]]><![CDATA[> &#39;]]></a><c d="&apos;"></c>`
	if got := quotesByName(have); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestGitHub(t *testing.T) {
	r, _ := broken(t)
	results := []*play.Result{r}
	got := string(written(t, func(w io.Writer) error { return Annotations(w, results) }))
	want := "::error file=wake.talk,line=21,title=a call wakes it::no wake by INVITE within 2 s; " +
		"likely: the proxy did not route the call to our contact 127.0.0.1:39902\n"
	if got != want {
		t.Errorf("got %q", got)
	}
	golden(t, "failing/summary.md", written(t, func(w io.Writer) error { return Markdown(w, results) }))
}
