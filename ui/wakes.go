package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
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

// drawWakes is the table of wakes, the newest first.
//
//	#  time          cause      what arrived              wake    ran   of 10 s   result
//	5  14:32:06.031  INVITE     Bob → alice, 812 B        38 ms   2.1 s ██       ringing
func (m *model) drawWakes(p pane) {
	cols := columnsFor(p.w)
	rows := p.h
	wakes := m.wakes()
	if len(wakes) == 0 {
		words := "nothing has woken the app yet"
		if len(m.fold.Wakes) > 0 {
			words = "no wake by " + event.Printable(m.cause)
		}
		p.line(min(1, p.h-1)).put(dim, words)
		return
	}
	top := 0
	if p.h >= 4 {
		m.drawWakesHead(p.line(0), cols)
		top, rows = 1, p.h-1
	}
	detail := 0
	if m.zoom == wakesPanel && rows >= 10 {
		detail = 6
	}
	newest := len(wakes) - 1
	first := m.firstWake(rows - detail)
	for i := 0; i < rows-detail && first-i >= 0; i++ {
		m.drawWake(p, top+i, wakes[first-i], cols, first-i == newest)
	}
	if used := top + min(rows-detail, first+1); detail == 0 && top > 0 && p.h-used >= 2 {
		l := p.line(p.h-1).put(keycap, "enter").put(dim, " what it did   ").put(keycap, "w").put(dim, " by cause   ")
		l.put(keycap, "s").put(dim, " show in "+strings.ToUpper(m.protocol()))
	}
	if detail > 0 {
		m.drawWakeDetail(pane{p.c, rect{p.x, p.y + p.h - detail, p.w, detail}})
	}
}

// wakes are those with the cause that was asked for, oldest first.
func (m *model) wakes() []*event.WakeRow {
	var list []*event.WakeRow
	for i := range m.fold.Wakes {
		if w := &m.fold.Wakes[i]; m.cause == "" || picture.CauseWord(w) == m.cause {
			list = append(list, w)
		}
	}
	return list
}

// nextCause shows the wakes by one cause after the other, in the order in which
// they came first, and then all of them again.
func nextCause(m *model) tea.Cmd {
	causes := []string{""}
	for i := range m.fold.Wakes {
		if c := picture.CauseWord(&m.fold.Wakes[i]); !slices.Contains(causes, c) {
			causes = append(causes, c)
		}
	}
	m.cause = causes[(slices.Index(causes, m.cause)+1)%len(causes)]
	m.wakeSel = 0
	return nil
}

func neverWoken(m *model) string {
	return when(len(m.fold.Wakes) == 0, "nothing has woken the app yet")
}

func (m *model) wakesNote() string {
	if m.cause == "" {
		return strconv.Itoa(m.fold.Counts.Wakes)
	}
	return fmt.Sprintf("by %s · %d of %d", event.Printable(m.cause), len(m.wakes()), m.fold.Counts.Wakes)
}

// firstWake is the index of the wake in the first of n rows.
func (m *model) firstWake(n int) int {
	newest := len(m.wakes()) - 1
	if i := m.wakeIndex(); i <= newest-n {
		return i + n - 1
	}
	return newest
}

// wakeIndex is the index of the selected wake, the newest if none is.
func (m *model) wakeIndex() int {
	wakes := m.wakes()
	for i, w := range wakes {
		if w.N == m.wakeSel && m.wakeSel != 0 {
			return i
		}
	}
	return len(wakes) - 1
}

// moveWake moves the selection: downwards is to older wakes.
func (m *model) moveWake(step int) {
	wakes := m.wakes()
	if len(wakes) == 0 {
		return
	}
	i := max(0, min(len(wakes)-1, m.wakeIndex()-step))
	m.wakeSel = wakes[i].N
	if i == len(wakes)-1 {
		m.wakeSel = 0
	}
}

func (m *model) drawWakesHead(l *pen, c wakeColumns) {
	l.put(dim, "#").at(c.time).put(dim, "time").at(c.cause).put(dim, "cause")
	if c.what > 0 {
		l.at(c.what).put(dim, "what arrived")
	}
	if c.wake > 0 {
		l.at(c.wake).put(dim, "  wake").at(c.ran).put(dim, "   ran")
	}
	if c.bar > 0 && m.fold.Start.Window > 0 {
		l.at(c.bar).put(dim, "of "+span(m.fold.Start.Window.D()))
	}
	l.right(dim, "result")
}

