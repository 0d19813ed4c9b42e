//go:build unix

package keep

import (
	"io/fs"
	"syscall"
)

// links returns the number of hard links to a file, or 0 if it is not known.
func links(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink)
	}
	return 0
}
