package ui

import (
	"iter"
	"time"
)

// A column is what a track has to say in one column of the timeline.
type column[T any] struct {
	held  T   // what held when it began
	marks []T // what began in it
}

// columns are those of a window in which the phone has lived, with their
// numbers.
func columns[T any](t *track[T], w window, now time.Duration) iter.Seq2[int, column[T]] {
	return func(yield func(int, column[T]) bool) {
		for col := range w.cols {
			a, b := w.start(col), w.start(col+1)
			if b <= 0 {
				continue
			}
			held, _ := t.before(a)
			from, to := t.within(a, b)
			if a > now || !yield(col, column[T]{held, t.val[from:to]}) {
				return
			}
		}
	}
}