func (m *model) drawWake(p pane, row int, w *event.WakeRow, c wakeColumns, newest bool) {
	l := p.line(row)
	base := text
	if newest && m.now-w.At < fresh || w.N == m.wakeSel {
		base = text | strong
	}
	if w.N == m.wakeSel || newest && m.wakeSel == 0 && m.focus == wakesPanel {
		p.c.put(p.x-1, l.y, p.x, "▌", open)
	}
	cause := woken | base
	if w.Late || picture.CauseWord(w) == picture.NoCause {
		cause |= onLate
	}
	layout := m.stamp(w.At)
	if c.what == 0 {
		layout = m.clock(w.At)
	}
	l.put(base, strconv.Itoa(w.N)).at(c.time).put(base, layout).at(c.cause)
	if c.what > 0 {
		l.cut(c.what-1, cause, picture.CauseWord(w)).at(c.what).cut(c.wake-1, base, m.arrived(w))
	} else {
		l.cut(max(c.cause+10, c.wake-1), cause, picture.CauseWord(w))
	}
	if c.wake > 0 {
		m.drawWakeTimes(l, p, w, c, base)
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

func (m *model) drawWakeTimes(l *pen, p pane, w *event.WakeRow, c wakeColumns, base style) {
	if w.Timed {
		s := span(w.Latency)
		l.at(c.wake+6-ansi.StringWidth(s)).put(base, s)
	}
	ran := w.Running(m.now)
	s := span(ran)
	l.at(c.ran+6-ansi.StringWidth(s)).put(base, s)
	if c.bar > 0 && w.Window > 0 {
		m.drawEighths(pane{p.c, rect{p.x + c.bar, l.y, 5, 1}}, ran, w.Window)
	}
}

// drawEighths is a bar in eighths of a column: a keepalive of 45 ms in a
// window of 10 s is still seen.
func (m *model) drawEighths(p pane, part, whole time.Duration) {
	n := max(1, min(p.w*8, int(part*time.Duration(p.w*8)/whole)))
	p.c.fill(p.x, p.y, n/8, "█", woken)
	if rest := n % 8; rest > 0 {
		p.c.fill(p.x+n/8, p.y, 1, [...]string{"", "▏", "▎", "▎", "▌", "▋", "▊", "▉"}[rest], woken)
	}
}

// drawWakeDetail tells the story of the selected wake.
func (m *model) drawWakeDetail(p pane) {
	w := m.wakes()[m.wakeIndex()]
	p.c.fill(p.x, p.y, p.w, "─", faint)
	l := p.line(1)
	l.put(dim, "wake ").put(strong, strconv.Itoa(w.N)).put(dim, " at ").put(text, m.stamp(w.At))
	l.put(dim, ", after ").put(text, span(w.Suspended)).put(dim, " of sleep")
	p.line(2).put(dim, "came  ").put(text, m.arrived(w)).put(dim, unless(!w.Timed, ", after "+span(w.Latency)))
	l = p.line(3).put(dim, "ran   ").put(text, span(w.Running(m.now)))
	l.put(dim, unless(w.Window == 0, " of "+span(w.Window))).put(dim, unless(w.Why == "", ", then: ")).put(text, event.Printable(w.Why))
	p.line(4).put(dim, "gave  ").put(resultInk(w.Result), resultWord(w))
	m.drawChainOf(p.line(5), w)
}

func unless(empty bool, s string) string {
	if empty {
		return ""
	}
	return s
}

func (m *model) wakesGist(l *pen) {
	l.put(strong, strconv.Itoa(m.fold.Counts.Wakes))
	if w := m.fold.LastWake(); w != nil {
		l.put(dim, ", last ").put(woken, picture.CauseWord(w))
		if w.Timed {
			l.whole(text, " "+span(w.Latency))
		}
		l.whole(resultInk(w.Result), " "+resultWord(w))
	}
}
