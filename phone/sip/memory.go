package sip

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A memory holds what has come to pass, oldest first and each for the same time. It is a
// part of the agent: of what waits in the kernel while the program is stopped it must not
// have been forgotten what that is about.
type memory[T any] struct{ list []memorized[T] }

type memorized[T any] struct {
	what  T
	until time.Time
}

// note remembers one more. Of more than maxTransactions the oldest is forgotten.
func (m *memory[T]) note(what T, until time.Time) {
	m.keep(maxTransactions - 1)
	m.list = append(m.list, memorized[T]{what, until})
}

// keep forgets the oldest of more than n.
func (m *memory[T]) keep(n int) { m.list = slices.Delete(m.list, 0, max(0, len(m.list)-n)) }

// find is the one of those that are remembered that is meant; nil: none is.
func (m *memory[T]) find(is func(*T) bool) *T {
	for i := range m.list {
		if is(&m.list[i].what) {
			return &m.list[i].what
		}
	}
	return nil
}

func (m *memory[T]) has(is func(*T) bool) bool { return m.find(is) != nil }

func (m *memory[T]) deadline() time.Time {
	if len(m.list) == 0 {
		return time.Time{}
	}
	return m.list[0].until
}

func (m *memory[T]) delay(until time.Time) {
	for i := range m.list {
		control.Delay(until, &m.list[i].until)
	}
}

// advance forgets those whose time has passed.
func (m *memory[T]) advance(s *step) {
	m.list = slices.DeleteFunc(m.list, func(one memorized[T]) bool { return !one.until.After(s.Now) })
}
