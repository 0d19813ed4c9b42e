package event

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"
)

// A Log is an append-only list of records with any number of readers.
//
// A reader holds a cursor (the sequence number of the last record that it has),
// so a slow one loses nothing and blocks no writer, and a burst reaches it as
// one batch. A Log is safe for concurrent use.
//
// The newest records are in memory as they are; older ones are packed, and go
// to the log's store if it has one ([NewLog]). A reader does not see the
// difference. The zero value is an empty log without a store: it keeps what is
// packed in memory, all of it.
type Log struct {
	mu      sync.Mutex
	secrets Secrets
	hot     []Record // the newest
	last    uint64   // the number of the last record
	latest  Record   // that record, but for its number and its event
	cool    cooling
	older   archive
	losses  *finder       // of lost calls; nil: nobody looks for them
	grown   chan struct{} // closed when there are more records; nil if nobody waits
}

// NewLog returns a log that keeps its older records in the store that open
// opens. It is opened when it is first needed, which for a short log is never.
//
// The store is used up to [MaxStored] bytes. Beyond that, or on a full disk, the
// oldest records are let go; without a store, as many as fit into [MaxUnstored]
// bytes of memory are kept. The log says so itself, in a [Warning] of
// [RuleLogCut]; see also [Log.Lost].
func NewLog(open func() (Store, error)) *Log { return &Log{older: archive{open: open}} }

// Append adds a record, gives it the next sequence number, and returns it. It
// truncates its times to the precision of JSON, so that a recording reads
// exactly like the log. No secret gets in: it is [Masked], and without
// what was said to be one ([Log.Hide]).
func (l *Log) Append(r Record) Record {
	r.Event = Masked(r.Event)
	r.Wall = r.Wall.Add(-time.Duration(r.Wall.Nanosecond()) % time.Microsecond) // Truncate would lose the monotonic clock
	r.Device = r.Device.Truncate(time.Microsecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Event = l.secrets.event(r.Event)
	r = l.append(r)
	if l.losses != nil {
		for _, found := range l.losses.apply(r) {
			found.Device = found.Device.Truncate(time.Microsecond)
			l.append(found)
		}
	}
	l.say(l.pack())
	l.wake()
	return r
}

// say warns of what the log has lost, if there is something to be said, at the
// time and on the phone of the last record.
func (l *Log) say(note string) {
	if note == "" {
		return
	}
	r := l.latest
	r.Event = Warning{Rule: RuleLogCut, Note: note, Hint: cutHint}
	l.append(r)
}

// wake tells those who wait that there are more records.
func (l *Log) wake() {
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
}

func (l *Log) append(r Record) Record {
	l.last++
	r.Seq = l.last
	l.latest = Record{Wall: r.Wall, Device: r.Device, Phone: r.Phone}
	l.hot = append(l.hot, r)
	l.cool.add(weight(r))
	return r
}

// pack packs the oldest records while those in memory are too many. What it
// returns is to be said.
func (l *Log) pack() (note string) {
	for l.cool.due() {
		n, held := l.cool.take()
		said := l.older.put(l.hot[:n])
		if l.hot = l.hot[n:]; held { // readers may have what is before: it cannot be cleared
			l.hot = slices.Clone(l.hot)
		}
		if said != "" {
			note = said
		}
	}
	return note
}

// FindLosses makes the log say, from now on, which calls have not got through to a phone,
// as a [Loss] of that phone: see there. It is for a log of what happens; a recording has
// them.
func (l *Log) FindLosses() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.losses = new(finder)
}

// Hide masks words in all that is appended from now on: passwords of this run,
// which a server may send back in any place.
func (l *Log) Hide(secrets ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets = l.secrets.With(secrets...)
}

// Len is the number of the last record; 0 for an empty log.
func (l *Log) Len() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// end is the number of the last record, and how many blocks could not be read so
// far.
func (l *Log) end() (last uint64, bad int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last, l.older.bad
}

// Lost is the number of the last record that the log has let go; 0 if it has
// all of them. It may still have some before that one, where a disk has lost what
// was written to it.
func (l *Log) Lost() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.older.lost
}

// From goes through the records after the one numbered seq that the log has now,
// and through the warning of what it could not read back. It keeps few of them in
// memory.
func (l *Log) From(seq uint64) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		seen := seq // the range can be gone through again
		for last, bad := l.end(); seen < last; {
			records := l.batch(seen)
			if end, now := l.end(); now != bad {
				last, bad = end, now
			}
			if len(records) == 0 {
				return // they cannot be read back
			}
			for _, r := range records {
				seen = r.Seq
				if seen > last || !yield(r) {
					return
				}
			}
		}
	}
}

// Span goes through the records after the one numbered seq, up to the one numbered
// last, as [Log.From] does.
func (l *Log) Span(seq, last uint64) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for r := range l.From(seq) {
			if r.Seq > last || !yield(r) {
				return
			}
		}
	}
}

// After returns the records after the one numbered seq; those since the
// beginning if seq is 0. The slice is the reader's to keep, not to change. It is
// for readers that are near the end of the log, or know that the log is short:
// what is packed it unpacks, all at once. Others range over [Log.From].
func (l *Log) After(seq uint64) []Record {
	first := l.batch(seq)
	if n := len(first); n == 0 || first[n-1].Seq >= l.Len() {
		return first
	}
	return slices.Collect(l.From(seq))
}

// Wait returns records after the one numbered seq as soon as there are any, or
// the context's error if that comes first. They may be only the first of many.
func (l *Log) Wait(ctx context.Context, seq uint64) ([]Record, error) {
	for {
		if records := l.batch(seq); records != nil {
			return records, nil
		}
		select {
		case <-l.growth(seq):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// arrived is closed: there are records already.
var arrived = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// growth is closed when the log has records after the one numbered seq, or
// grows.
func (l *Log) growth(seq uint64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last > seq {
		return arrived
	}
	if l.grown == nil {
		l.grown = make(chan struct{})
	}
	return l.grown
}

// batch returns the next records after the one numbered seq, at least one if
// there is any: all of them, or those of one packed block.
func (l *Log) batch(seq uint64) []Record {
	for {
		l.mu.Lock()
		if seq+uint64(len(l.hot)) >= l.last {
			defer l.mu.Unlock()
			return l.newest(seq)
		}
		b, packed, err := l.older.get(seq)
		l.mu.Unlock()
		if err == nil && b.n > 0 {
			var records []Record
			if records, err = unpack(packed, b); err == nil {
				return records[max(seq, b.first-1)-(b.first-1):]
			}
		}
		if err != nil {
			l.spoilt(b, err)
		}
		seq = max(seq, b.last())
	}
}

// newest returns the records after the one numbered seq, which are in memory.
func (l *Log) newest(seq uint64) []Record {
	n := uint64(len(l.hot))
	if seq >= l.last {
		return nil
	}
	return l.hot[n-(l.last-seq) : n : n]
}

// spoilt lets a block go that cannot be read back, and says so.
func (l *Log) spoilt(b block, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.say(l.older.spoilt(b, err))
	l.wake()
}

// Follow goes through the records after the one numbered seq, and through
// those to come, until the context is over.
func (l *Log) Follow(ctx context.Context, seq uint64) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for {
			records, err := l.Wait(ctx, seq)
			if err != nil {
				return
			}
			for _, r := range records {
				seq = r.Seq
				if !yield(r) {
					return
				}
			}
		}
	}
}
