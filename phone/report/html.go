package report

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"path"
	"path/filepath"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/diagnose"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// The page has no script and no inline style, so that it looks the same under
// the Content-Security-Policy of Jenkins. Its drawings are files, one for a
// light and one for a dark ground. That policy also forbids the page, and a
// browser that opens the file, to play sound: beside each player is a link to
// save the file.
//
//go:embed page
var pageFiles embed.FS

var pageTemplate = template.Must(template.New("index.html.tmpl").Funcs(template.FuncMap{"said": said}).ParseFS(pageFiles, "page/index.html.tmpl"))

// The names of the files of a report in its folder.
const (
	indexFile   = "index.html"
	styleFile   = "report.css"
	eventsFile  = "events.jsonl"
	captureFile = "sip.pcapng"
	traceFile   = "trace.json"
	textFile    = "report.txt"
	junitFile   = "junit.xml"
)

// A Link is a file in the folder of a report that the page links to.
type Link struct{ File, What string }

// isSound reports whether the page can play the file.
func (l Link) isSound() bool { return path.Ext(l.File) == ".wav" }

// HTML writes index.html, report.css and the drawings into a folder. Links are
// files in the folder for the page to link to, such as recordings. The error
// joins those of all files that could not be written.
func HTML(dir Dir, r *play.Result, log *event.Log, links []Link) error {
	p := newPage(r, log, links)
	style, err := pageFiles.ReadFile("page/" + styleFile)
	if err != nil {
		return err
	}
	errs := []error{
		dir.File(keep.Page, indexFile).Write(func(w io.Writer) error { return pageTemplate.Execute(clean.NewWriter(w), p) }),
		dir.File(keep.Style, styleFile).Write(writes(style)),
	}
	for _, pic := range p.drawings {
		for _, th := range themes {
			errs = append(errs, dir.File(keep.Drawing, pic.file(th)).Write(writes(pic.draw(th))))
		}
	}
	return errors.Join(errs...)
}

// PageIn is the page of the reports in a folder.
func PageIn(dir string) string { return filepath.Join(dir, indexFile) }

// writes returns a function that writes b.
func writes(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(b))
		return err
	}
}

// A figure is a drawing in the page.
type figure struct {
	Name  string // of its files, without theme and ending
	Title string
	Alt   string // what it shows, in words
	draw  func(theme) []byte
}

func (p figure) file(th theme) string { return p.Name + "-" + th.name + ".svg" }

// figureOf is the drawing of lanes.
func figureOf(name string, t *picture.Timeline, v laneView) figure {
	return figure{name, v.title, lanesInWords(t, v), func(th theme) []byte { return drawLanes(t, v, th) }}
}

// Light and Dark are the names of its files.
func (p figure) Light() string { return p.file(themes[0]) }

// Dark is the name of the file for a dark ground.
func (p figure) Dark() string { return p.file(themes[1]) }

// A page is the data of the template.
type page struct {
	Title, Phone  string
	First         string // the anchor of the first thing that failed; "": nothing did
	Verdict       string // passed, failed, errored
	Words         string // the verdict in words
	Circumstances []string
	Totals        []tile
	Failures      []*pageFailure
	Losses        []pageLoss
	LossesLeft    int
	Overview      figure
	Invariants    []pageInvariant
	Cases         []pageCase
	Numbers       []tile
	Real          bool
	Wakes         []pageWake
	WakesLeft     int
	Sounds, Files []Link

	drawings []figure
	dialogs  *picture.Dialogs
}

// A tile is a number with its name.
type tile struct{ Name, Value, Kind string }

type pageInvariant struct {
	Text, Detail, Verdict, Sign, Anchor string
}

type pageCase struct {
	Name, Anchor, Verdict, Sign string
	Open                        bool // not folded
	Device, Wall, Flaky         string
	Skipped                     string // why it was
	Steps                       []pageStep
	Failure                     *pageFailure
	Lanes, Ladder               *figure
	Long                        bool // the ladder is folded
	Messages                    []pageMessage
	MessagesLeft                int
}

type pageStep struct {
	Line                               int
	Text, Verdict, Sign, Waited, Stamp string
}

type pageFailure struct {
	Anchor, Message, Excerpt, Likely, Again string
	Case, Name                              string // where its evidence is
	Facts                                   []diagnose.Fact
}

type pageMessage struct {
	Stamp, Way, Title, Raw string
	Late                   bool
}

func newPage(r *play.Result, log *event.Log, links []Link) *page {
	phone := underTest(log, r.Phone)
	fold := foldOf(log, phone)
	t := picture.Of(log.From(0), phone)
	p := &page{
		Title: r.File, Phone: bare(r.Phone), Verdict: string(r.Verdict()), Words: inWords(r),
		Circumstances: surroundings(r, fold), Totals: totalTiles(r), Real: r.Real,
		Numbers: numbers(r, fold), Invariants: invariantsOf(r),
	}
	p.dialogs = picture.DialogsOf(log.From(0), phone)
	p.Overview = p.add(overview(r, t))
	c := newCourse(log, phone)
	for i := range r.Cases {
		pc := p.caseOf(r, &r.Cases[i], c, t)
		p.Cases = append(p.Cases, pc)
		if pc.Failure != nil {
			p.Failures = append(p.Failures, p.onlyOnce(pc.Failure))
		}
	}
	p.Losses, p.LossesLeft = lossesOf(log, fold, r)
	p.First = p.first()
	p.Wakes, p.WakesLeft = wakesOf(fold)
	for _, l := range links {
		if l.isSound() {
			p.Sounds = append(p.Sounds, l)
		} else {
			p.Files = append(p.Files, l)
		}
	}
	return p
}

