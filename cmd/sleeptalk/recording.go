package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/ui"
)

// A recording is a phone that can only be looked at. A long one is read while it
// is looked at.
type recording struct {
	path string
	size int64 // of the file; 0: unknown, as that of a pipe is
	file *os.File
	in   *event.Reader
	log  *event.Log

	mu   sync.Mutex
	part float64 // how much of it was read
	over bool
	err  error // why no more of it can be read

	former bool // an older version wrote it
}

// atOnce is how much of a recording is read before it is shown, in bytes: all of
// an ordinary one.
const atOnce = 1 << 20

// openRecording finds a recording and begins to read it. One that was cut off is
// shown as far as it goes.
func openRecording(p *cli.Program, name string) (*recording, error) {
	path, err := findRecording(p, name)
	if err != nil {
		return nil, err
	}
	f, err := files.Open(path)
	if err != nil {
		return nil, cli.Unread(err)
	}
	r := &recording{path: path, file: f, in: event.NewReader(f), log: p.NewLog()}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		r.size = info.Size()
	}
	for !r.over && r.in.Read() < atOnce {
		r.next()
	}
	if r.err != nil && r.log.Len() == 0 {
		return nil, cli.Invalid(r.err, "a recording is what --json writes: a JSON line for each event")
	}
	return r, nil
}

// next reads a record.
func (r *recording) next() {
	rec, err := r.in.Next()
	if err == nil {
		r.log.Append(rec)
	}
	audio, _ := rec.Event.(event.Audio)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.former = r.former || audio.Former
	if r.over = err != nil; r.over {
		r.file.Close()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = fmt.Errorf("%s: %w", r.path, err)
	}
	if r.size > 0 {
		r.part = min(1, float64(r.in.Read())/float64(r.size))
	}
}

// readOn reads the rest.
func (r *recording) readOn(ctx context.Context) {
	for !r.over && ctx.Err() == nil {
		r.next()
	}
}

// loading says how much of the recording is there; "" once all of it is.
func (r *recording) loading() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.err != nil:
		return "cut off"
	case r.over:
		return ""
	case r.size == 0:
		return "loading"
	}
	return fmt.Sprintf("loading %.0f %%", 100*r.part)
}

// name is that of the recording for a person: of its folder, or of a file with a name of its own.
func (r *recording) name() string {
	if filepath.Base(r.path) != phone.RecordingFile {
		return filepath.Base(r.path)
	}
	if dir, err := filepath.Abs(filepath.Dir(r.path)); err == nil {
		return filepath.Base(dir)
	}
	return r.path
}

// warn says that the recording was cut off, or what it does not tell.
func (r *recording) warn(p *cli.Program) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		p.Warn(r.err.Error(), "what comes before it was shown")
	}
	if r.former {
		p.Warn(r.path+" was written by an older version", "it does not tell what calls sounded like: mic and ear are empty")
	}
}

func (r *recording) Log() *event.Log      { return r.log }
func (r *recording) Verbs() []ui.VerbHelp { return nil }
func (r *recording) Do(line string) error {
	if line == "quit" {
		return nil
	}
	return errors.New("this is a recording: nothing can be told to it")
}

// report says where the report is that was kept with the recording.
func (r *recording) report() (string, error) {
	page := report.PageIn(filepath.Dir(r.path))
	switch _, err := os.Stat(page); {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("no report was kept with %s; sleeptalk run FILE --html DIR writes one", r.path)
	case err != nil:
		return "", err
	}
	return "the report: " + page, nil
}
