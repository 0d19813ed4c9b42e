package ui

import (
	"cmp"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A scene is what every pane may see: the phone as the log describes it, the
// time, and the window. It is read-only.
type scene struct {
	fold   *event.Fold
	now    time.Duration // device time
	place  *time.Location
	glyphs glyphs
	legend legend // which key does what
	w, h   int    // of the window
	top    int    // the first row under the header and, if there is one, the strip
	chosen int    // the call under the bar; 0: none
}

// clock is the time of day at device time d, to the second.
func (s scene) clock(d time.Duration) string { return s.day(d).Format("15:04:05") }

// stamp is the time of day at device time d, to the millisecond.
func (s scene) stamp(d time.Duration) string { return s.day(d).Format("15:04:05.000") }

func (s scene) day(d time.Duration) time.Time {
	t := s.fold.Clock(d)
	if s.place != nil {
		t = t.In(s.place)
	}
	return t
}

// ahead is how far the device's clock is from that on the wall: further, if it was turned on
// or went faster for a while.
func (s scene) ahead() time.Duration {
	d := s.fold.Clock(s.fold.Device).Sub(s.fold.Wall)
	if r := s.fold.Rate; r > 1 {
		d += time.Duration(float64(s.now-s.fold.Device) * (1 - 1/r))
	}
	return d
}

// look is how a state of the app is shown: its title, and a glyph beside it.
func (s scene) look(state event.Lifecycle) (title, glyph string, ink style) {
	glyph, ink = s.glyphs.state(state)
	title = picture.LookOf(state).Title
	switch {
	case state == event.Suspended:
		ink = dim // the ink of sleep is too faint to read
	case state == event.Awake:
		glyph = "▲"
	case state == event.Dead && s.fold.Life.Killed != (event.Killed{}):
		title = "KILLED"
	}
	return title, glyph, ink
}

// arrived says what woke the app.
func (s scene) arrived(w *event.WakeRow) string {
	bytes := ""
	if w.Bytes > 0 {
		bytes = ", " + strconv.Itoa(w.Bytes) + " B"
	}
	switch {
	case w.Cause == event.ByKeepalive && w.Result == event.ResultOK:
		return "due " + s.clock(w.Due) + " ⇄ pong"
	case w.Cause == event.ByKeepalive && w.Due > 0:
		return "due " + s.clock(w.Due)
	case w.Cause == event.ByNotification:
		return "the user tapped the banner"
	case w.From != "":
		return w.From + " → " + s.me() + bytes
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
	case w.Cause == event.ByQuit:
		return "this program ends: nobody woke it"
	}
	return "nothing to read"
}

// me is the user part of the phone's own address.
func (s scene) me() string { return event.Call{Peer: s.fold.Start.AOR}.Who() }

// protocol is what is spoken on the control connection.
func (s scene) protocol() string { return cmp.Or(s.fold.Start.Protocol, "sip") }

// address is the phone's own, without its scheme.
func (s scene) address() string {
	aor := s.fold.Start.AOR
	if len(aor) > 4 && aor[:4] == "sip:" {
		aor = aor[4:]
	}
	return aor
}

// refreshAt is when the registration will be refreshed or, if that is not
// known, when it lapses.
func (s scene) refreshAt() time.Duration {
	return refreshOf(&s.fold.Registration)
}

func refreshOf(b *event.Binding) time.Duration {
	if b.Refresh > 0 {
		return b.Refresh
	}
	return b.Until
}
