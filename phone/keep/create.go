package keep

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Creatable is like [File.Check], and also reports whether the system would let
// [File.Create] succeed. It changes nothing.
func (f File) Creatable() error {
	if err := f.Check(); err != nil || isStream(f.Name) {
		return err
	}
	probed := Probe(filepath.Dir(f.Name))
	if probed == nil {
		return nil
	}
	file, err := os.OpenFile(f.Name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", f.Name, probed)
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// Create opens an empty file under the name, for what is written as it comes. It
// replaces the file that is there, as [File.Write] does. Where the system does not
// let it, because the folder is not writable or the file is a mount of its own, it
// truncates that file.
func (f File) Create() (*os.File, error) {
	err := f.Write(func(io.Writer) error { return nil })
	switch {
	case err == nil:
		return os.OpenFile(f.Name, os.O_RDWR, 0)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EBUSY):
		if file, emptied := f.empty(); emptied == nil {
			return file, nil
		}
	}
	return nil, err
}

// empty opens and truncates the file that is there, if it may be replaced and has
// no other name.
func (f File) empty() (*os.File, error) {
	file, err := os.OpenFile(f.Name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && (!info.Mode().IsRegular() || links(info) != 1) {
		err = errors.New("it has another name, or is not a file")
	}
	if err == nil {
		err = f.Check()
	}
	if now, statErr := os.Stat(f.Name); err == nil && (statErr != nil || !os.SameFile(info, now)) {
		err = errors.New("another file has taken its name")
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
