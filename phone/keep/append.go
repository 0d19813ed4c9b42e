package keep

import (
	"errors"
	"os"
)

// Append opens the file to add to it. It is made if it is not there; one that may
// not be replaced is not added to either. A private one is closed to others, though
// it was open to them.
func (f File) Append() (*os.File, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(f.Name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, f.mode())
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && f.Private && info.Mode().IsRegular() {
		err = file.Chmod(f.mode())
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
