package picture

import (
	"math"
	"sort"
	"time"
)

// Ongoing is the end of a run that has not ended.
const Ongoing time.Duration = math.MaxInt64

// A Run is a stretch of device time in which something was in one state.
type Run[S comparable] struct {
	From, To time.Duration // To is Ongoing until it has ended
	State    S
	Label    string
}

// Length is how long the run lasted.
func (r Run[S]) Length() time.Duration { return r.To - r.From }

// A Lane is the runs of one thing, oldest first. There may be gaps between
// them, in which the state is the zero value.
type Lane[S comparable] struct {
	Runs []Run[S]
}

// Last is the newest run; ok is false if there is none, or if it has ended.
func (l *Lane[S]) Last() (r Run[S], ok bool) {
	n := len(l.Runs)
	if n == 0 || l.Runs[n-1].To != Ongoing {
		return r, false
	}
	return l.Runs[n-1], true
}

// At is the state at device time d.
func (l *Lane[S]) At(d time.Duration) (s S) {
	i := l.first(d + 1)
	if i == 0 || l.Runs[i-1].To <= d {
		return s
	}
	return l.Runs[i-1].State
}

// Began are the runs that began from a up to, not including, b.
func (l *Lane[S]) Began(a, b time.Duration) []Run[S] {
	return l.Runs[l.first(a):max(l.first(a), l.first(b))]
}

// Had reports whether the lane was in a state at any time from a to b.
func (l *Lane[S]) Had(s S, a, b time.Duration) bool {
	if l.At(a) == s {
		return true
	}
	for _, r := range l.Began(a, b+1) {
		if r.State == s {
			return true
		}
	}
	return false
}

// Length is for how long the lane was in a state from a to b.
func (l *Lane[S]) Length(s S, a, b time.Duration) (sum time.Duration) {
	for i := max(0, l.first(a+1)-1); i < len(l.Runs) && l.Runs[i].From < b; i++ {
		if r := l.Runs[i]; r.State == s && r.To > a {
			sum += min(r.To, b) - max(r.From, a)
		}
	}
	return sum
}

// first is the index of the first run that began at a or later.
func (l *Lane[S]) first(a time.Duration) int {
	return sort.Search(len(l.Runs), func(i int) bool { return l.Runs[i].From >= a })
}

// begin ends the run that goes on, and begins another.
func (l *Lane[S]) begin(at time.Duration, s S, label string, limit int) {
	l.end(at)
	l.Runs = keep(l.Runs, Run[S]{at, Ongoing, s, label}, limit)
}

// end ends the run that goes on, if one does.
func (l *Lane[S]) end(at time.Duration) {
	if _, open := l.Last(); open {
		l.Runs[len(l.Runs)-1].To = at
	}
}

// become begins a run if the lane is in another state than s; the zero state
// is a gap.
func (l *Lane[S]) become(at time.Duration, s S, label string, limit int) {
	var none S
	last, open := l.Last()
	switch {
	case s == none:
		l.end(at)
	case !open || last.State != s || last.Label != label:
		l.begin(at, s, label, limit)
	}
}

// A Pin is something that happened at one moment.
type Pin[K ~string] struct {
	At    time.Duration
	Kind  K
	Label string
}

// Between are the entries of a list from a up to, not including, b, by the
// moment at which they happened.
func Between[T interface{ Moment() time.Duration }](list []T, a, b time.Duration) []T {
	first := func(d time.Duration) int {
		return sort.Search(len(list), func(i int) bool { return list[i].Moment() >= d })
	}
	from := first(a)
	return list[from:max(from, first(b))]
}

// Moment is when it happened.
func (p Pin[K]) Moment() time.Duration { return p.At }

// keep appends v to list. Of a list that has reached its limit the oldest half
// goes first, so that appending stays cheap; a limit of 0 is none.
func keep[T any](list []T, v T, limit int) []T {
	if limit > 0 && len(list) >= limit {
		list = list[:copy(list, list[max(1, len(list)/2):])]
	}
	return append(list, v)
}
