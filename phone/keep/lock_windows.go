package keep

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock opens a file that nobody else has opened so; errTaken if somebody has: it is not
// shared.
func lock(name string) (*os.File, error) {
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(path, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_ALWAYS, windows.FILE_ATTRIBUTE_NORMAL, 0)
	switch err {
	case nil:
		return os.NewFile(uintptr(h), name), nil
	case windows.ERROR_SHARING_VIOLATION:
		return nil, errTaken
	}
	return nil, &os.PathError{Op: "open", Path: name, Err: err}
}
