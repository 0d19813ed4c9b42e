package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A deviceView is the panel of the handset: its screen, the state of the app, and
// how long the app may run.
//
//	14:32        ios-voip-socket
//	       (banner or cards)
//	         ▲ AWAKE
//	  by INVITE, read in 38 ms
//	██████████████░░░░░░░░░░░░░░
//	7.9 s of 10 s left to run
//	light idle, window in 04:12
//	push 3 s ago, high: woke it
//	marked by CFStream
type deviceView struct {
	scene
	stance
}

func (v deviceView) name() string { return "device" }

// draw leaves out the handset's own screen where there is no room for it.
func (v deviceView) draw(p area) {
	if p.h < 8 {
		v.drawDeviceLine(p)
		return
	}
	p.line(0).put(strong, v.day(v.now).Format("15:04")).right(dim, event.Printable(v.fold.Start.Profile))
	keys := p.h - 1
	state, facts := keys-8, 0
	if p.h < 14 {
		state = max(1, keys-6)
	} else {
		facts = v.factRows(p, state-7) // a banner takes six
		state -= max(0, facts-1)
	}
	v.drawHandsetScreen(area{p.c, rect{p.x, p.y + 1, p.w, state - 1}})
	v.drawState(area{p.c, rect{p.x, p.y + state, p.w, keys - state - max(0, facts-1)}})
	area{p.c, rect{p.x, p.y + keys - facts, p.w, facts}}.drawDeviceFacts(v.allFacts())
	v.drawDeviceKeys(p.line(keys))
}

// drawHandsetScreen is what the user sees: a banner, the app, or the lock
// screen with the cards of missed calls.
func (v deviceView) drawHandsetScreen(p area) {
	f := v.fold
	rows := 0
	if c := v.behind(); c != nil {
		v.drawReturn(p, c)
		p = area{p.c, rect{p.x, p.y + 1, p.w, p.h - 1}}
	}
	open := f.Life.State == event.Foreground && !f.Locked
	switch waits := v.waiting(); {
	case f.Banner != nil && p.h >= 6:
		v.drawBanner(p.c, rect{p.x - 1, p.y, p.w + 2, 6}, f.Banner, v.now-f.Banner.At)
		rows = 6
	case open && waits != nil && p.h >= 8:
		v.drawWaiting(rect{p.x - 1, p.y, p.w + 2, 6}, p.c, waits)
		v.drawApp(area{p.c, rect{p.x, p.y + 6, p.w, p.h - 6}})
		return
	case open:
		v.drawApp(p)
		return
	default:
		rows = v.drawCards(p)
	}
	if left := p.h - rows; left >= 3 {
		centre(p.line(rows+(left-2)/2), strong, v.day(v.now).Format("15:04"))
		centre(p.line(rows+(left-2)/2+1), dim, v.day(v.now).Format("Monday 2 January"))
	}
}

// drawApp is the app's own screen, which is open.
func (v deviceView) drawApp(p area) {
	top := max(0, p.h/2-2)
	c := v.fold.Call()
	switch {
	case c == nil:
		centre(p.line(top), strong, v.owner())
		centre(p.line(top+1), dim, v.belief())
	case c.Connected():
		centre(p.line(top), strong, c.Who())
		centre(p.line(top+1), talk, event.Clock(v.now-c.Up))
		v.drawDeaf(area{p.c, rect{p.x, p.y + top + 3, p.w, p.h - top - 3}})
	case c.Out:
		centre(p.line(top), strong, c.Who())
		centre(p.line(top+1), talk, "calling "+event.Clock(v.now-c.At))
	default:
		centre(p.line(top), talk|strong, "Incoming call")
		centre(p.line(top+1), strong, c.Who())
		centre(p.line(top+2), dim, c.Peer)
	}
}

// belief is what the app itself can know of its registration, and shows.
func (v deviceView) belief() string {
	b := &v.fold.Registration
	switch {
	case b.Pending():
		return "registering"
	case b.Active:
		return "registered"
	case b.Status != 0:
		return fmt.Sprintf("%d %s", b.Status, event.Printable(b.Reason))
	}
	return "not registered"
}

// drawDeaf says for how long somebody does not hear the other.
func (v deviceView) drawDeaf(p area) {
	c, w := v.deaf()
	if c == nil {
		return
	}
	lines := append([]string{w.Tag() + " for " + event.Round(w.Longest())}, v.deafWords(c, w)...)
	for i, line := range lines[:max(0, min(len(lines), p.h))] {
		centre(p.line(i), fault|strong, line)
	}
}

// centre writes s in the middle of a line.
func centre(l *pen, st style, s string) {
	l.gap(max(0, (l.left()-ansi.StringWidth(s))/2)).middle(st, s)
}

