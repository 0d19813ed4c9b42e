//go:build !unix

package keep

import "io/fs"

// links returns 0: the number of hard links to a file is not known.
func links(fs.FileInfo) uint64 { return 0 }
