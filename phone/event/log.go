package event

import (
	"context"
	"iter"
	"sync"
	"time"
)

// A Log is an append-only list of records with any number of readers.
//
// A reader holds a cursor (the sequence number of the last record that it has),
// so a slow one loses nothing and blocks no writer, and a burst reaches it as
// one batch. A Log is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	records []Record
	grown   chan struct{} // closed when records has grown; nil if nobody waits
}

// Append adds a record, gives it the next sequence number, and returns it. It
// truncates its times to the precision of JSON, so that a recording reads
// exactly like the log.
func (l *Log) Append(r Record) Record {
	r.Wall = r.Wall.Add(-time.Duration(r.Wall.Nanosecond()) % time.Microsecond) // Truncate would lose the monotonic clock
	r.Device = r.Device.Truncate(time.Microsecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Seq = uint64(len(l.records)) + 1
	l.records = append(l.records, r)
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
	return r
}

// After returns the records after the one numbered seq; those since the
// beginning if seq is 0. The slice is the reader's to keep, not to change.
func (l *Log) After(seq uint64) []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.after(seq)
}

func (l *Log) after(seq uint64) []Record {
	n := uint64(len(l.records))
	if seq >= n {
		return nil
	}
	return l.records[seq:n:n]
}

// Wait returns the records after the one numbered seq as soon as there are
// any, or the context's error if that comes first.
func (l *Log) Wait(ctx context.Context, seq uint64) ([]Record, error) {
	for {
		l.mu.Lock()
		if r := l.after(seq); r != nil {
			l.mu.Unlock()
			return r, nil
		}
		if l.grown == nil {
			l.grown = make(chan struct{})
		}
		grown := l.grown
		l.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
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
