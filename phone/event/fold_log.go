package event

import (
	"iter"
	"maps"
	"slices"
)

// NewFold returns the state of an actor before its first record.
func NewFold(actor string) *Fold { return &Fold{Phone: actor} }

// Begin is to be called before a record is looked at, and then applied, where
// the actor may be a robot: handsets begin their log with a start, robots have
// none, and get one.
func (s *Fold) Begin(r Record) {
	if _, ok := r.Event.(Start); !ok && !s.Started && r.Phone == s.Phone {
		s.Apply(Record{Wall: r.Wall, Device: r.Device, Phone: s.Phone, Event: Start{}})
	}
}

// FoldOf returns the state of an actor after the given records, which are those
// since the beginning of a log.
func FoldOf(log iter.Seq[Record], actor string) *Fold {
	f := NewFold(actor)
	for rec := range log {
		f.Begin(rec)
		f.Apply(rec)
	}
	return f
}

// Clone returns a copy that goes on by itself.
func (s *Fold) Clone() *Fold {
	c := *s
	c.Wakes, c.SIP = slices.Clone(s.Wakes), slices.Clone(s.SIP)
	c.Calls, c.Recent = slices.Clone(s.Calls), slices.Clone(s.Recent)
	c.Accounts = slices.Clone(s.Accounts)
	c.Unanswered, c.Faults = slices.Clone(s.Unanswered), slices.Clone(s.Faults)
	c.Sounds, c.Heard = slices.Clone(s.Sounds), slices.Clone(s.Heard)
	c.Losses, c.Cuts, c.reach = slices.Clone(s.Losses), slices.Clone(s.Cuts), s.reach.clone()
	c.Problems, c.Checks = slices.Clone(s.Problems), slices.Clone(s.Checks)
	c.Pushes.Count = maps.Clone(s.Pushes.Count)
	if s.Banner != nil {
		banner := *s.Banner
		c.Banner = &banner
	}
	return &c
}
