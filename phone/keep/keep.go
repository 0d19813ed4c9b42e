// Package keep writes files without destroying those of others: it replaces a file
// only if it is recognisably one of this program's own, or if it is told to.
//
//	Check ──▶ the run ──▶ Write: a temporary file ──▶ Check ──▶ its name
//	(nothing is touched)  Create: empty, at once ───▶ what grows under its name
//
// Every command checks the names that it is given before it starts, so that a run
// that cannot start changes nothing, and the results of one that can are not lost
// at its end. A file that appears under the name in the meantime is left alone, too.
//
// The package recognises our files by a marker; see [Kind]. It keeps no state and
// is safe for concurrent use.
package keep

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A File is a file that is to be written.
type File struct {
	Kind Kind
	Name string
	// By is the flag that names it, for errors: "--json", or "--speaker file:".
	By string
	// Page is the page of a report that may be in the same folder. If it is ours
	// and links to the file, the file is ours even without a marker: older
	// recordings have none.
	Page string
	// Force replaces what is there, whatever it is.
	Force bool
	// Private makes the mode of a new file 0600, so that nobody else can read it,
	// instead of 0644 less the umask. A file that is replaced keeps its mode.
	Private bool
}

// A TakenError reports a file that is in the way and is not replaced.
type TakenError struct {
	File File
	Why  string
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("%s: %s; it is left as it is", e.File.named(), e.Why)
}

// named is the name of the file, behind what names it.
func (f File) named() string {
	if f.By != "" && !strings.HasSuffix(f.By, ":") {
		return f.By + " " + f.Name
	}
	return f.By + f.Name
}

// Check reports whether the file may be written, with a *[TakenError] if it may
// not. It changes nothing.
func (f File) Check() error {
	if isStream(f.Name) {
		return nil
	}
	info, err := os.Stat(f.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.checkAbsent()
	case err != nil:
		return err
	case info.IsDir():
		return &TakenError{f, "there is a folder of that name"}
	case !info.Mode().IsRegular(), f.Force, info.Size() == 0:
		return nil // a device or a pipe is written to, not replaced; in an empty file is nothing to lose
	}
	ours, err := f.ours()
	switch {
	case err != nil:
		return err
	case !ours:
		return &TakenError{f, "there is a file that is not recognisably " + f.Kind.about() + " of sleeptalk's"}
	case info.Mode().Perm()&0o200 == 0:
		return &TakenError{f, "the file is read-only"}
	}
	return nil
}

// checkAbsent refuses a symbolic link to a file that does not exist: writing to it
// would create a file that nobody has named.
func (f File) checkAbsent() error {
	if _, err := os.Lstat(f.Name); err == nil && !f.Force {
		return &TakenError{f, "it is a symbolic link that leads nowhere"}
	}
	return nil
}

// CheckFolder reports whether the file, if it is not there yet, can be written in its
// folder, which is there already. What it is tried with is gone when it returns.
func (f File) CheckFolder() error {
	if _, err := os.Lstat(f.Name); err == nil {
		return nil
	}
	if err := Probe(filepath.Dir(f.Name)); err != nil {
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			err = path.Err // of a name that nobody has given
		}
		return fmt.Errorf("%s: nothing can be written in the folder %s: %w", f.named(), filepath.Dir(f.Name), err)
	}
	return nil
}

// headSize is how much of a file is read to recognise it, in bytes.
const headSize = 8 << 10

// ours reports whether the file that is there has the marker of its kind, or a
// page of ours links to it.
func (f File) ours() (bool, error) {
	head, err := readHead(f.Name, headSize)
	if err != nil {
		return false, err
	}
	return f.Kind.recognises(head) || f.Page != "" && linked(f.Page, filepath.Base(f.Name)), nil
}

// readHead reads a file up to a limit.
func readHead(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit))
}

// isStream reports whether a name is that of an open file of this process, which
// is appended to, whatever it is.
func isStream(name string) bool {
	return name == "/dev/stdout" || name == "/dev/stderr" || strings.HasPrefix(name, "/dev/fd/") || strings.HasPrefix(name, "/proc/self/fd/")
}
