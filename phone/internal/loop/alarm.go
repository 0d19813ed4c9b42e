package loop

import (
	"container/heap"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An Alarm is one deadline of something in the machine: a binding, a branch, a
// connection. The zero Alarm is not set.
type Alarm struct {
	at    time.Time
	seq   uint64
	index int // in the heap, from 1; 0 if it is not set
	ring  func()
}

// IsSet reports whether it is to ring.
func (a *Alarm) IsSet() bool { return a.index > 0 }

// alarms holds those that are set, the earliest first.
type alarms struct {
	heap []*Alarm
	seq  uint64
}

// set makes ring be called at the given time.
func (as *alarms) set(a *Alarm, at time.Time, ring func()) {
	as.seq++
	a.at, a.seq, a.ring = at, as.seq, ring
	if a.index == 0 {
		heap.Push(as, a)
	} else {
		heap.Fix(as, a.index-1)
	}
}

func (as *alarms) clear(a *Alarm) {
	if a.index > 0 {
		heap.Remove(as, a.index-1)
	}
}

func (as *alarms) deadline() time.Time {
	if len(as.heap) == 0 {
		return time.Time{}
	}
	return as.heap[0].at
}

// due removes and returns the next alarm that is due, or nil.
func (as *alarms) due(now time.Time) *Alarm {
	if !system.Due(as.deadline(), now) {
		return nil
	}
	return heap.Pop(as).(*Alarm)
}

func (as *alarms) Len() int { return len(as.heap) }

func (as *alarms) Less(i, j int) bool {
	a, b := as.heap[i], as.heap[j]
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	return a.seq < b.seq
}

func (as *alarms) Swap(i, j int) {
	as.heap[i], as.heap[j] = as.heap[j], as.heap[i]
	as.heap[i].index, as.heap[j].index = i+1, j+1
}

// Push is for container/heap.
func (as *alarms) Push(x any) {
	a := x.(*Alarm)
	as.heap = append(as.heap, a)
	a.index = len(as.heap)
}

// Pop is for container/heap.
func (as *alarms) Pop() any {
	last := len(as.heap) - 1
	a := as.heap[last]
	as.heap[last] = nil
	as.heap = as.heap[:last]
	a.index = 0
	return a
}
