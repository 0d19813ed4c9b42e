package cli

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"syscall"
)

// deleteOnClose is FILE_FLAG_DELETE_ON_CLOSE, which package syscall does not
// have.
const deleteOnClose = 0x04000000

// nameless opens a new file that Windows deletes when it is closed, also if the
// process is killed.
func nameless(dir string) (*os.File, error) {
	name := filepath.Join(dir, "log-"+rand.Text()+".tmp")
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.CREATE_NEW, syscall.FILE_ATTRIBUTE_NORMAL|deleteOnClose, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}
