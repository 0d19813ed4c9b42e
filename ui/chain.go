package ui

import (
	"fmt"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A chainView draws the consequences of a wake.
//
//	▸ 14:32:06.031 INVITE, 812 B → read 38 ms → 180 sent 124 ms → banner 131 ms  (after the wake)
type chainView struct {
	scene
	line *picture.Timeline
}

func (v chainView) draw(l *pen, w *event.WakeRow) {
	l.put(open, "▸ ").put(strong, v.stamp(w.At)).gap(1)
	l.put(text, picture.CauseWord(w))
	if w.Bytes > 0 {
		l.put(text, fmt.Sprintf(", %d B", w.Bytes))
	}
	if w.Timed {
		l.link(timedWord(w)+" ", woken|strong, span(w.Latency))
	}
	v.answer(l, w)
	if at, ok := v.bannerAfter(w); ok {
		l.link("banner ", banner|strong, span(at-w.At))
	}
	if w.Result != event.ResultNone {
		l.link("", resultInk(w.Result), string(w.Result))
	}
	if w.Timed {
		l.whole(dim, "  (after the wake)")
	}
}

// timedWord is what happened so long after a wake: the app has read what woke it, or its
// handler was called.
func timedWord(w *event.WakeRow) string {
	if w.What != "" {
		return "read"
	}
	return "called"
}

// link adds a step to a chain, if there is room for all of it.
func (l *pen) link(what string, ink style, value string) {
	if ansi.StringWidth(" → "+what+value) <= l.left() {
		l.put(dim, " → ").put(text, what).put(ink, value)
	}
}

// answer adds the first message of consequence that was sent in the wake.
func (v chainView) answer(l *pen, w *event.WakeRow) {
	for i := range v.fold.SIP {
		r := &v.fold.SIP[i]
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

func (v chainView) bannerAfter(w *event.WakeRow) (time.Duration, bool) {
	for _, p := range picture.Between(v.line.Posts, w.At, w.At+w.Running(v.now)+1) {
		if p.Kind == "posted" {
			return p.At, true
		}
	}
	return 0, false
}
