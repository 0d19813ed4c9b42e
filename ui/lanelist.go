package ui

import (
	"slices"
)

// A lane is a row of the timeline.
type lane struct {
	name string
	draw func(v timelineView, p area, w window)
	rank int // those of a low rank stay where there is little room
}

// lanes lists the lanes that are not empty: only a device that dozes has one for
// its idleness, and only a phone whose network has changed has one for that.
func (v timelineView) lanes() []lane {
	list := []lane{
		{"app", timelineView.laneApp, 10},
		{"idle", timelineView.laneIdle, 30},
		{"wake", timelineView.laneWake, 20},
		{"notify", timelineView.laneNotify, 60},
		{"socket", timelineView.laneSocket, 40},
		{"reg", timelineView.laneBound, 80},
		{"call", timelineView.laneCall, 50},
		{"mic", timelineView.laneMic, 75},
		{"ear", timelineView.laneEar, 70},
	}
	if v.loss != nil && len(v.line.Sound) == 0 { // an empty lane gives way to the other side's
		list = list[:8]
		list[7] = lane{orCaller(v.loss.From), func(v timelineView, p area, w window) { lossPin{v, v.loss}.far(p, w) }, 70}
	}
	if len(v.line.Joined.Runs)+len(v.line.Broken.Runs)+len(v.line.Cut.Runs) > 0 {
		list = append(list, lane{"network", timelineView.laneNetwork, 65})
	}
	if len(v.line.Orders) > 0 && v.loss == nil { // the measure of a loss has the row under the lanes
		list = append(list, lane{"lab", timelineView.laneLab, 75})
	}
	if len(v.line.Pushes) > 0 {
		list[3].rank = 35 // the pushes are in it
	}
	if len(v.line.Idle.Runs) == 0 {
		return slices.Delete(list, 1, 2)
	}
	return list
}

// empty reports whether a lane has nothing in it, at any time.
func (v timelineView) empty(l lane) bool {
	t := v.line
	switch l.name {
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
		return len(t.Sound) == 0
	}
	return false
}

// lanesFor lists the most important lanes that fit n rows: those that are empty give way first.
func (v timelineView) lanesFor(n int) []lane {
	list := v.lanes()
	rank := func(l lane) int {
		if v.empty(l) {
			return l.rank + 100
		}
		return l.rank
	}
	for len(list) > max(0, n) {
		last := slices.MaxFunc(list, func(a, b lane) int { return rank(a) - rank(b) })
		list = slices.DeleteFunc(list, func(l lane) bool { return l.name == last.name })
	}
	return list
}

// rows are how many the timeline wants: for the axis, for what is not empty, and for the measure
// of a lost call.
func (v timelineView) rows() int {
	n := 1
	for _, l := range v.lanes() {
		if !v.empty(l) {
			n++
		}
	}
	if v.loss != nil {
		n++
	}
	return n
}
