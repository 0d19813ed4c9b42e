package ui

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A lane is a row of the timeline.
type lane struct {
	name string
	draw func(v timelineView, p area, w window)
	rank int // those of a low rank stay where there is little room
	// blank says that nothing was ever in it: it gives way first.
	blank bool
}

// lanes lists the lanes that are not empty: only a device that dozes has one for
// its idleness, and only a phone whose network has changed has one for that.
func (v timelineView) lanes() []lane {
	list := []lane{
		{name: "app", draw: timelineView.laneApp, rank: 10},
		{name: "idle", draw: timelineView.laneIdle, rank: 30},
		{name: "wake", draw: timelineView.laneWake, rank: 20},
		{name: "notify", draw: timelineView.laneNotify, rank: 60},
		{name: "socket", draw: timelineView.laneSocket, rank: 40},
		{name: "reg", draw: timelineView.laneBound, rank: 80},
		{name: "call", draw: timelineView.laneCall, rank: 50},
		{name: "mic", draw: timelineView.laneMic, rank: 75},
		{name: "ear", draw: timelineView.laneEar, rank: 70},
	}
	for i := range list {
		list[i].blank = v.blank(list[i].name)
	}
	if v.loss != nil && picture.CallerOver(v.loss) > 0 && len(v.line.Sound) == 0 { // an empty lane gives way to the other side's
		list = list[:8]
		list[7] = lane{name: orCaller(v.loss.From), draw: func(v timelineView, p area, w window) { lossPin{v, v.loss}.far(p, w) }, rank: 70}
	}
	if len(v.line.Joined.Runs)+len(v.line.Broken.Runs)+len(v.line.Cut.Runs) > 0 {
		list = append(list, lane{name: "network", draw: timelineView.laneNetwork, rank: 65})
	}
	if len(v.line.Orders) > 0 && v.loss == nil { // the measure of a loss has the row under the lanes
		list = append(list, lane{name: "lab", draw: timelineView.laneLab, rank: 75})
	}
	if len(v.line.Pushes) > 0 {
		list[3].rank = 35 // the pushes are in it
	}
	if len(v.line.Idle.Runs) == 0 {
		return slices.Delete(list, 1, 2)
	}
	return list
}

// blank reports whether a lane of ours has nothing in it, at any time.
func (v timelineView) blank(name string) bool {
	t := v.line
	switch name {
	case "wake":
		return len(t.Wakes)+len(t.Hands) == 0
	case "notify":
		return len(t.Posts)+len(t.Pushes) == 0
	case "socket":
		return len(t.Socket.Runs)+len(t.Faults) == 0
	case "reg":
		return len(t.Bound.Runs)+len(t.Bindings) == 0
	case "call":
		return len(t.Call.Runs) == 0
	case "mic", "ear":
		return len(t.Sound) == 0 && !t.Former
	}
	return false
}

// lanesFor lists the most important lanes that fit n rows: those that are empty give way first.
func (v timelineView) lanesFor(n int) []lane {
	list := v.lanes()
	rank := func(l lane) int {
		if l.blank {
			return l.rank + 100
		}
		return l.rank
	}
	for len(list) > max(0, n) {
		last := 0
		for i := range list {
			if rank(list[i]) > rank(list[last]) {
				last = i
			}
		}
		list = slices.Delete(list, last, last+1)
	}
	return list
}

// rows are how many the timeline wants: for the axis, for what is not empty, and for the measure
// of a lost call.
func (v timelineView) rows() int {
	n := 1
	for _, l := range v.lanes() {
		if !l.blank {
			n++
		}
	}
	if v.loss != nil {
		n++
	}
	return n
}
