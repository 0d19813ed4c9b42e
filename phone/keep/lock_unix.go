//go:build unix

package keep

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock opens a file that no other process has locked; errTaken if one has. Nor may
// another file of this process have done so.
func lock(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for err = unix.EINTR; err == unix.EINTR; {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	if err == nil {
		return file, nil
	}
	if err == unix.EWOULDBLOCK {
		err = errTaken
	}
	return nil, errors.Join(err, file.Close())
}
