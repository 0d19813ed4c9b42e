package ui

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A passage is a part of the log that belongs together: a step of a run, or a wake.
type passage struct {
	title       string
	first, last uint64 // its records; last is 0 while it goes on
}

// maxPassage bounds the events of a passage that are listed, the first ones (our own
// number: a wake has some 30). They are read when it is opened, not when it is drawn.
const maxPassage = 1000

// happenings lists the events of a passage.
type happenings struct {
	passage
	records []event.Record
	at      int
}

func (*happenings) bindings() []binding { return nil }

// show chooses the passage.
func (h *happenings) show(log *event.Log, p passage) {
	h.passage, h.at = p, 0
	h.read(log)
}

// read reads the passage anew, for one that goes on gets longer.
func (h *happenings) read(log *event.Log) {
	h.records = h.records[:0]
	for r := range log.Span(h.first-1, cmp.Or(h.last, math.MaxUint64)) {
		switch r.Event.(type) {
		case event.Audio, event.RTP: // snapshots, which come every second
			continue
		}
		if h.records = append(h.records, r); len(h.records) == maxPassage {
			return
		}
	}
}

func (h *happenings) position(s situation) (at *int, limit int) {
	return &h.at, max(0, len(h.records)-h.place(s.scene).inset().h)
}

func (*happenings) place(s scene) rect { return rect{0, s.top, s.w, s.h - 1 - s.top} }

// pointed is the first event on the screen that can be explained.
func (h *happenings) pointed(knows func(seq uint64) bool) spot {
	shown := h.records[min(h.at, len(h.records)):]
	if i := slices.IndexFunc(shown, func(r event.Record) bool { return knows(r.Seq) }); i >= 0 {
		return spot{seq: shown[i].Seq}
	}
	return spot{where: "in what is listed"}
}

// draw is a line for each event, with the time since the first.
//
//	╭─ wake 3: INVITE ────────────────────────────── what happened · esc ─╮
//	│ 14:32:06.031            alice  wake 3: INVITE                       │
//	│               +0.4 ms   alice  read 812 B: INVITE                   │
func (h *happenings) draw(c *canvas, s situation) {
	r := h.place(s.scene)
	c.clear(r, text)
	note := "what happened · " + s.keyOf("esc")
	if len(h.records) == maxPassage {
		note = fmt.Sprintf("the first %d events · %s", maxPassage, s.keyOf("esc"))
	}
	box(c, r, event.Printable(h.title), note, keycap, open)
	p := area{c, r.inset()}
	if len(h.records) == 0 {
		p.line(0).put(dim, "nothing was logged in it")
	}
	for i := 0; i < p.h && h.at+i < len(h.records); i++ {
		r := h.records[h.at+i]
		at, rest, _ := strings.Cut(event.Line(r), " ")
		l := p.line(i).put(dim, at)
		if p.w >= 100 {
			l.gap(2).put(dim, fmt.Sprintf("%9s", "+"+delay(r.Device-h.records[0].Device)))
		}
		l.put(text, " "+rest)
	}
}
