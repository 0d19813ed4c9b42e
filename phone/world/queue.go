package world

import (
	"container/heap"
	"time"
)

// An entry is something that happens at a virtual time.
type entry struct {
	at    time.Duration
	seq   uint64 // at equal times, the entry that was scheduled first happens first
	index int    // in the queue; -1 if not in it
	do    func()
}

// queue is a heap of entries by time and sequence.
type queue []*entry

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].seq < q[j].seq
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *queue) Push(x any) {
	e := x.(*entry)
	e.index = len(*q)
	*q = append(*q, e)
}

func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	e.index = -1
	return e
}

// at schedules do for the virtual time t, or for now if that has passed.
func (w *World) at(t time.Duration, do func()) {
	w.put(&entry{index: -1, do: do}, t)
}

// put sets the time of an entry, which may be in the queue already.
func (w *World) put(e *entry, t time.Duration) {
	w.seq++
	e.at, e.seq = max(t, w.now), w.seq
	if e.index < 0 {
		heap.Push(&w.queue, e)
	} else {
		heap.Fix(&w.queue, e.index)
	}
}

// schedule sets the time of an entry to a deadline; the zero time means never.
func (w *World) schedule(e *entry, deadline time.Time) {
	if deadline.IsZero() {
		w.drop(e)
		return
	}
	// An unchanged deadline keeps its place among entries at the same time.
	if at := w.since(deadline); e.index < 0 || e.at != at {
		w.put(e, at)
	}
}

// drop takes an entry out of the queue.
func (w *World) drop(e *entry) {
	if e.index >= 0 {
		heap.Remove(&w.queue, e.index)
	}
}
