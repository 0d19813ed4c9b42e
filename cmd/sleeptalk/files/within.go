package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// An OutsideError is a name, or a link, that leads out of the folder of who gave
// it, whom the user does not trust.
type OutsideError struct{ Dir, Name string }

func (e *OutsideError) Error() string {
	return fmt.Sprintf("%s is outside of %s, and a scenario that you do not trust has the files of its own folder alone"+
		" (sleeptalk trust, or --trust for this run)", e.Name, e.Dir)
}

// Within reads a file of a folder: no name and no link leads out of it.
func Within(dir, name string, limit int64) ([]byte, error) {
	f, err := OpenWithin(dir, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(f, name, limit)
}

// OpenWithin opens a file that Within would read.
func OpenWithin(dir, name string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, outside(dir, name, err)
	}
	if err := readable(filepath.Join(dir, name), info.Mode()); err != nil {
		return nil, err
	}
	f, err := root.Open(filepath.FromSlash(name))
	return f, outside(dir, name, err)
}

// outside tells a way out of a folder, which the system knows nothing of, from
// other errors.
func outside(dir, name string, err error) error {
	_, systems := errors.AsType[syscall.Errno](err)
	if err == nil || systems || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &OutsideError{dir, name}
}

// Inside reports whether a file is below a folder, links followed, or is not there
// at all.
func Inside(dir, name string) bool {
	file, err := Whole(name)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	folder, err := Whole(dir)
	return err == nil && Below(folder, file)
}

// Below reports whether a path is a folder's own, or below it, as both are written.
func Below(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// Whole is the whole path of a file or a folder, without links.
func Whole(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}
