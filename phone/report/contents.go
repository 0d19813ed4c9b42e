package report

import (
	"errors"
	"html/template"
	"io"
	"path"
	"path/filepath"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

var contentsTemplate = template.Must(template.New("contents.html.tmpl").Funcs(template.FuncMap{"said": said}).ParseFS(pageFiles, "page/contents.html.tmpl"))

// A contents is the data of the template for the contents page.
type contents struct {
	Words, Verdict string
	Totals         []tile
	Files          []contentsFile
}

type contentsFile struct {
	File, Link, Verdict, Sign, Device string
	Cases                             []contentsCase
}

type contentsCase struct{ Name, Verdict, Sign, Why, Device string }

// Contents writes index.html and report.css into the folder above those of
// several runs, with their verdicts and links. Folder names the folder of a
// result below dir, such as "wake"; "" if there is none.
func Contents(dir Dir, results []*play.Result, folder func(*play.Result) string) error {
	page := contents{Words: inWords(results...), Verdict: string(worst(results)), Totals: totalTiles(results...)}
	for _, r := range results {
		page.Files = append(page.Files, contentsOf(r, TextOptions{Folder: folder}.folder(r)))
	}
	style, err := pageFiles.ReadFile("page/" + styleFile)
	if err != nil {
		return err
	}
	return errors.Join(
		dir.File(keep.Page, indexFile).Write(func(w io.Writer) error { return contentsTemplate.Execute(clean.NewWriter(w), page) }),
		dir.File(keep.Style, styleFile).Write(writes(style)),
	)
}

func contentsOf(r *play.Result, folder string) contentsFile {
	f := contentsFile{File: r.File, Verdict: string(r.Verdict()), Sign: sign(r.Verdict()), Device: longClock(r.Device)}
	if folder != "" {
		f.Link = path.Join(filepath.ToSlash(folder), indexFile)
	}
	for i := range r.Cases {
		c := &r.Cases[i]
		line := contentsCase{Name: c.Name + flaky(c), Verdict: string(c.Verdict), Sign: sign(c.Verdict)}
		if c.Failure != nil {
			line.Why = c.Failure.Message
		}
		if c.Verdict != play.Skipped {
			line.Device = seconds(c.Device)
		}
		f.Cases = append(f.Cases, line)
	}
	for _, i := range r.Invariants {
		if i.Verdict != play.Passed {
			f.Cases = append(f.Cases, contentsCase{Name: i.Text, Verdict: string(i.Verdict), Sign: sign(i.Verdict), Why: i.Detail})
		}
	}
	return f
}

// worst returns the combined verdict of several results.
func worst(results []*play.Result) play.Verdict {
	verdict := play.Passed
	for _, r := range results {
		switch v := r.Verdict(); {
		case v == play.Failed:
			return v
		case v == play.Errored:
			verdict = v
		}
	}
	return verdict
}
