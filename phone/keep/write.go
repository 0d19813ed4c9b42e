package keep

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// Write writes the file, which appears under its name only when it is complete:
// it writes a temporary file in the same folder and renames it. On an error,
// which names the file, an older file of that name is unchanged. The target of a
// symbolic link is replaced, not the link. A device or a pipe (/dev/null,
// /dev/stdout) is written to.
func (f File) Write(write func(io.Writer) error) error {
	err := f.Check()
	if err == nil {
		err = f.put(write)
	}
	if _, taken := errors.AsType[*TakenError](err); err == nil || taken {
		return err
	}
	return fmt.Errorf("write %s: %w", f.Name, err)
}

// WriteBytes is [File.Write] of a text that is there already.
func (f File) WriteBytes(text []byte) error {
	return f.Write(func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

func (f File) put(write func(io.Writer) error) error {
	if f.Stream() {
		return appendTo(f.Name, write)
	}
	if info, err := os.Stat(f.Name); err == nil {
		return f.replace(info.Mode().Perm(), write)
	}
	return f.replace(0, write)
}

// Stream reports whether the name is that of a device, a pipe or an open file: what
// is written is not replaced by what is written later.
func (f File) Stream() bool {
	if isStream(f.Name) {
		return true
	}
	info, err := os.Stat(f.Name)
	return err == nil && !info.Mode().IsRegular()
}

// appendTo writes to a device, a pipe or an open file.
func appendTo(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
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

// replace creates the file, or replaces one that has the permissions before.
func (f File) replace(before os.FileMode, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(f.Name); err == nil {
		f.Name = target
	}
	temp, err := f.temporary()
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // what was renamed is not there any more
	err = buffered(temp, write)
	if before != 0 {
		err = errors.Join(err, temp.Chmod(f.narrowed(before)))
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return f.place(temp.Name())
}

// mode returns the mode of a new file.
func (f File) mode() os.FileMode {
	if f.Private {
		return 0o600
	}
	return 0o644
}

// narrowed returns the mode of a file that replaces one of mode before.
func (f File) narrowed(before os.FileMode) os.FileMode {
	if f.Private {
		return before & 0o600
	}
	return before
}

// maxTemporary bounds the attempts to find a name for a temporary file, and
// maxBase the bytes of the file's own name in it.
const (
	maxTemporary = 100
	maxBase      = 200
)

// temporary creates a file beside f. Unlike os.CreateTemp, it leaves the mode to
// the umask.
func (f File) temporary() (*os.File, error) {
	dir, base := filepath.Split(f.Name)
	base = "." + base[:min(len(base), maxBase)] + "."
	for try := 0; ; try++ {
		name := filepath.Join(dir, base+strconv.FormatUint(rand.Uint64(), 36))
		temp, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode())
		if err == nil || !errors.Is(err, fs.ErrExist) || try == maxTemporary {
			return temp, err
		}
	}
}

// place gives the complete file its name, if that is free or belongs to a file
// that may be replaced. A link, unlike a rename, fails if the name is taken; on a
// file system without links, the name is reserved first.
func (f File) place(temp string) error {
	err := os.Link(temp, f.Name)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		reserved, reserveErr := os.OpenFile(f.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode())
		if reserveErr == nil {
			reserveErr = reserved.Close()
		}
		if err = reserveErr; err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := f.Check(); err != nil { // whatever has appeared there meanwhile
		return err
	}
	return os.Rename(temp, f.Name)
}
