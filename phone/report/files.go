package report

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A Dir is a folder for reports. It is created where it does not exist; what
// stands in it and is not ours stays.
type Dir struct {
	Path string
	// By is what names it, for errors: "--html".
	By string
	// Force replaces files of the same names, whatever they are.
	Force bool
	// Private lets nobody else read it.
	Private bool
}

// Check reports whether the files whose names are known may be written, with a
// *[keep.TakenError] if one may not. It changes nothing.
func (d Dir) Check() error {
	if info, err := os.Stat(d.Path); err == nil && !info.IsDir() {
		return &keep.TakenError{File: keep.File{Name: d.Path, By: d.By}, Why: "it is a file, and a folder is needed"}
	}
	for _, f := range append(formats(), format{file: indexFile, kind: keep.Page}, format{file: styleFile, kind: keep.Style}) {
		if err := d.File(f.kind, f.file).Check(); err != nil {
			return err
		}
	}
	return nil
}

// File is a file in the folder.
func (d Dir) File(kind keep.Kind, name string) keep.File {
	return keep.File{Kind: kind, Name: filepath.Join(d.Path, name), By: d.By, Force: d.Force, Private: d.Private}
}

// Sound is a recording in the folder. One that the page of an earlier report
// links to is ours.
func (d Dir) Sound(name string) keep.File {
	f := d.File(keep.Sound, name)
	f.Page = filepath.Join(d.Path, indexFile)
	return f
}

// Open creates the folder.
func (d Dir) Open() error {
	if d.Private {
		return os.MkdirAll(d.Path, 0o700)
	}
	return os.MkdirAll(d.Path, 0o755)
}

// FolderOptions are the settings of [Folder].
type FolderOptions struct {
	// Links are further files in the folder for the page to link to:
	// recordings.
	Links []Link
	// Wire has the packets for the capture; nil: none.
	Wire *Wire
	// RedactAll masks users and addresses in every file.
	RedactAll bool
	// Exit is the exit code that report.txt states.
	Exit int
}

// Folder writes all reports of one run into a folder, which it creates if
// necessary: index.html with its drawings, report.txt, junit.xml, events.jsonl,
// sip.pcapng and trace.json.
//
// If a file cannot be written, for instance because the disk is full, the
// others are written all the same. The error joins those of all files, and each
// names its file.
func Folder(dir Dir, r *play.Result, log *event.Log, o FolderOptions) error {
	if err := dir.Open(); err != nil {
		return err
	}
	if o.RedactAll {
		mask := NewRedactor(log)
		r, log, o.Wire = mask.Result(r), mask.Log(log), mask.Wire(o.Wire)
	}
	e := source{log: log, wire: o.Wire, result: r, dir: dir, exit: o.Exit}
	var links []Link
	for _, f := range formats() {
		links = append(links, Link{f.file, f.about(e)})
	}
	return errors.Join(e.write(formats()), HTML(dir, r, log, append(links, o.Links...)))
}

// Events writes the log as JSON lines, as [event.ReadJSON] reads them.
func Events(w io.Writer, log *event.Log) error {
	var line []byte
	for r := range log.From(0) {
		var err error
		if line, err = event.AppendJSON(line[:0], r); err != nil {
			return err
		}
		if _, err = w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}
