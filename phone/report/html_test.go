package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

var (
	forbidden = regexp.MustCompile(`(?i)<script|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|data:|<iframe|<object|<embed|http-equiv`)
	reference = regexp.MustCompile(`(?:href|src|srcset)="([^"]*)"`)
	anchors   = regexp.MustCompile(`\sid="([^"]*)"`)
)

// TestPageNeedsNothing checks what Jenkins' Content-Security-Policy forbids,
// and that whatever the page refers to is there.
func TestPageNeedsNothing(t *testing.T) {
	r, log := broken(t)
	dir := t.TempDir()
	if err := Folder(Dir{Path: dir}, r, log, FolderOptions{}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	if bad := forbidden.FindString(page); bad != "" {
		t.Errorf("the page has %q", bad)
	}
	var ids []string
	for _, m := range anchors.FindAllStringSubmatch(page, -1) {
		if slices.Contains(ids, m[1]) {
			t.Errorf("two elements are called %s", m[1])
		}
		ids = append(ids, m[1])
	}
	if !slices.Contains(ids, Anchor(r.File, 21)) {
		t.Errorf("no #%s, which the text report names; there are %v", Anchor(r.File, 21), ids)
	}
	for _, m := range reference.FindAllStringSubmatch(page, -1) {
		if id, within := strings.CutPrefix(m[1], "#"); within {
			if !slices.Contains(ids, id) {
				t.Errorf("a link to #%s, which is not there", id)
			}
		} else if _, err := os.Stat(filepath.Join(dir, m[1])); err != nil {
			t.Errorf("the page refers to %s: %v", m[1], err)
		}
	}
	for _, name := range glob(t, filepath.Join(dir, "*.svg")) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checkSVG(t, b)
	}
}

// checkSVG checks that a drawing is well-formed and contains only shapes in the
// colours of one theme.
func checkSVG(t *testing.T, file []byte) {
	t.Helper()
	shapes := []string{"svg", "title", "desc", "rect", "line", "polygon", "circle", "text"}
	for dec := xml.NewDecoder(bytes.NewReader(file)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(shapes, e.Name.Local) {
			t.Errorf("a drawing has <%s>", e.Name.Local)
		}
		for _, a := range e.Attr {
			if a.Name.Local == "style" || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") ||
				strings.HasPrefix(a.Name.Local, "on") || strings.HasSuffix(a.Name.Local, "href") {
				t.Errorf("a drawing has %s=%q", a.Name.Local, a.Value)
			}
		}
	}
}

// TestContents writes the page above several reports.
func TestContents(t *testing.T) {
	good, _ := passing(t)
	bad, _ := broken(t)
	bad.File = "other.talk"
	dir := t.TempDir()
	folder := func(r *play.Result) string { return stem(r.File) }
	if err := Contents(Dir{Path: dir}, []*play.Result{good, bad}, folder); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	if bad := forbidden.Find(b); bad != nil {
		t.Errorf("the page has %q", bad)
	}
	golden(t, "contents.html", b)
}

// TestHostileNames puts hostile text from a peer into everything that a page
// shows.
func TestHostileNames(t *testing.T) {
	r, log := passing(t)
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>` + "\x1b[2J"
	r.File, r.Phone, r.Cases[0].Name, r.Cases[3].Steps[1].Text = evil, "sip:alice@lab.test", evil, evil
	r.Cases[1].Failure = &play.Failure{Message: evil, Likely: evil, Source: []play.SourceLine{{Text: evil}}}
	dir := t.TempDir()
	if err := HTML(Dir{Path: dir}, r, log, []Link{{"javascript:alert(1)", evil}, {"javascript:alert(1).wav", evil}}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	if bad := regexp.MustCompile(`<script|<img src=x|href="javascript`).Find(b); bad != nil {
		t.Errorf("the page has %q", bad)
	}
}

// TestOnePalette compares the colours of the drawings with those of the page.
func TestOnePalette(t *testing.T) {
	b, err := pageFiles.ReadFile("page/" + styleFile)
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(b), "@media (prefers-color-scheme: dark)")
	for i, css := range []string{light, dark} {
		for ink, name := range inkNames {
			if want := "--" + name + ": " + themes[i].of(ink) + ";"; !strings.Contains(css, want) {
				t.Errorf("report.css lacks %s in %s", want, themes[i].name)
			}
		}
	}
}

// TestTooManyMessages has a test case with more messages than the page shows as
// text, and than the ladder draws: the page says how many are missing.
func TestTooManyMessages(t *testing.T) {
	for _, more := range []int{0, 1, maxRungs} {
		log := new(event.Log)
		log.Append(event.Record{Phone: "alice", Event: event.Start{AOR: "sip:alice@lab.test"}})
		for range maxMessages + more {
			log.Append(event.Record{Phone: "alice", Event: event.Message{Method: "OPTIONS", Raw: "OPTIONS"}})
		}
		r := &play.Result{File: "x.talk", Phone: "sip:alice@lab.test", Cases: []play.CaseResult{{Name: "setup", Verdict: play.Passed}}}
		var b bytes.Buffer
		if err := pageTemplate.Execute(&b, newPage(r, log, nil)); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("<summary>%d messages as text</summary>", maxMessages)
		if more > 0 {
			want = fmt.Sprintf("<summary>%d messages as text; cut: %d more are in events.jsonl and sip.pcapng</summary>", maxMessages, more)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%d more: the page does not say %q", more, want)
		}
	}
}

// TestTooMuchToDraw draws a log with more than a drawing holds: it is cut, and
// says so.
func TestTooMuchToDraw(t *testing.T) {
	_, log := passing(t)
	records := log.After(0)
	for len(records) < 20*maxRungs {
		records = append(records, log.After(0)...)
	}
	l := picture.LadderOf(picture.FoldFor("alice", slices.Values(records)), slices.Values(records), maxRungs)
	if len(l.Rungs) != maxRungs || l.Over == 0 {
		t.Fatalf("%d rungs, %d left out", len(l.Rungs), l.Over)
	}
	v := ladderView{Ladder: l, rows: picture.Rows(l, new(picture.Timeline), picture.Show{}), title: "many"}
	v.words = ladderInWords(v)
	file := drawLadder(v, themes[0])
	checkSVG(t, file)
	if !bytes.Contains(file, []byte("more in events.jsonl")) {
		t.Error("the ladder does not say that it is cut")
	}
	marks := picture.Of(log.From(0), "alice")
	for range maxLaneMark + 1 {
		marks.Wire = append(marks.Wire, picture.Pin[picture.Way]{At: marks.End, Kind: picture.In, Label: "OPTIONS"})
	}
	file = drawLanes(marks, laneView{title: "many", shown: stretch{0, marks.End}}, themes[0])
	checkSVG(t, file)
	if !bytes.Contains(file, []byte("left out")) {
		t.Error("the lanes do not say that they are cut")
	}
}
