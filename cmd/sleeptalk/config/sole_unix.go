//go:build unix

package config

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"syscall"
)

// sole reports whether a file, and the folders from it up to the one that is
// trusted, are the work of the user or of root: nobody else owns them or may
// write them. Unless they must be the user's own, they may as well
// be those of whoever owns the trusted one, as where a container has somebody
// else's files: a folder of the list may be gone, and come back as another's.
func sole(path []string, own bool) (ok bool, why string) {
	allowed := []int{os.Getuid(), 0}
	if !own {
		top, err := os.Stat(path[len(path)-1])
		if err != nil {
			return false, err.Error()
		}
		if uid, known := owner(top); known {
			allowed = append(allowed, uid)
		}
	}
	for _, name := range path {
		info, err := os.Stat(name)
		if err != nil {
			return false, err.Error()
		}
		if who := open(info); who != "" {
			return false, fmt.Sprintf("others may write %s (chmod %s)", name, who)
		}
		if uid, known := owner(info); !known || !slices.Contains(allowed, uid) {
			return false, fmt.Sprintf("%s belongs to somebody else", name)
		}
	}
	return true, ""
}

// replaceable is an error if others could put another folder in the place of
// one.
func replaceable(folder string) error {
	for dir := filepath.Dir(folder); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if open(info) != "" && info.Mode()&os.ModeSticky == 0 {
			return fmt.Errorf("others may replace what is in %s", dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// open is what chmod takes from a file that others than its owner may write; empty
// if they may not. The group may that is the user's alone, as distributions make
// one for each.
func open(info os.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	own := ok && int(stat.Gid) == os.Getgid()
	switch perm := info.Mode().Perm(); {
	case perm&0o002 != 0:
		return "go-w"
	case perm&0o020 != 0 && !(own && alone()):
		return "g-w"
	}
	return ""
}

// alone reports whether the user's group is the user's alone: it has the same name.
// A user without a name, as in a container, has nobody beside them.
func alone() bool {
	who, err := user.Current()
	if err != nil {
		return true
	}
	group, err := user.LookupGroupId(who.Gid)
	return err == nil && group.Name == who.Username
}

// shut is how to close a file to others who may write it; empty if none may.
func shut(name string) string {
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	if who := open(info); who != "" {
		return "chmod " + who + " " + quote(name)
	}
	return ""
}

// owner is whose a file is, if that can be told.
func owner(info os.FileInfo) (uid int, known bool) {
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, false
	}
	return int(stat.Uid), true
}
