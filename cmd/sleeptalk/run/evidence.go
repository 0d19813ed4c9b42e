package run

import (
	"path/filepath"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/report"
)

// page is a folder for a report: the one that --html names, or one below it.
func (o *options) page(dir string) report.Dir {
	return report.Dir{Path: dir, By: "--html", Force: o.force}
}

func (o *options) junitFile() keep.File {
	return keep.File{Kind: keep.JUnit, Name: o.junit, By: "--junit", Force: o.force}
}

func (o *options) eventsFile() keep.File {
	return keep.File{Kind: keep.Events, Name: o.events, By: "--events", Force: o.force}
}

func (o *options) pcapFile(name string) keep.File {
	return keep.File{Kind: keep.Capture, Name: name, By: "--pcap", Force: o.force}
}

// captureName is the file for the capture of a scenario, one of several or not.
func (o *options) captureName(label string, several bool) string {
	if !several {
		return o.pcap
	}
	ext := filepath.Ext(o.pcap)
	return strings.TrimSuffix(o.pcap, ext) + "-" + label + ext
}

// writable reports what may not be written, before anything is played.
func (o *options) writable(files []*piece) error {
	list := []keep.File{o.junitFile(), o.eventsFile()}
	for _, label := range labelsOf(files, false) {
		if o.pcap != "" {
			list = append(list, o.pcapFile(o.captureName(label, len(files) > 1)))
		}
	}
	if err := cli.Writable(list...); err != nil || o.html == "" {
		return err
	}
	folders := []string{o.html}
	if len(files) > 1 {
		for _, label := range labelsOf(files, true) {
			folders = append(folders, filepath.Join(o.html, label))
		}
	}
	for _, dir := range folders {
		if err := o.page(dir).Check(); err != nil {
			return cli.NotWritten(err, "")
		}
	}
	return nil
}

// filesOf are the scenarios that were played.
func filesOf(all []played) (files []*piece) {
	for _, one := range all {
		files = append(files, one.file)
	}
	return files
}
