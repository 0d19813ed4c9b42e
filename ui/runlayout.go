package ui

// A runPanel is a panel of the run view.
type runPanel int

// The panels, in the order in which tab goes through them.
const (
	stepsPanel runPanel = iota
	waitingPanel
	lanesPanel
	commandsPanel
	runPanels
)

// A runLayout is where each panel is, as in [layout].
type runLayout struct {
	at    [runPanels]rect
	small bool
}

// arrangeRun lays the run view out below the header.
//
//	steps    | waiting for
//	         | timeline
//	command log
func arrangeRun(w, h, top int, focus runPanel, zoom bool) runLayout {
	whole := rect{0, top, w, h - 1 - top}
	switch {
	case zoom:
		l := runLayout{small: w < middleWidth}
		l.at[focus] = whole
		return l
	case w >= 100 && h >= middleHeight:
		return arrangeRunWide(whole)
	case w >= middleWidth && h >= middleHeight:
		return arrangeRunMiddle(whole)
	}
	return arrangeRunSmall(whole, focus)
}

func arrangeRunWide(a rect) runLayout {
	var l runLayout
	commands := min(9, max(6, a.h/5))
	body, left := a.h-commands, a.w*31/60
	lanes := min(11, body/2) // all of them, the axis and the clocks
	l.at[stepsPanel] = rect{a.x, a.y, left, body}
	l.at[waitingPanel] = rect{a.x + left, a.y, a.w - left, body - lanes}
	l.at[lanesPanel] = rect{a.x + left, a.y + body - lanes, a.w - left, lanes}
	l.at[commandsPanel] = rect{a.x, a.y + body, a.w, commands}
	return l
}

// arrangeRunMiddle stacks the panels; the command log has room only in a high
// window.
func arrangeRunMiddle(a rect) runLayout {
	var l runLayout
	heights := [runPanels]int{waitingPanel: 8, lanesPanel: 6}
	if spare := a.h - 22; spare >= 4 {
		heights[commandsPanel] = min(7, spare)
	}
	heights[stepsPanel] = a.h - heights[waitingPanel] - heights[lanesPanel] - heights[commandsPanel]
	y := a.y
	for p, h := range heights {
		l.at[p] = rect{a.x, y, a.w, h}
		y += h
	}
	return l
}

// arrangeRunSmall folds every panel to its title line; the focused one gets
// most of the rest.
func arrangeRunSmall(a rect, focus runPanel) runLayout {
	l := runLayout{small: true}
	left := max(0, a.h-int(runPanels))
	rows := [runPanels]int{}
	grow := func(p runPanel, want int) {
		n := max(0, min(left, want-rows[p]))
		rows[p] += n
		left -= n
	}
	grow(focus, 3)
	grow(waitingPanel, 3)
	grow(stepsPanel, 4)
	grow(lanesPanel, 4)
	grow(focus, a.h)
	y := a.y
	for p, n := range rows {
		l.at[p] = rect{a.x, y, a.w, n + 1}
		y += n + 1
	}
	return l
}
