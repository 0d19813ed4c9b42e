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
		{"audio", timelineView.laneAudio, 70},
	}
	if v.loss != nil && len(v.line.Levels) == 0 { // an empty lane gives way to the other side's
		list[7] = lane{orCaller(v.loss.From), func(v timelineView, p area, w window) { lossPin{v, v.loss}.far(p, w) }, 70}
	}
	if len(v.line.Joined.Runs)+len(v.line.Broken.Runs)+len(v.line.Cut.Runs) > 0 {
		list = append(list, lane{"network", timelineView.laneNetwork, 65})
	}
	if len(v.line.Pushes) > 0 {
		list[3].rank = 35 // the pushes are in it
	}
	if len(v.line.Idle.Runs) == 0 {
		return slices.Delete(list, 1, 2)
	}
	return list
}

// lanesFor lists the most important lanes that fit n rows.
func (v timelineView) lanesFor(n int) []lane {
	list := v.lanes()
	for len(list) > max(0, n) {
		last := slices.MaxFunc(list, func(a, b lane) int { return a.rank - b.rank })
		list = slices.DeleteFunc(list, func(l lane) bool { return l.rank == last.rank })
	}
	return list
}
