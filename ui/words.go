package ui

import (
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
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

// clock is the time of day at device time d, to the second.
func (m *model) clock(d time.Duration) string { return m.day(d).Format("15:04:05") }

// stamp is the time of day at device time d, to the millisecond.
func (m *model) stamp(d time.Duration) string { return m.day(d).Format("15:04:05.000") }

func (m *model) day(d time.Duration) time.Time {
	t := m.fold.Clock(d)
	if m.opt.Location != nil {
		t = t.In(m.opt.Location)
	}
	return t
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

// look is how a state of the app is shown: its title, and a glyph beside it.
func (m *model) look(s event.Lifecycle) (title, glyph string, ink style) {
	glyph, ink = m.glyphs.state(s)
	title = picture.LookOf(s).Title
	switch {
	case s == event.Suspended:
		ink = dim // the ink of sleep is too faint to read
	case s == event.Awake:
		glyph = "▲"
	case s == event.Dead && m.fold.Life.Killed != (event.Killed{}):
		title = "KILLED"
	}
	return title, glyph, ink
}

// arrived is what came in with a wake.
func (m *model) arrived(w *event.WakeRow) string {
	bytes := ""
	if w.Bytes > 0 {
		bytes = ", " + strconv.Itoa(w.Bytes) + " B"
	}
	switch {
	case w.Cause == event.ByKeepalive && w.Result == event.ResultOK:
		return "due " + m.clock(w.Due) + " ⇄ pong"
	case w.Cause == event.ByKeepalive && w.Due > 0:
		return "due " + m.clock(w.Due)
	case w.Cause == event.ByNotification:
		return "the user tapped the banner"
	case w.From != "":
		return w.From + " → " + m.me() + bytes
	case w.What == "FIN":
		return "FIN from the server"
	case w.What == "RST":
		return "RST from the server"
	case w.What != "":
		return w.What + bytes
	case w.Cause == event.ByPush:
		return "a push, and nothing after it"
	case w.Cause == event.ByAlarm:
		return "an alarm that runs while idle"
	case w.Cause == event.ByMaintenance:
		return "a maintenance window"
	case w.Cause == event.ByUser:
		return "the user opened the app"
	}
	return "nothing to read"
}

// me is the user part of the phone's own address.
func (m *model) me() string { return event.Call{Peer: m.fold.Start.AOR}.Who() }

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
