package ui

import (
	"iter"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A column is the part of a lane that falls into one column of the timeline.
type column[S comparable] struct {
	held  S   // the state when it began
	began []S // the states that began in it
}

// columns yields the columns of a window in which the phone existed, with their
// numbers.
func columns[S comparable](l *picture.Lane[S], w window, now time.Duration) iter.Seq2[int, column[S]] {
	return func(yield func(int, column[S]) bool) {
		for col := range w.cols {
			a, b := w.start(col), w.start(col+1)
			if b <= 0 {
				continue
			}
			c := column[S]{held: l.At(a)}
			for _, r := range l.Began(a, b) {
				c.began = append(c.began, r.State)
			}
			if a > now || !yield(col, c) {
				return
			}
		}
	}
}

// spread calls do for each pin of a window that has a column of its own: of
// two in one column, the later one moves to the next.
func spread[T interface{ Moment() time.Duration }](list []T, w window, do func(col int, pin T)) {
	taken := -1
	for _, p := range picture.Between(list, w.from, w.start(w.cols)) {
		own := w.column(p.Moment())
		col := max(own, taken+1)
		if col == taken+1 && col > own+1 || col >= w.cols {
			continue
		}
		do(col, p)
		taken = col
	}
}
