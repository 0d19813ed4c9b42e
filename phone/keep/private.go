package keep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Probe reports whether files can be written in a folder.
func Probe(dir string) error {
	f, err := os.CreateTemp(dir, ".probe.*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Private lets nobody else into a folder, nor read what is in it, whoever wrote
// it: an earlier version did not see to that. A folder that does not exist is
// none. A symbolic link is not followed, but for the folder itself, and that
// one not in a directory where everybody can make one.
func Private(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		if parent, err := os.Stat(filepath.Dir(dir)); err != nil || parent.Mode().Perm()&0o002 != 0 {
			return fmt.Errorf("%s is a symbolic link that anybody can have made", dir)
		}
		return nil
	}
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // removed meanwhile
			return nil
		}
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			return err
		}
		return os.Chmod(name, info.Mode().Perm()&0o700)
	})
}