// first is the anchor of what failed first.
func (p *page) first() string {
	for _, f := range p.Failures {
		if f.Anchor != "" {
			return f.Anchor
		}
	}
	for _, l := range p.Losses {
		return l.Anchor
	}
	for _, i := range p.Invariants {
		if i.Verdict == string(play.Failed) {
			return i.Anchor
		}
	}
	return ""
}

// onlyOnce gives an anchor only to the first failure in a line: an include may
// fail in several test cases.
func (p *page) onlyOnce(f *pageFailure) *pageFailure {
	for _, other := range p.Failures {
		if other.Anchor == f.Anchor {
			f.Anchor = ""
		}
	}
	return f
}

// add registers a drawing to be written.
func (p *page) add(pic figure) figure {
	p.drawings = append(p.drawings, pic)
	return pic
}

func foldOf(log *event.Log, phone string) *event.Fold {
	fold := &event.Fold{Phone: phone}
	for r := range log.From(0) {
		fold.Apply(r)
	}
	return fold
}

// inWords returns the verdict in words.
func inWords(results ...*play.Result) string {
	n, verdict := count(results), worst(results)
	switch {
	case verdict == play.Failed && n.failed > 0:
		return "Failed: " + words.Count(n.failed, "test")
	case verdict == play.Failed:
		return fmt.Sprintf("Failed: %s violated", words.Count(n.violated, "invariant"))
	case verdict == play.Errored:
		return "Could not tell"
	case n.passed == 0:
		return "No test ran"
	}
	return "Passed"
}

// surroundings says what was emulated, and whose clock the times are of.
func surroundings(r *play.Result, fold *event.Fold) []string {
	var list []string
	if s := fold.Start; fold.Started && !r.Real {
		list = append(list, "emulated device "+s.Profile, "strategy "+s.Strategy)
		if s.Server != "" {
			list = append(list, "server "+s.Server)
		}
		for _, u := range s.Unfaithful {
			list = append(list, "UNFAITHFUL: "+u)
		}
	}
	if c := circumstances(r); c != "" {
		list = append(list, c)
	}
	return append(list, "began "+r.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
}

func totalTiles(results ...*play.Result) []tile {
	n := count(results)
	list := []tile{
		{"tests", fmt.Sprint(n.tests), ""},
		{"passed", fmt.Sprint(n.passed), "passed"},
		{"failed", fmt.Sprint(n.failed), zero("failed", n.failed)},
	}
	if n.errored > 0 {
		list = append(list, tile{"could not tell", fmt.Sprint(n.errored), "errored"})
	}
	if n.violated > 0 {
		list = append(list, tile{"violated", fmt.Sprint(n.violated), "failed"})
	}
	return append(list, tile{"skipped", fmt.Sprint(n.skipped), ""},
		tile{"device time", longClock(n.device), ""}, tile{"wall time", fmt.Sprintf("%.1f s", n.wall.Seconds()), ""})
}

// zero returns kind, or "" if n is 0.
func zero(kind string, n int) string {
	if n == 0 {
		return ""
	}
	return kind
}

// said returns the verdict in a word, for those to whom its mark says nothing.
func said(v string) string {
	if v == string(play.Errored) {
		return "could not tell"
	}
	return v
}

// sign returns the mark of a verdict, without colour.
func sign(v play.Verdict) string { return new(printer).sign(v) }

func invariantsOf(r *play.Result) (list []pageInvariant) {
	for _, i := range r.Invariants {
		detail := i.Detail
		if i.Verdict == play.Failed {
			detail = "violated at " + event.Stamp(i.At) + ". " + detail
		}
		list = append(list, pageInvariant{i.Text, detail, string(i.Verdict), sign(i.Verdict), Anchor(r.File, i.Line)})
	}
	return list
}

// overview returns the drawing of the whole run.
func overview(r *play.Result, t *picture.Timeline) figure {
	v := laneView{title: "The whole run of " + r.File, shown: stretch{0, max(t.End, time.Second)}}
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Verdict != play.Skipped {
			v.cuts = append(v.cuts, cutAt{c.From, c.Name})
		}
		if s, ok := failing(c); ok {
			v.shaded = append(v.shaded, shade{s, shadeLabel(r, c)})
		}
	}
	return figureOf("run", t, v)
}

// shadeLabel says what failed in the shaded part.
func shadeLabel(r *play.Result, c *play.CaseResult) string {
	if c.Failure == nil {
		return c.Name
	}
	return place(r, c.Failure) + " " + c.Failure.Message
}
