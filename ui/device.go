package ui

import (
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// drawDevice is the handset: its screen, what state the app is in, and how
// long it may run.
//
//	14:32        ios-voip-socket
//	       (banner or cards)
//	         ▲ AWAKE
//	   woken by INVITE 38 ms
//	██████████████░░░░░░░░░░░░░░
//	7.9 s of 10 s left to run
//	light idle, window in 04:12
//	push 3 s ago, high: woke it
func (m *model) drawDevice(p pane) {
	if p.h < 8 {
		m.drawDeviceLine(p)
		return
	}
	p.line(0).put(strong, m.day(m.now).Format("15:04")).right(dim, event.Printable(m.fold.Start.Profile))
	keys := p.h - 1
	state, facts := keys-8, 0
	if p.h < 14 {
		state = max(1, keys-6)
	} else {
		facts = m.factRows(p, state-7) // a banner takes six
		state -= max(0, facts-1)
	}
	m.drawHandsetScreen(pane{p.c, rect{p.x, p.y + 1, p.w, state - 1}})
	m.drawState(pane{p.c, rect{p.x, p.y + state, p.w, keys - state - max(0, facts-1)}})
	pane{p.c, rect{p.x, p.y + keys - facts, p.w, facts}}.drawDeviceFacts(m.deviceFacts())
	m.drawDeviceKeys(p.line(keys))
}

// drawHandsetScreen is what the user sees: a banner, the app, or the lock
// screen with the cards of missed calls.
func (m *model) drawHandsetScreen(p pane) {
	f := &m.fold
	rows := 0
	if f.Banner != nil && p.h >= 6 {
		drawBanner(p.c, rect{p.x - 1, p.y, p.w + 2, 6}, f.Banner, m.now-f.Banner.At)
		rows = 6
	} else if f.Life.State == event.Foreground && !f.Locked {
		m.drawApp(p)
		return
	} else {
		rows = m.drawCards(p)
	}
	if left := p.h - rows; left >= 3 {
		centre(p.line(rows+(left-2)/2), strong, m.day(m.now).Format("15:04"))
		centre(p.line(rows+(left-2)/2+1), dim, m.day(m.now).Format("Monday 2 January"))
	}
}

// drawApp is the app's own screen, which is open.
func (m *model) drawApp(p pane) {
	top := max(0, p.h/2-2)
	c := m.fold.Call()
	switch {
	case c == nil:
		centre(p.line(top), strong, m.me())
		centre(p.line(top+1), dim, "ready")
	case c.Connected():
		centre(p.line(top), strong, c.Who())
		centre(p.line(top+1), talk, event.Clock(m.now-c.Up))
	case c.Out:
		centre(p.line(top), strong, c.Who())
		centre(p.line(top+1), talk, "calling "+event.Clock(m.now-c.At))
	default:
		centre(p.line(top), talk|strong, "Incoming call")
		centre(p.line(top+1), strong, c.Who())
		centre(p.line(top+2), dim, c.Peer)
	}
}

// centre writes s in the middle of a line.
func centre(l *pen, st style, s string) {
	l.gap(max(0, (l.left()-ansi.StringWidth(s))/2)).put(st, s)
}

// drawState is the state of the app, in words and as a bar that drains.
func (m *model) drawState(p pane) {
	life := &m.fold.Life
	title, glyph, ink := m.look(life.State)
	centre(p.line(0), ink|strong, glyph+" "+title)
	for i, line := range wrap(m.stateWords(), p.w) {
		if i < 2 {
			centre(p.line(1+i), ink, line)
		}
	}
	if life.Until > 0 {
		whole, left := life.Window, max(0, life.Until-m.now)
		p.drawBar(p.h-4, ink, left, whole)
		p.line(p.h-3).put(dim, span(left.Round(100*time.Millisecond))).put(dim, " of ").put(dim, span(whole)).put(dim, " left to run")
	}
	if life.Before != "" && life.State != event.Dead {
		before, _, _ := m.look(life.Before)
		before = "before: " + strings.ToLower(before)
		p.line(p.h-2).right(dim, " "+span(life.Lasted)).put(dim, before)
	}
}

// drawBar is a bar as wide as the pane that is filled as left is of whole.
func (p pane) drawBar(row int, ink style, left, whole time.Duration) {
	if row < 0 || row >= p.h || whole <= 0 {
		return
	}
	n := max(0, min(p.w, int((left*time.Duration(p.w)+whole/2)/whole)))
	p.c.fill(p.x, p.y+row, n, "█", ink)
	p.c.fill(p.x+n, p.y+row, p.w-n, "░", faint)
}

// stateWords says why the app is in its state, or for how long.
func (m *model) stateWords() string {
	life := &m.fold.Life
	switch life.State {
	case event.Awake:
		if w := m.fold.LastWake(); w != nil {
			return wokenBy(w)
		}
	case event.Suspended:
		return "for " + span((m.now - life.Since).Truncate(time.Second)) + ", " + m.socketWord()
	case event.Dead:
		return joinWords(life.Killed.Code, life.Killed.Reason)
	case event.Foreground, event.InCall:
		return event.Clock(m.now-life.Since) + " " + event.Printable(life.Why)
	}
	return event.Printable(life.Why)
}

func joinWords(a, b string) string {
	if a == "" {
		return event.Printable(b)
	}
	return event.Printable(a + ": " + b)
}

func wokenBy(w *event.WakeRow) string {
	s := "woken by " + picture.CauseWord(w)
	if w.Timed {
		s += " " + span(w.Latency)
	}
	return s
}

func (m *model) socketWord() string {
	if m.fold.Socket.Open() {
		return "socket held open"
	}
	return "no socket"
}

// deviceKeys are those that act on the handset, or speak of it.
var deviceKeys = [...]string{"background", "open", "lock", "choices"}

func (m *model) drawDeviceKeys(l *pen) {
	for _, id := range deviceKeys {
		b := m.byID(id)
		k, label := b.shown(m)
		if b.why(m) == "" && ansi.StringWidth(k+" "+label) <= l.left() {
			l.put(keycap, k).put(dim, " "+label).gap(2)
		}
	}
}

// drawDeviceLine is the phone in one line, for where there is no room, and what
// there is to tell of the device in a second one.
func (m *model) drawDeviceLine(p pane) {
	if m.fold.Banner != nil && m.w >= middleWidth { // it hides the rest
		p.w = min(p.w, m.w-bannerWidth-p.x-1)
	}
	l := p.line(0)
	switch facts := m.deviceFacts(); {
	case p.h > 1 && len(facts) > 0:
		drawFactLine(p.line(1), facts)
	case p.h > 1:
		l = p.line((p.h - 1) / 2)
	}
	m.stateGist(l)
	m.drawDeviceKeys(l.gap(3))
}

// stateGist is the state in a few words.
func (m *model) stateGist(l *pen) {
	life := &m.fold.Life
	title, glyph, ink := m.look(life.State)
	l.put(ink|strong, glyph+" "+title).gap(1)
	switch {
	case life.Until > 0:
		left := max(0, life.Until-m.now)
		l.put(ink, span(left.Round(100*time.Millisecond))+" of "+span(life.Window)+" left").gap(2)
	case life.State == event.Foreground || life.State == event.Suspended || life.State == event.InCall:
		l.put(strong, event.Clock(m.now-life.Since)).gap(2)
	}
	switch life.State {
	case event.Awake:
		l.put(text, strings.TrimPrefix(m.stateWords(), "woken by "))
	case event.Dead:
		l.put(text, m.stateWords())
	case event.Suspended:
		l.put(dim, m.socketWord())
	default:
		l.put(dim, event.Printable(life.Why))
	}
	if n := len(m.fold.Cards); n > 0 {
		l.gap(2).whole(banner, "◇ "+strconv.Itoa(n)+" missed")
	}
}