// drawState is the state of the app, in words and as a bar that drains.
func (v deviceView) drawState(p area) {
	life := &v.fold.Life
	title, glyph, ink := v.look(life.State)
	centre(p.line(0), ink|strong, glyph+" "+title)
	for i, line := range wrap(v.stateWords(), p.w) {
		if i < 2 {
			centre(p.line(1+i), ink, line)
		}
	}
	if life.Until > 0 {
		whole, left := life.Window, max(0, life.Until-v.now)
		p.drawBar(p.h-4, ink, left, whole)
		p.line(p.h-3).put(dim, span(left.Round(100*time.Millisecond))).put(dim, " of ").put(dim, span(whole)).put(dim, " left to run")
	}
	if life.Before != "" && life.State != event.Dead {
		before, _, _ := v.look(life.Before)
		before = "before: " + strings.ToLower(before)
		p.line(p.h-2).right(dim, " "+span(life.Lasted)).put(dim, before)
	}
}

// drawBar is a bar as wide as the pane that is filled as left is of whole.
func (p area) drawBar(row int, ink style, left, whole time.Duration) {
	if row < 0 || row >= p.h || whole <= 0 {
		return
	}
	n := max(0, min(p.w, int((left*time.Duration(p.w)+whole/2)/whole)))
	p.c.fill(p.x, p.y+row, n, "█", ink)
	p.c.fill(p.x+n, p.y+row, p.w-n, "░", faint)
}

// stateWords says why the app is in its state, or how long it has been.
func (v deviceView) stateWords() string {
	life := &v.fold.Life
	switch life.State {
	case event.Awake:
		if w := v.fold.LastWake(); w != nil {
			return wokenBy(w)
		}
	case event.Suspended:
		return "for " + span((v.now - life.Since).Truncate(time.Second)) + ", " + v.socketWord()
	case event.Dead:
		return joinWords(life.Killed.Code, life.Killed.Reason)
	case event.Foreground, event.InCall:
		return event.Clock(v.now-life.Since) + " " + event.Printable(life.Why)
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
	s := "by " + picture.CauseWord(w)
	if w.Timed {
		s += ", " + timedWord(w) + " in " + span(w.Latency)
	}
	return s
}

func (v deviceView) socketWord() string {
	if v.fold.Several() {
		open, all := v.sockets()
		return fmt.Sprintf("%d of %d sockets held open", open, all)
	}
	switch {
	case v.fold.Socket.Open() && v.fold.Mark.Rule != "":
		return "its socket is not watched"
	case v.fold.Socket.Open():
		return "socket held open"
	}
	return "no socket"
}

func (v deviceView) drawDeviceKeys(l *pen) {
	for _, h := range v.hints {
		if ansi.StringWidth(h.key+" "+h.label) <= l.left() {
			l.put(keycap, h.key).put(dim, " "+h.label).gap(2)
		}
	}
}

// drawDeviceLine is the phone in one line, for where there is no room, and what
// there is to tell of the device in a second one.
func (v deviceView) drawDeviceLine(p area) {
	if v.fold.Banner != nil && v.w >= middleWidth { // it hides the rest
		p.w = min(p.w, v.w-bannerWidth-p.x-1)
	}
	l := p.line(0)
	switch facts := v.deviceFacts(); {
	case p.h > 1 && len(facts) > 0:
		drawFactLine(p.line(1), facts)
	case p.h > 1:
		l = p.line((p.h - 1) / 2)
	}
	v.gist(l)
	v.drawDeviceKeys(l.gap(3))
}

// gist is the state in a few words.
func (v deviceView) gist(l *pen) {
	life := &v.fold.Life
	title, glyph, ink := v.look(life.State)
	l.put(ink|strong, glyph+" "+title).gap(1)
	switch {
	case life.Until > 0:
		left := max(0, life.Until-v.now)
		l.put(ink, span(left.Round(100*time.Millisecond))+" of "+span(life.Window)+" left").gap(2)
	case life.State == event.Foreground || life.State == event.Suspended || life.State == event.InCall:
		l.put(strong, event.Clock(v.now-life.Since)).gap(2)
	}
	switch life.State {
	case event.Awake:
		l.put(text, strings.TrimPrefix(v.stateWords(), "by "))
	case event.Dead:
		l.put(text, v.stateWords())
	case event.Suspended:
		l.put(dim, v.socketWord())
	default:
		l.put(dim, event.Printable(life.Why))
	}
	if c := v.behind(); c != nil {
		ink, words := v.returning(c)
		l.gap(2).whole(ink, " "+words+" touch to return ")
	}
	if n := len(v.fold.Unanswered); n > 0 {
		l.gap(2).whole(banner, "◇ "+strconv.Itoa(n)+" missed")
	}
}

// note says in the border that the device is emulated, which settings differ
// from the defaults, and how many the emulator has chosen, as far as there is
// room.
func (v deviceView) note(w int) string {
	const plainNote = "emulated"
	set, chosen := v.fold.Start.Settings, len(v.fold.Start.Choices)
	notes := []string{plainNote}
	if len(set) > 0 {
		all := plainNote + ", " + event.Printable(strings.Join(set, " "))
		few := plainNote + ", " + strconv.Itoa(len(set)) + " set"
		notes = []string{few, all}
	}
	if chosen > 0 {
		notes = append(notes, notes[len(notes)-1]+", "+words.Count(chosen, "own choice"))
	}
	for len(notes) > 1 && len(notes[len(notes)-1]) > w {
		notes = notes[:len(notes)-1]
	}
	return notes[len(notes)-1]
}
