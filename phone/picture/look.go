package picture

import "github.com/sleeptalk/sleeptalk/phone/event"

// A Look is how a state of the app is drawn. What uses more CPU is brighter
// and stands taller, so that it reads without colour too.
type Look struct {
	Word   string // in a legend
	Title  string // alone
	Ink    Ink
	Glyph  string
	ASCII  string
	Height float64 // of a bar, as a share of a lane's
}

// LookOf is how a state of the app is drawn.
func LookOf(s event.Lifecycle) Look {
	switch s {
	case event.Foreground:
		return Look{"open", "FOREGROUND", Bright, "█", "#", 0.72}
	case event.Entering:
		return Look{"grace", "GOING TO SLEEP", Grace, "▓", "+", 0.5}
	case event.Background:
		return Look{"grace", "BACKGROUND", Grace, "▓", "+", 0.5}
	case event.Task:
		return Look{"grace", "BACKGROUND TASK", Grace, "▓", "+", 0.5}
	case event.Suspended:
		return Look{"suspended", "SUSPENDED", Sleep, "·", ".", 0}
	case event.Awake:
		return Look{"awake", "AWAKE", Woken, "┃", "!", 0.86}
	case event.InCall:
		return Look{"in call", "CALL IN BACKGROUND", Talk, "█", "c", 0.6}
	case event.Dead:
		return Look{"dead", "NOT RUNNING", Fault, "╳", "x", 0.14}
	}
	return Look{"off", "SWITCHED OFF", Faint, " ", " ", 0}
}

// Outranks reports whether state a hides state b where there is room for one
// alone: what runs hides what does not, so that nothing that ran is lost in a
// coarse drawing.
func Outranks(a, b event.Lifecycle) bool { return worth[a] >= worth[b] }

var worth = map[event.Lifecycle]int{
	event.Suspended: 1, event.Dead: 2, event.Entering: 3, event.Background: 4, event.Task: 5, event.InCall: 6, event.Foreground: 7, event.Awake: 8,
}
