package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// fresh is for how long a new wake is bold.
const fresh = 2 * time.Second

// wakeColumns are where the columns of the wakes table begin, and what it has
// room for.
type wakeColumns struct {
	time, cause, what, wake, ran, bar int // 0: left out
}

func columnsFor(w int) wakeColumns {
	switch {
	case w >= 72:
		return wakeColumns{time: 3, cause: 17, what: 28, wake: w - 36, ran: w - 28, bar: w - 20}
	case w >= 56:
		return wakeColumns{time: 4, cause: 14, wake: w - 31, ran: w - 23}
	}
	return wakeColumns{time: 4, cause: 14}
}

// A wakesView is the panel.
type wakesView struct {
	scene
	stance
	wakes
	losses losses
	line   *picture.Timeline
}

func (v wakesView) name() string { return "wakes" }

func (v wakesView) chain() chainView { return chainView{v.scene, v.line} }

// draw is the table of wakes, the newest first.
//
//	#  time          cause      what arrived              wake    ran   of 10 s   result
//	5  14:32:06.031  INVITE     Bob → alice, 812 B        38 ms   2.1 s ██       ringing
func (v wakesView) draw(p area) {
	cols := columnsFor(p.w)
	wakes := v.list(v.fold)
	if len(wakes) == 0 && len(v.lost()) == 0 {
		words := "nothing has woken the app yet"
		if len(v.fold.Wakes) > 0 {
			words = "no wake by " + event.Printable(v.cause)
		}
		p.line(min(1, p.h-1)).put(dim, words)
		return
	}
	top, rows, detail := v.split(p.h, len(wakes))
	if top > 0 {
		v.drawWakesHead(p.line(0), cols)
	}
	newest := len(wakes) - 1
	used := top
	for _, r := range v.rows(wakes, rows) {
		if r.loss != nil {
			v.drawLost(p, used, r.loss, cols)
		} else {
			v.drawWake(p, used, r.wake, cols, len(wakes) > 0 && r.wake == wakes[newest])
		}
		used++
	}
	if detail == 0 && top > 0 && p.h-used >= 2 {
		l := p.line(p.h-1).put(keycap, v.keyOf("enter")).put(dim, " what it did   ").put(keycap, v.keyOf("cause")).put(dim, " by cause   ")
		l.put(keycap, v.keyOf("sip")).put(dim, " show in "+strings.ToUpper(v.protocol()))
	}
	if detail > 0 {
		v.drawWakeDetail(area{p.c, rect{p.x, p.y + p.h - detail, p.w, detail}})
	}
}

// split is how many of the panel's rows are its head, its list, and the detail below.
func (v wakesView) split(h, wakes int) (head, list, detail int) {
	if h >= 4 {
		head = 1
	}
	if v.zoomed && h-head >= 10 && wakes > 0 {
		detail = 6
	}
	return head, h - head - detail, detail
}

// rowAt is what is listed in a row of the panel; ok is false if nothing is.
func (v wakesView) rowAt(row, h int) (r wakeRow, ok bool) {
	wakes := v.list(v.fold)
	head, list, _ := v.split(h, len(wakes))
	rows := v.rows(wakes, list)
	if i := row - head; i >= 0 && i < len(rows) {
		return rows[i], true
	}
	return r, false
}

func (v wakesView) note(int) string {
	if v.cause == "" {
		return strings.TrimSuffix(strconv.Itoa(v.fold.Counts.Wakes)+" · "+lossWords(v.fold, true), " · ")
	}
	return fmt.Sprintf("by %s · %d of %d", event.Printable(v.cause), len(v.list(v.fold)), v.fold.Counts.Wakes)
}

func (v wakesView) drawWakesHead(l *pen, c wakeColumns) {
	l.put(dim, "#").at(c.time).put(dim, "time").at(c.cause).put(dim, "cause")
	if c.what > 0 {
		l.at(c.what).put(dim, "what arrived")
	}
	if c.wake > 0 {
		l.at(c.wake).put(dim, "  wake").at(c.ran).put(dim, "   ran")
	}
	if c.bar > 0 && v.fold.Start.Window > 0 {
		l.at(c.bar).put(dim, "of "+span(v.fold.Start.Window.D()))
	}
	l.right(dim, "result")
}

