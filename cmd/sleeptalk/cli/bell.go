package cli

// A Bell tells those who wait that something is another than it was. The lock of that is
// held by who uses it.
type Bell struct{ next chan struct{} }

// Next is closed when it rings next.
func (b *Bell) Next() <-chan struct{} {
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

// Ring tells all who wait.
func (b *Bell) Ring() {
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
