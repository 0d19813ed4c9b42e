package ui

import "slices"

// The smallest window that the screen fits.
const (
	minWidth  = 40
	minHeight = 10
)

// The breakpoints: from these on the screen has its wide, its middle form.
const (
	wideWidth, wideHeight     = 120, 36
	middleWidth, middleHeight = 80, 24
)

// A panel is one of the six numbered panels.
type panel int

// The panels, by the number in their border; 0 is none.
const (
	noPanel panel = iota
	devicePanel
	timersPanel
	timelinePanel
	wakesPanel
	callPanel
	sipPanel
	panels
)

// selections hold what is selected in each panel. A new panel is added here,
// with its number and its place.
type selections struct {
	timeline timeline
	wakes    wakes
	losses   losses
	calls    calls
	messages messages
}

func (l *selections) bindings() []binding {
	return slices.Concat(l.timeline.bindings(), l.wakes.bindings(), l.losses.bindings(), l.calls.bindings())
}

// follow clears every selection, so that the newest entries are shown.
func (l *selections) follow() {
	l.timeline.follow()
	l.wakes.follow()
	l.losses.follow()
	l.messages.follow()
}

// pane is a panel as it is now.
func (l *selections) pane(p panel, s situation, st stance, h *history) pane {
	switch p {
	case devicePanel:
		return deviceView{s.scene, st}
	case timersPanel:
		return timersView{s.scene}
	case timelinePanel:
		return l.timelineView(s, h)
	case wakesPanel:
		return wakesView{s.scene, st, l.wakes, l.losses, &h.line}
	case callPanel:
		return callView{s.scene, st, &h.line, &h.farEnds, s.seen}
	}
	return sipView{s.scene, l.messages, &ladder{messages: &l.messages, history: h}}
}

// timelineView is the timeline as it is now, of a phone or of a run.
func (l *selections) timelineView(s situation, h *history) timelineView {
	v := timelineView{
		scene: s.whole, timeline: l.timeline, line: &h.line, cols: s.cols, events: s.events,
		wake: l.wakes.selected(s.whole.fold), loss: l.losses.selected(s.whole.fold),
	}
	if s.recording {
		v.failed = s.failure()
	}
	return v
}

// A layout is where each panel is. One with an empty rectangle is not on the
// screen; one with a height of 1 is folded to its title line.
type layout struct {
	at    [panels]rect
	small bool // no room for borders
	// In the replay of a run: its verdict, its steps, and the others.
	verdict, steps, side rect
	wide                 bool
}

// arrange lays the panels out in the rows from top to bottom of a window w
// wide; facts says that the device has more to tell than the app's state, calls how many are
// listed, talks that one of them is up.
func arrange(w, h, top, bottom int, zoom, focus panel, facts bool, calls int, talks bool, lanes int) layout {
	whole := rect{0, top, w, bottom - top}
	switch {
	case zoom != noPanel:
		var l layout
		l.at[zoom] = whole
		l.small = w < middleWidth
		l.wide = w >= wideWidth
		return l
	case w >= wideWidth && h >= wideHeight:
		return arrangeWide(whole, calls, talks)
	case w >= middleWidth && h >= middleHeight:
		return arrangeMiddle(whole, facts, lanes)
	}
	return arrangeSmall(whole, focus)
}

// arrangeWide is the phone at the left and the evidence at the right.
//
//	1 device | 3 timeline
//	         | 4 wakes
//	2 timers | 5 call
//	6 sip
//
// A call that is up takes some of the room of the wakes, for its strips; several take it all,
// but the number of the wakes still shows them.
func arrangeWide(a rect, calls int, talks bool) layout {
	l := layout{wide: true}
	const left = 32
	spare := a.h - 38 // the drawing for 40 rows, header and footer taken off
	sip := 6
	if spare > 0 {
		sip += spare / 2
		spare -= spare / 2
	}
	body := a.h - sip
	timeline, call, timers := 14, 8, 11
	if spare < 0 {
		timeline = max(11, timeline+spare)
	}
	l.at[devicePanel] = rect{a.x, a.y, left, body - timers}
	l.at[timersPanel] = rect{a.x, a.y + body - timers, left, timers}
	if talks {
		call = min(12, body-timeline-6)
	}
	if calls > 1 {
		const bar, other, least = 10, 3, 5
		if call = min(body-timeline, 2+bar+other*(calls-1)+1); body-timeline-call < least {
			call = body - timeline
		}
	}
	x, w := a.x+left, a.w-left
	l.at[timelinePanel] = rect{x, a.y, w, timeline}
	l.at[wakesPanel] = rect{x, a.y + timeline, w, body - timeline - call}
	l.at[callPanel] = rect{x, a.y + body - call, w, call}
	l.at[sipPanel] = rect{a.x, a.y + body, a.w, sip}
	return l
}

// arrangeMiddle shrinks the phone to one line, or to two if there are facts, and
// stacks the rest. Where a call was lost all lanes are to be seen, so many: then the messages are
// behind their number.
func arrangeMiddle(a rect, facts bool, lanes int) layout {
	var l layout
	spare := max(0, a.h-22)
	wakes := 0
	if spare >= 5 {
		wakes = min(spare, 9)
	}
	timers := 28
	device, timeline, call := 3, 9, 6
	if a.h < 22 { // the tour has taken a row: of the lanes, not of the messages
		timeline--
	}
	if facts {
		device++
		timeline--
	}
	timeline = max(timeline, min(lanes+2, a.h-device-call-wakes))
	sip := a.h - device - timeline - call - wakes
	if sip < 3 { // no room for a line: its number shows it
		timeline, sip = timeline+sip, 0
	}
	y := a.y
	l.at[devicePanel] = rect{a.x, y, a.w, device}
	y += device
	l.at[timelinePanel] = rect{a.x, y, a.w, timeline}
	y += timeline
	if wakes > 0 {
		l.at[wakesPanel] = rect{a.x, y, a.w, wakes}
		y += wakes
	}
	l.at[callPanel] = rect{a.x, y, a.w - timers, call}
	l.at[timersPanel] = rect{a.x + a.w - timers, y, timers, call}
	y += call
	l.at[sipPanel] = rect{a.x, y, a.w, sip}
	return l
}

// unfold is how many rows a panel wants under its title line, in the order in
// which panels get them: the focused one, then these.
var unfold = []struct {
	p    panel
	rows int
}{
	{timelinePanel, 3}, {devicePanel, 1}, {timelinePanel, 7}, {callPanel, 3}, {wakesPanel, 4}, {timersPanel, 2}, {sipPanel, 3},
}

// arrangeSmall folds every panel to its title line and opens as many as there
// is room for.
func arrangeSmall(a rect, focus panel) layout {
	l := layout{small: true}
	rows := [panels]int{}
	left := a.h - int(panels-1)
	grow := func(p panel, want int) {
		n := max(0, min(left, want-rows[p]))
		rows[p] += n
		left -= n
	}
	if focus != noPanel {
		grow(focus, 7)
	}
	for _, u := range unfold {
		grow(u.p, u.rows)
	}
	grow(sipPanel, rows[sipPanel]+max(0, left))
	y := a.y
	for _, p := range []panel{devicePanel, timelinePanel, wakesPanel, callPanel, timersPanel, sipPanel} {
		l.at[p] = rect{a.x, y, a.w, 1 + rows[p]}
		y += 1 + rows[p]
	}
	return l
}
