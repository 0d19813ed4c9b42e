//go:build unix

package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// sole reports whether a file, and the folders from it up to the one that is
// trusted, are the work of the user or of root: nobody else owns them, and not
// everybody may write them. Unless they must be the user's own, they may as well
// be those of whoever owns the trusted one, as where a container has somebody
// else's files: a folder of the list may be gone, and come back as another's.
func sole(path []string, own bool) (ok bool, why string) {
	allowed := []int{os.Getuid(), 0}
	if !own {
		top, err := owner(path[len(path)-1])
		if err != nil {
			return false, err.Error()
		}
		allowed = append(allowed, top)
	}
	for _, name := range path {
		info, err := os.Stat(name)
		if err != nil {
			return false, err.Error()
		}
		if info.Mode().Perm()&0o002 != 0 {
			return false, fmt.Sprintf("everybody on this machine may write %s (chmod o-w)", name)
		}
		if uid, err := owner(name); err != nil || !slices.Contains(allowed, uid) {
			return false, fmt.Sprintf("%s belongs to somebody else", name)
		}
	}
	return true, ""
}

// replaceable is an error if everybody could put another folder in the place of
// one.
func replaceable(folder string) error {
	for dir := filepath.Dir(folder); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o002 != 0 && info.Mode()&os.ModeSticky == 0 {
			return fmt.Errorf("everybody on this machine may replace what is in %s", dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func owner(name string) (int, error) {
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: nobody knows whose it is", name)
	}
	return int(stat.Uid), nil
}
