package ui

import (
	"fmt"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// drawChain is what the wake at the cursor, or else the last one, led to.
//
//	▸ 14:32:06.031 INVITE, 812 B → awake 38 ms → 180 sent 124 ms → banner 131 ms
func (m *model) drawChain(l *pen) {
	w := m.chainWake()
	if w == nil {
		if m.cursor != noCursor {
			l.put(dim, "▸ "+m.clock(m.cursor)+"  no wake here")
		}
		return
	}
	m.drawChainOf(l, w)
}

func (m *model) drawChainOf(l *pen, w *event.WakeRow) {
	l.put(open, "▸ ").put(strong, m.stamp(w.At)).gap(1)
	l.put(text, picture.CauseWord(w))
	if w.Bytes > 0 {
		l.put(text, fmt.Sprintf(", %d B", w.Bytes))
	}
	if w.Timed {
		l.link("awake ", woken|strong, span(w.Latency))
	}
	m.chainAnswer(l, w)
	if at, ok := m.bannerAfter(w); ok {
		l.link("banner ", banner|strong, span(at-w.At))
	}
	if w.Result != event.ResultNone {
		l.link("", resultInk(w.Result), string(w.Result))
	}
}

// link adds a step to a chain, if there is room for all of it.
func (l *pen) link(what string, ink style, value string) {
	if ansi.StringWidth(" → "+what+value) <= l.left() {
		l.put(dim, " → ").put(text, what).put(ink, value)
	}
}

// chainAnswer is the first thing of consequence that was sent in the wake.
func (m *model) chainAnswer(l *pen, w *event.WakeRow) {
	for i := range m.fold.SIP {
		r := &m.fold.SIP[i]
		if r.At < w.At || !r.Message.Out || r.Message.Status == 100 || w.Over && r.At > w.At+w.Ran {
			continue
		}
		what := r.Message.Method
		if r.Message.Status != 0 {
			what = fmt.Sprint(r.Message.Status)
		}
		l.link(what+" sent ", talk|strong, span(r.At-w.At))
		return
	}
}

func (m *model) bannerAfter(w *event.WakeRow) (time.Duration, bool) {
	for _, p := range picture.Between(m.line.Posts, w.At, w.At+w.Running(m.now)+1) {
		if p.Kind == "posted" {
			return p.At, true
		}
	}
	return 0, false
}

// chainWake is the wake in the cursor's column; without a cursor, the selected
// one, or else the last.
func (m *model) chainWake() *event.WakeRow {
	switch {
	case len(m.wakes()) == 0:
		return nil
	case m.cursor == noCursor:
		return m.wakes()[m.wakeIndex()]
	}
	w := m.window(m.timelineCols())
	for i := range m.fold.Wakes {
		if row := &m.fold.Wakes[i]; w.column(row.At) == w.column(m.cursor) {
			return row
		}
	}
	return nil
}
