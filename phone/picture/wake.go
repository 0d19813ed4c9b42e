package picture

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A WakePin is a wake in the timeline.
type WakePin struct {
	At     time.Duration
	N      int
	Letter string // why it came
	Label  string // what arrived, or else the cause
	Late   bool   // later than it should have been
	Idle   bool   // nothing was there to read: it had no cause
}

// Moment is when the app was woken.
func (w WakePin) Moment() time.Duration { return w.At }

// Wrong reports whether the wake is the first thing to look at.
func (w WakePin) Wrong() bool { return w.Late || w.Idle }

// NoCause is the word for a wake by the socket in which nothing was read.
const NoCause = "no cause"

// woke brings the last pin to what the fold knows of that wake.
func (t *Timeline) woke(f *event.Fold) {
	row, n := f.LastWake(), len(t.Wakes)
	if n == 0 || row == nil || row.N != t.Wakes[n-1].N {
		return
	}
	w := &t.Wakes[n-1]
	w.Letter, w.Late, w.Idle = CauseLetter(row), row.Late, CauseWord(row) == NoCause
	if row.What != "" {
		w.Label = row.What
	}
}

// CauseWord is what made the system wake the app, in a tester's word.
func CauseWord(w *event.WakeRow) string {
	switch w.Cause {
	case event.ByNotification:
		return "tapped"
	case event.ByKeepalive, event.ByPush, event.ByAlarm, event.ByMaintenance, event.ByUser, event.ByQuit:
		return string(w.Cause)
	}
	switch {
	case !w.Timed && w.Over:
		return NoCause
	case !w.Timed:
		return "socket"
	case closes(w.What):
		return "closed"
	}
	return w.What
}

// closes reports whether what arrived ended the connection.
func closes(what string) bool { return what == "FIN" || what == "RST" || what == "error" }

// CauseLetter is the same in a lane.
func CauseLetter(w *event.WakeRow) string {
	switch {
	case w.Cause != event.BySocket:
		return w.Cause.Letter()
	case w.Late:
		return "L"
	case !w.Timed:
		return "?"
	case closes(w.What):
		return "C"
	case w.What == "INVITE":
		return "I"
	}
	return w.Cause.Letter()
}
