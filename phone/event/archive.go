package event

import (
	"fmt"
	"io"
	"slices"
	"sort"
)

// A Store is where a [Log] keeps its packed records, such as a file. Only the log
// that has written it can read it.
type Store interface {
	io.ReaderAt
	io.WriterAt
}

// The limits of what a log keeps of its packed records. A packed record takes a
// tenth of its line of JSON, or less.
const (
	MaxStored   = 512 << 20 // bytes in its store
	MaxUnstored = 8 << 20   // bytes in memory, where its store does not work
)

// maxBad is the number of unreadable blocks that are reported.
const maxBad = 8

const cutHint = "room in the state directory, which sleeptalk locate prints; --json writes every event as it comes"

// An archive has the packed records of a log, in blocks in a store, which is used
// as a ring: the oldest blocks make room for the newest.
type archive struct {
	open   func() (Store, error) // nil: there is only memory
	store  Store                 // nil: nothing has been packed yet
	limit  int64                 // of its size
	size   int64                 // what has been used of it
	end    int64                 // where the next block goes
	blocks []block               // oldest first
	packer packer
	lost   uint64 // the last record that was let go
	cut    bool   // whether it has been noted that the oldest are let go
	bad    int    // how many blocks could not be read
	why    string // why records are let go
	note   string // what has to be said
}

// A block is consecutive records that were packed together.
type block struct {
	first uint64 // the number of its first record
	n     int
	at    int64 // in the store
	size  int
}

func (b block) last() uint64 { return b.first + uint64(b.n) - 1 }

// put packs records. It returns a warning for the log, or "".
func (a *archive) put(records []Record) (note string) {
	if a.store == nil {
		a.begin()
	}
	b := block{first: records[0].Seq, n: len(records)}
	packed, err := a.packer.pack(records)
	if err == nil {
		b.size = len(packed)
		err = a.write(b, packed)
	}
	if err != nil && a.size >= MaxUnstored && a.limit > a.size { // a full disk: what it has given can be used again
		a.limit, a.why = a.size, err.Error()
		err = a.write(b, packed)
	}
	if err != nil {
		a.retreat(err)
		if err = a.write(b, packed); err != nil {
			a.lose(b)
		}
	}
	note, a.note = a.note, ""
	return note
}

// begin opens the store.
func (a *archive) begin() {
	a.store, a.limit, a.why = new(pages), MaxStored, fmt.Sprintf("it has grown beyond %d MiB", MaxStored>>20)
	if a.open == nil {
		return
	}
	store, err := a.open()
	if err != nil {
		a.retreat(err)
		return
	}
	a.store = store
}

// retreat continues in memory, with the newest blocks, as far as they can be read
// and fit.
func (a *archive) retreat(err error) {
	old := *a
	a.store, a.limit, a.size, a.end, a.blocks, a.why = new(pages), MaxUnstored, 0, 0, nil, err.Error()
	a.note = fmt.Sprintf("the older part of the event log cannot be kept on disk, and is kept in memory as long as it fits into %d MiB: %v", MaxUnstored>>20, err)
	for _, b := range old.blocks {
		packed, err := old.read(b)
		if err == nil {
			err = a.write(b, packed)
		}
		if err != nil {
			a.lose(b)
		}
	}
}

// write puts a block behind the one before it, or, where that is the end of the
// store, at its beginning.
func (a *archive) write(b block, packed []byte) error {
	size := int64(len(packed))
	if size > a.limit {
		return fmt.Errorf("%d bytes do not fit into %d", size, a.limit)
	}
	b.at = a.end
	if b.at+size > a.limit {
		b.at = 0
	}
	for len(a.blocks) > 0 && a.blocks[0].inWay(b, size, a.end) {
		a.lose(a.blocks[0])
		a.blocks = a.blocks[1:]
	}
	if _, err := a.store.WriteAt(packed, b.at); err != nil {
		return err
	}
	a.end = b.at + size
	a.size = max(a.size, a.end)
	a.blocks = append(a.blocks, b)
	return nil
}

// inWay reports whether b has to go before another block is written: it lies
// where that will, or at the end of the store, where end is and the other does
// not fit.
func (b block) inWay(other block, size, end int64) bool {
	wraps := other.at < end
	return wraps && b.at >= end || b.at < other.at+size && b.at+int64(b.size) > other.at
}

// lose notes that a block is lost.
func (a *archive) lose(b block) {
	if !a.cut {
		a.cut = true
		a.note = fmt.Sprintf("the event log has let go of its oldest records, the first %d and more to come: %s", b.last(), a.why)
	}
	a.lost = max(a.lost, b.last())
}

// get returns the block that has the record after the one numbered seq, or the
// first after it, as it is in the store. There is one.
func (a *archive) get(seq uint64) (b block, packed []byte, err error) {
	i := sort.Search(len(a.blocks), func(i int) bool { return a.blocks[i].last() > seq })
	if i == len(a.blocks) {
		return block{first: a.lost + 1}, nil, nil
	}
	packed, err = a.read(a.blocks[i])
	return a.blocks[i], packed, err
}

func (a *archive) read(b block) ([]byte, error) {
	packed := make([]byte, b.size)
	_, err := a.store.ReadAt(packed, b.at)
	return packed, err
}

// spoilt lets go of a block that cannot be read, unless another reader has done so.
// It returns a warning for the log, or "".
func (a *archive) spoilt(b block, err error) (note string) {
	i := slices.Index(a.blocks, b)
	if i < 0 {
		return ""
	}
	a.blocks = slices.Delete(a.blocks, i, i+1)
	a.lost = max(a.lost, b.last())
	switch a.bad++; {
	case a.bad == maxBad:
		note = "; the log does not say what else cannot"
	case a.bad > maxBad:
		return ""
	}
	return fmt.Sprintf("the records %d to %d of the event log cannot be read back: %v%s", b.first, b.last(), err, note)
}
