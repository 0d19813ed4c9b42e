// Package files reads the files that a person names, or that a folder has, none
// further than it may be long: a link to /dev/zero has no end.
package files

import (
	"fmt"
	"io"
	"os"
)

// MaxSound is the longest sound or profile that a scenario names, in bytes: half an
// hour at 16 kHz.
const MaxSound = 64 << 20

// Named reads a file that a verb names, such as a sound.
func Named(name string) ([]byte, error) { return Read(name, MaxSound) }

// Read returns the content of a file of at most limit bytes, or what comes of a
// pipe. Of devices it takes only [os.DevNull]; the others have no end, or wait for
// somebody to type.
func Read(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode(); !mode.IsRegular() && mode&os.ModeNamedPipe == 0 && name != os.DevNull {
		return nil, fmt.Errorf("%s is no file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(f, name, limit)
}

// ReadAll returns all that comes from r, at most limit bytes.
func ReadAll(r io.Reader, name string, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(content)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return content, err
}
