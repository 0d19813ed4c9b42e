package run

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// writeReports writes what was asked for, and the text for people. A report
// that cannot be written keeps none of the others back, but changes the exit code
// of what would else have passed.
func writeReports(p *cli.Program, o *options, all []played, code int) (int, error) {
	err := o.keep(p, all, code)
	var results []*play.Result
	folders := map[*play.Result]string{}
	for _, one := range all {
		if !isBug(one.err) {
			err = errors.Join(err, one.err)
		}
		shown := one.shown(o)
		results = append(results, shown)
		folders[shown] = one.folder
	}
	folder := func(r *play.Result) string { return folders[r] }
	if o.html != "" && len(all) > 1 {
		below := func(r *play.Result) string {
			return strings.TrimPrefix(folder(r), filepath.ToSlash(filepath.Clean(o.html))+"/")
		}
		err = errors.Join(err, report.Contents(o.page(o.html), results, below))
	}
	if o.junit != "" {
		err = errors.Join(err, o.junitFile().Write(func(w io.Writer) error { return report.JUnit(w, results, folder) }))
	}
	err = errors.Join(err, writeEvents(p, o, all), writeCaptures(o, all), tellGitHub(p, o, results))
	code = unwritten(code, err)
	colour := !o.plain.Plain && p.Terminal() && p.Env("NO_COLOR") == ""
	textErr := report.Text(cli.Coloured(human(p, o)), results, report.TextOptions{Folder: folder, Exit: code, Colour: colour})
	return unwritten(code, textErr), errors.Join(err, textErr)
}

// unwritten is the exit code of a run where err kept something from being written.
func unwritten(code int, err error) int {
	if err != nil && (code == 0 || code == cli.ExitLimit) {
		return cli.ExitCannot
	}
	return code
}

// keep writes the folders of evidence: where --html says, and, of what failed,
// where the runs are kept.
func (o *options) keep(p *cli.Program, all []played, code int) error {
	var errs []error
	labels := labelsOf(filesOf(all), o.html != "")
	for i := range all {
		one := &all[i]
		if one.result == nil || !o.keeps(one.result) {
			continue
		}
		dir, err := o.folderOf(p, labels[i], len(all) > 1)
		var links []report.Link
		if err == nil {
			links, err = one.tapes.Write(dir, one.phone(o))
			err = errors.Join(err, report.Folder(dir, one.result, one.log, report.FolderOptions{
				Links: links, Wire: one.tapes.Packets(), RedactAll: o.redact, Exit: code,
			}))
		}
		if err == nil {
			one.folder = filepath.ToSlash(dir.Path)
		} else if o.html != "" {
			errs = append(errs, err)
		} else { // nobody asked for it: a machine without a home has no place
			p.Warn(fmt.Sprintf("the evidence of %s was not kept: %v", one.file.Name, err), "--html DIR, or --trace never")
		}
	}
	return errors.Join(errs...)
}

// mayKeep reports whether there may be evidence of a file.
func (o *options) mayKeep() bool { return o.html != "" || o.pcap != "" || o.trace != "never" }

// keeps reports whether there is to be evidence of a file with this result.
func (o *options) keeps(r *play.Result) bool {
	return o.html != "" || o.trace == "always" || o.trace == "on-failure" && r.Verdict() != play.Passed
}

// labelsOf are the names of files for the evidence of each, made different where
// two would be the same: nothing is written over another's. whole has the
// folders in them.
func labelsOf(files []*piece, whole bool) []string {
	var labels []string
	for _, file := range files {
		name := filepath.Base(file.Base)
		if whole {
			name = strings.NewReplacer("/", "-", ":", "-").Replace(file.Name)
		}
		name = clean.FileName(strings.TrimSuffix(name, script.Suffix))
		label := name
		for n := 2; slices.Contains(labels, label); n++ {
			label = fmt.Sprintf("%s-%d", name, n)
		}
		labels = append(labels, label)
	}
	return labels
}

// folderOf is where the evidence of a file goes.
func (o *options) folderOf(p *cli.Program, label string, several bool) (report.Dir, error) {
	switch {
	case o.html != "" && several:
		return o.page(filepath.Join(o.html, label)), nil
	case o.html != "":
		return o.page(o.html), nil
	}
	return p.RunFolder(label)
}

// writeEvents writes the events of all files, one file after the other.
func writeEvents(p *cli.Program, o *options, all []played) error {
	write := func(w io.Writer) error {
		for _, one := range all {
			if err := report.Events(w, one.masked(o)); err != nil {
				return err
			}
		}
		return nil
	}
	var errs []error
	if o.json {
		errs = append(errs, write(p.Out))
	}
	if o.events != "" {
		errs = append(errs, o.eventsFile().Write(write))
	}
	return errors.Join(errs...)
}

// phone is the name of the phone under test as it may be given away.
func (one *played) phone(o *options) string {
	name := one.file.file.Phone
	if o.redact {
		name = report.NewRedactor(one.log).Text(name)
	}
	return name
}

// shown is the result as it may be given away.
func (one *played) shown(o *options) *play.Result {
	if o.redact {
		return report.NewRedactor(one.log).Result(one.result)
	}
	return one.result
}

// masked is the log as it may be given away.
func (one *played) masked(o *options) *event.Log {
	if o.redact {
		return report.NewRedactor(one.log).Log(one.log)
	}
	return one.log
}

// writeCaptures writes what was on the wire: of several files each into one of
// its own, for in virtual time they all begin at the same moment.
func writeCaptures(o *options, all []played) error {
	if o.pcap == "" {
		return nil
	}
	var errs []error
	labels := labelsOf(filesOf(all), false)
	for i, one := range all {
		errs = append(errs, o.pcapFile(o.captureName(labels[i], len(all) > 1)).Write(func(w io.Writer) error { return one.capture(w, o) }))
	}
	return errors.Join(errs...)
}

// capture writes what was on the wire, as it may be given away.
func (one *played) capture(w io.Writer, o *options) error {
	log, wire := one.log, one.tapes.Packets()
	if o.redact {
		mask := report.NewRedactor(log)
		log, wire = mask.Log(log), mask.Wire(wire)
	}
	return report.Capture(w, log, wire)
}

// tellGitHub shows the failures beside the lines of the scenario, and adds to
// the job's summary. https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func tellGitHub(p *cli.Program, o *options, results []*play.Result) error {
	if p.Env("GITHUB_ACTIONS") != "true" {
		return nil
	}
	err := report.Annotations(human(p, o), results)
	name := p.Env("GITHUB_STEP_SUMMARY")
	if name == "" {
		return err
	}
	f, openErr := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	return errors.Join(err, report.Markdown(f, results), f.Close())
}
