package ui

import "slices"

// modes are the open views and overlays, the innermost last, above the view
// that is always there.
type modes struct {
	base  mode
	stack []mode
}

// top is the innermost.
func (m *modes) top() mode {
	if n := len(m.stack); n > 0 {
		return m.stack[n-1]
	}
	return m.base
}

func (m *modes) open(md mode) { m.stack = append(m.stack, md) }

// close closes the innermost, if one is open.
func (m *modes) close() {
	if n := len(m.stack); n > 0 {
		m.stack = m.stack[:n-1]
	}
}

// below is the view or overlay under the innermost.
func (m *modes) below() mode {
	if n := len(m.stack); n > 1 {
		return m.stack[n-2]
	}
	return m.base
}

// all are all that are open.
func (m *modes) all() (all mode) {
	for _, md := range m.stack {
		all |= md
	}
	return all
}

// typing is how many of the innermost have a line to type in.
func (m *modes) typing() (n int) {
	for _, md := range slices.Backward(m.stack) {
		if md&typingModes == 0 {
			break
		}
		n++
	}
	return n
}

// has reports whether a view or overlay is open at any level.
func (m *modes) has(md mode) bool { return slices.Contains(m.stack, md) }
