package event

import "io"

// pageSize is the unit in which [pages] allocate memory.
const pageSize = 64 << 10

// pages is a [Store] in memory.
type pages [][]byte

// WriteAt writes b, and allocates pages as needed.
func (p *pages) WriteAt(b []byte, at int64) (n int, err error) {
	for n < len(b) {
		i, off := int(at/pageSize), int(at%pageSize)
		for i >= len(*p) {
			*p = append(*p, make([]byte, pageSize))
		}
		done := copy((*p)[i][off:], b[n:])
		n, at = n+done, at+int64(done)
	}
	return n, nil
}

// ReadAt reads what was written.
func (p *pages) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) {
		i, off := int(at/pageSize), int(at%pageSize)
		if i >= len(*p) {
			return n, io.ErrUnexpectedEOF
		}
		done := copy(b[n:], (*p)[i][off:])
		n, at = n+done, at+int64(done)
	}
	return n, nil
}
