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

// Private takes the permissions of the group and of others from a folder and from
// all that is in it, which earlier versions left open. A folder that does not exist
// is not an error. The folder may be a symbolic link, unless it is in a directory
// in which everybody can create one. Links inside it are not followed, and what
// somebody else owns in it is left to them.
func Private(dir string) error {
	info, err := os.Lstat(dir)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if parent, err := os.Stat(filepath.Dir(dir)); err != nil || parent.Mode().Perm()&0o002 != 0 {
			return fmt.Errorf("%s is a symbolic link that anybody can have made", dir)
		}
		dir, err = filepath.EvalSymlinks(dir)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		return closeToOthers(name, entry, err, name == dir)
	})
}

// closeToOthers takes the permissions of the group and of others from a file, and
// leaves what somebody else owns below the root to them; see [fs.WalkDirFunc].
func closeToOthers(name string, entry fs.DirEntry, err error, root bool) error {
	if entry == nil { // the root cannot be looked at
		return err
	}
	info, gone := entry.Info()
	switch {
	case !root && gone == nil && !mine(info):
		return skipped(entry)
	case err != nil || entry.Type()&fs.ModeSymlink != 0:
		return err
	case errors.Is(gone, fs.ErrNotExist): // removed meanwhile
		return nil
	case gone != nil || info.Mode().Perm()&0o077 == 0:
		return gone
	}
	return os.Chmod(name, info.Mode().Perm()&0o700)
}

// skipped leaves out an entry with all that is below it.
func skipped(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}
