//go:build !windows

package cli

import (
	"errors"
	"os"
)

// nameless opens a new file and takes its name away: it lives as long as it is
// open.
func nameless(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "log-*.tmp")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