func (v wakesView) drawWake(p area, row int, w *event.WakeRow, c wakeColumns, newest bool) {
	l := p.line(row)
	base := text
	if newest && v.now-w.At < fresh || w.N == v.sel {
		base = text | strong
	}
	if w.N == v.sel || newest && v.sel == 0 && v.focused {
		p.c.put(p.x-1, l.y, p.x, "▌", open)
	}
	cause := woken | base
	if w.Late || picture.CauseWord(w) == picture.NoCause {
		cause |= onLate
	}
	layout := v.stamp(w.At)
	if c.what == 0 {
		layout = v.clock(w.At)
	}
	l.put(base, strconv.Itoa(w.N)).at(c.time).put(base, layout).at(c.cause)
	if c.what > 0 {
		l.cut(c.what-1, cause, picture.CauseWord(w)).at(c.what).cut(c.wake-1, base, v.arrived(w))
	} else {
		l.cut(max(c.cause+10, c.wake-1), cause, picture.CauseWord(w))
	}
	if c.wake > 0 {
		v.drawWakeTimes(l, p, w, c, base)
	}
	l.right(resultInk(w.Result)|base, resultWord(w))
}

func resultWord(w *event.WakeRow) string {
	switch {
	case w.Late:
		return strings.TrimSpace("late " + string(w.Result))
	case w.Result == event.ResultNone:
		return "running"
	}
	return string(w.Result)
}

func (v wakesView) drawWakeTimes(l *pen, p area, w *event.WakeRow, c wakeColumns, base style) {
	if w.Timed {
		s := span(w.Latency)
		l.at(c.wake+6-ansi.StringWidth(s)).put(base, s)
	}
	ran := w.Running(v.now)
	s := span(ran)
	l.at(c.ran+6-ansi.StringWidth(s)).put(base, s)
	if c.bar > 0 && w.Window > 0 {
		if ran > w.Window { // only what the app has asked for goes on that long
			l.at(c.bar).put(woken, "task")
			return
		}
		v.drawEighths(area{p.c, rect{p.x + c.bar, l.y, 5, 1}}, ran, w.Window)
	}
}

// drawEighths is a bar in eighths of a column: a keepalive of 45 ms in a
// window of 10 s is still seen.
func (v wakesView) drawEighths(p area, part, whole time.Duration) {
	n := max(1, min(p.w*8, int(part*time.Duration(p.w*8)/whole)))
	p.c.fill(p.x, p.y, n/8, "█", woken)
	if rest := n % 8; rest > 0 {
		p.c.fill(p.x+n/8, p.y, 1, [...]string{"", "▏", "▎", "▎", "▌", "▋", "▊", "▉"}[rest], woken)
	}
}

// drawWakeDetail tells the story of the selected wake.
func (v wakesView) drawWakeDetail(p area) {
	w := v.selected(v.fold)
	p.c.fill(p.x, p.y, p.w, "─", faint)
	l := p.line(1)
	l.put(dim, "wake ").put(strong, strconv.Itoa(w.N)).put(dim, " at ").put(text, v.stamp(w.At))
	l.put(dim, ", after ").put(text, span(w.Suspended)).put(dim, " of sleep")
	p.line(2).put(dim, "came  ").put(text, v.arrived(w)).put(dim, unless(!w.Timed, ", "+timedWord(w)+" "+span(w.Latency)+" after the wake"))
	l = p.line(3).put(dim, "ran   ").put(text, span(w.Running(v.now)))
	l.put(dim, unless(w.Window == 0, " of "+span(w.Window))).put(dim, unless(w.Why == "", ", then: ")).put(text, event.Printable(w.Why))
	p.line(4).put(dim, "gave  ").put(resultInk(w.Result), resultWord(w))
	v.chain().draw(p.line(5), w)
}

func unless(empty bool, s string) string {
	if empty {
		return ""
	}
	return s
}

func (v wakesView) gist(l *pen) {
	l.put(strong, strconv.Itoa(v.fold.Counts.Wakes))
	if lost := lossWords(v.fold, true); lost != "" {
		l.put(dim, ", ").put(fault|strong, lost)
	}
	if w := v.fold.LastWake(); w != nil {
		l.put(dim, ", last ").put(woken, picture.CauseWord(w))
		if w.Timed {
			l.whole(text, " "+span(w.Latency))
		}
		l.whole(resultInk(w.Result), " "+resultWord(w))
	}
}
