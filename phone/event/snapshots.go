package event

import (
	"iter"
	"sort"
	"time"
)

// The bounds of what [Snapshots] keep (our own numbers). There are at least half as many
// snapshots as the most, so that in a log of a million records a jump folds some 8,000: a few
// tens of milliseconds, most of which is unpacking.
const (
	maxSnapshots  = 256
	firstInterval = 1024 // records between two, until they are too many
	snapshotRows  = 100  // of each list of a snapshot
	snapshotText  = 64 << 10
)

// Snapshots find the state of a phone at any record of its log. They are states at some of its
// records, at equal distances, which double whenever the snapshots are too many: they take
// about 30 MB at most, however long the log is. The zero value has none, and finds every state
// from the first record on.
type Snapshots struct {
	interval uint64
	list     []Instant
}

// An Instant is the state of a phone after a record of its log. Of a log that is longer than
// the distance between two [Snapshots], the state's lists begin later than they did: a
// snapshot has the newest rows alone.
type Instant struct {
	Seq  uint64 // 0: before the first
	Fold *Fold
}

// Take is told each record, after f has it.
func (s *Snapshots) Take(r Record, f *Fold) {
	if s.interval == 0 {
		s.interval = firstInterval
	}
	if r.Seq%s.interval != 0 {
		return
	}
	s.list = append(s.list, Instant{r.Seq, f.short()})
	if len(s.list) > maxSnapshots {
		s.thin()
	}
}

// thin doubles the distance.
func (s *Snapshots) thin() {
	s.interval *= 2
	rest := s.list[:0]
	for _, one := range s.list {
		if one.Seq%s.interval == 0 {
			rest = append(rest, one)
		}
	}
	clear(s.list[len(rest):])
	s.list = rest
}

// short is a copy that goes on by itself, with the newest rows of its lists.
func (s *Fold) short() *Fold {
	c := *s
	c.Wakes, c.SIP = last(s.Wakes), last(s.SIP)
	c.Problems, c.Checks, c.Losses, c.Cuts = last(s.Problems), last(s.Checks), last(s.Losses), last(s.Cuts)
	short := c.Clone()
	if len(short.SIP) > 0 {
		short.SIP, short.text = Newest(short.SIP, snapshotText, (*SIPRow).length)
	}
	return short
}

func last[T any](list []T) []T { return list[max(0, len(list)-snapshotRows):] }

// After is the state after record seq of a log, found from near if that is of use, which
// changes then. The first state, before any record, is begin's.
func (s *Snapshots) After(log *Log, near Instant, seq uint64, begin func() *Fold) Instant {
	from := s.nearest(sort.Search(len(s.list), func(i int) bool { return s.list[i].Seq > seq }), begin)
	if near.Fold != nil && near.Seq <= seq && near.Seq >= from.Seq {
		from = near
	}
	return from.on(log.Span(from.Seq, seq), func(Record) bool { return true })
}

// At is the state at a device time of the phone, all that happened then included, as far as the
// record numbered last; as [Snapshots.After] finds it.
func (s *Snapshots) At(log *Log, near Instant, at time.Duration, last uint64, begin func() *Fold) Instant {
	from := s.nearest(sort.Search(len(s.list), func(i int) bool { return s.list[i].Fold.Device > at || s.list[i].Seq > last }), begin)
	if near.Fold != nil && near.Fold.Device <= at && near.Seq >= from.Seq && near.Seq <= last {
		from = near
	}
	return from.on(log.Span(from.Seq, last), func(r Record) bool { return r.Phone != from.Fold.Phone || r.Device <= at })
}

// nearest is the snapshot before the i-th, to go on from, or the beginning.
func (s *Snapshots) nearest(i int, begin func() *Fold) Instant {
	if i == 0 {
		return Instant{Fold: begin()}
	}
	return Instant{s.list[i-1].Seq, s.list[i-1].Fold.Clone()}
}

// on goes on by records, as long as they belong to it.
func (n Instant) on(records iter.Seq[Record], belongs func(Record) bool) Instant {
	for r := range records {
		if !belongs(r) {
			break
		}
		n.Fold.Apply(r)
		n.Seq = r.Seq
	}
	return n
}
