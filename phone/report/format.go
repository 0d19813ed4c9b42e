package report

import (
	"errors"
	"fmt"
	"io"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A format is one file in the folder of a report, beside the page.
type format struct {
	file string
	kind keep.Kind
	// about says what it is, beside the page's link to it.
	about func(e source) string
	write func(w io.Writer, e source) error
	// verdicts says that it tells what passed and failed, so that a phone
	// without a scenario has none.
	verdicts bool
}

// formats lists them, in the order of the links. A format is registered by its
// line here; how it is written is in its own file.
func formats() []format {
	return []format{
		{file: eventsFile, kind: keep.Events, about: says("every event, one a line"), write: func(w io.Writer, e source) error { return Events(w, e.log) }},
		{file: captureFile, kind: keep.Capture, about: aboutCapture, write: func(w io.Writer, e source) error { return Capture(w, e.log, e.wire) }},
		{file: traceFile, kind: keep.Trace, about: says("the lanes, for ui.perfetto.dev"), write: func(w io.Writer, e source) error { return Trace(w, e.log) }},
		{file: textFile, kind: keep.Text, about: says("this report as text"), write: writeText, verdicts: true},
		{file: junitFile, kind: keep.JUnit, about: says("this report for CI"), write: writeJUnit, verdicts: true},
	}
}

// source is what a report is made of.
type source struct {
	log    *event.Log
	wire   *Wire        // nil: no packets
	result *play.Result // nil: there was no scenario
	dir    Dir
	exit   int // of the program
}

// write writes the files into the folder. The error joins those of all.
func (e source) write(list []format) error {
	var errs []error
	for _, f := range list {
		errs = append(errs, e.dir.File(f.kind, f.file).Write(func(w io.Writer) error { return f.write(w, e) }))
	}
	return errors.Join(errs...)
}

func (e source) folder(*play.Result) string { return e.dir.Path }

func says(text string) func(source) string { return func(source) string { return text } }

func aboutCapture(e source) string {
	switch left := e.wire.Left(); {
	case len(e.wire.kept()) == 0:
		return "SIP, for Wireshark and sngrep; there is no RTP"
	case left > 0:
		return fmt.Sprintf("SIP and RTP, for Wireshark and sngrep; cut: there was no room for the last %d packets of RTP", left)
	}
	return "SIP and RTP, for Wireshark and sngrep"
}

// textTitle is the first line of report.txt, by which it is known as ours.
const textTitle = "sleeptalk report\n\n"

func writeText(w io.Writer, e source) error {
	if _, err := io.WriteString(w, textTitle); err != nil {
		return err
	}
	return Text(w, []*play.Result{e.result}, TextOptions{Folder: e.folder, Exit: e.exit})
}

func writeJUnit(w io.Writer, e source) error { return JUnit(w, []*play.Result{e.result}, e.folder) }
