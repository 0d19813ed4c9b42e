package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

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
func Folder(dir string, r *play.Result, log *event.Log, o FolderOptions) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
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
	for _, r := range log.After(0) {
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

// WriteFile writes a file that appears under its name only when it is complete:
// it writes a temporary file in the same folder and renames it. On an error,
// which names the file, an older file of that name is untouched. A device or a
// pipe (/dev/null, /dev/stdout) is written to, not replaced.
func WriteFile(name string, write func(io.Writer) error) error {
	put := replaceFile
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		put = writeTo
	}
	if err := put(name, write); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// writeTo writes to a device or a pipe.
func writeTo(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(buffered(f, write), f.Close())
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if err := write(out); err != nil {
		return err
	}
	return out.Flush()
}

// replaceFile creates or replaces a file.
func replaceFile(name string, write func(io.Writer) error) (err error) {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // a symbolic link stays
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = buffered(f, write); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil { // CreateTemp gives 0600, which CI cannot collect
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
