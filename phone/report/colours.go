package report

import "github.com/sleeptalk/sleeptalk/phone/event"

// An ink is what a colour means. Drawings name meanings, never colours.
type ink int

// The inks.
const (
	text   ink = iota // what is read
	dim               // labels
	faint             // rules and borders
	ground            // what is drawn on
	open              // the app runs and the user sees it
	grace             // it still runs in the background
	sleep             // no code of it runs
	woken             // it runs in the background because the system woke it
	banner            // the stand-in for a notification
	fault             // lost, refused, killed
	talk              // calls, audio, whatever went well
	inks
)

// A theme is a colour for each ink.
type theme struct {
	name string
	of   [inks]string
}

// The themes. The hues are those of Okabe and Ito, which people with any kind
// of colour vision tell apart: darkened for a light ground, lightened for a
// dark one. report.css has the same; a test compares them.
var themes = []theme{
	{"light", [inks]string{
		text: "#1F2328", dim: "#57606A", faint: "#D0D7DE", ground: "#FFFFFF",
		open: "#0072B2", grace: "#005A8C", sleep: "#8A8F98", woken: "#B37400",
		banner: "#A8447F", fault: "#C44400", talk: "#00795A",
	}},
	{"dark", [inks]string{
		text: "#E6EDF3", dim: "#8B949E", faint: "#2D343D", ground: "#12161C",
		open: "#56B4E9", grace: "#3F7FB0", sleep: "#4D5560", woken: "#F0B429",
		banner: "#E08BC0", fault: "#FF6A3D", talk: "#2BC49A",
	}},
}

// inkNames are the inks as report.css calls them.
var inkNames = [inks]string{
	"text", "dim", "faint", "ground", "open", "grace", "sleep", "woken", "banner", "fault", "talk",
}

// A stateLook is how a state of the app is drawn.
type stateLook struct {
	word   string
	ink    ink
	height float64 // of its bar, as a share of a lane's: what uses more CPU stands taller
}

// lookOf is how a state is drawn.
func lookOf(s event.Lifecycle) stateLook {
	switch s {
	case event.Foreground:
		return stateLook{"open", open, 0.72}
	case event.Entering, event.Task, event.Background:
		return stateLook{"grace", grace, 0.5}
	case event.Awake:
		return stateLook{"awake", woken, 0.86}
	case event.InCall:
		return stateLook{"in call", talk, 0.6}
	case event.Dead:
		return stateLook{"dead", fault, 0.14}
	}
	return stateLook{"suspended", sleep, 0}
}
