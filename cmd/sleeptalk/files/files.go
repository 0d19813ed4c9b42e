// Package files reads the files that a person names, or that a folder has, none
// further than it may be long: a link to /dev/zero has no end.
package files

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// MaxSound is the longest sound or profile that a scenario names, in bytes: half an
// hour at 16 kHz.
const MaxSound = 64 << 20

// Named reads a file that a verb names, such as a sound.
func Named(name string) ([]byte, error) { return Read(name, MaxSound) }

// Read returns the content of a file of at most limit bytes, or what comes of a
// pipe that is open already. Of devices it takes only [os.DevNull]; the others have
// no end, or wait for somebody to type.
func Read(name string, limit int64) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(f, name, limit)
}

// Open opens a file that Read would read.
func Open(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := readable(name, info.Mode()); err != nil {
		return nil, err
	}
	return os.Open(name)
}

// readable reports why nothing is to be read of a file: a named pipe waits for
// somebody to write into it, for ever.
func readable(name string, mode fs.FileMode) error {
	switch {
	case mode.IsRegular(), name == os.DevNull:
		return nil
	case mode&fs.ModeNamedPipe == 0:
		return fmt.Errorf("%s is no file", name)
	case !IsOpen(name):
		return fmt.Errorf("%s is a named pipe, which may wait for ever: write what comes of it to a file", name)
	}
	return nil
}

// IsOpen reports whether a name is that of a file which is open already, as shells
// write <(command).
func IsOpen(name string) bool {
	if name == "/dev/stdin" || filepath.Dir(name) == "/dev/fd" {
		return true
	}
	fd, err := filepath.Match("/proc/*/fd/*", name)
	return fd && err == nil
}

// ReadAll returns all that comes from r, at most limit bytes.
func ReadAll(r io.Reader, name string, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(content)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return content, err
}
