package ui

import (
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// span writes a duration as [event.Round] does, and leaves out a zero tenth:
// "10 s", "2.1 s", "02:06".
func span(d time.Duration) string {
	if d == 0 {
		return "0 s"
	}
	return strings.Replace(event.Round(d), ".0 s", " s", 1)
}

// delay writes how long one message came after another, as [span] does; two
// of the same instant are no whole second.
func delay(d time.Duration) string {
	if d == 0 {
		return "0 µs"
	}
	return span(d)
}

// countdown writes how long it is to a deadline; one that has passed has a
// minus.
func countdown(d time.Duration) string {
	if d < 0 {
		return "-" + event.Clock(-d)
	}
	return event.Clock(d)
}

// signed writes a distance in time with its sign: "+08:12".
func signed(d time.Duration) string {
	if d < 0 {
		return "−" + event.Clock(-d)
	}
	return "+" + event.Clock(d)
}

// thousands writes n with thin groups, as "1 902".
func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// decibels writes a level; what is below hearing is "silent".
func decibels(db float64) string {
	if db <= -90 {
		return "silent"
	}
	return strings.Replace(strconv.FormatFloat(db, 'f', 0, 64), "-", "−", 1) + " dB"
}

// resultInk is the colour of what a wake was good for.
func resultInk(r event.Result) style {
	switch {
	case r.Good():
		return talk
	case r == event.ResultRinging:
		return woken
	case r == event.ResultNone:
		return dim
	}
	return fault
}

// wrap breaks words into lines of at most w columns, at spaces alone. (Lip
// Gloss's own breaks after hyphens.)
func wrap(s string, w int) []string { return words.Wrap(s, w, ansi.StringWidth) }
