package ui

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxOn bounds the faults that a recording can have on at a time.
const maxOn = 32

// A linkTape is the history of the way to the network.
type linkTape struct {
	network track[string] // names
	broken  track[string] // the fault that began last and is on; "": none is
	on      []string
}

func (t *linkTape) empty() bool { return len(t.network.at)+len(t.broken.at) == 0 }

func (t *linkTape) apply(at time.Duration, e event.Event) {
	switch e := e.(type) {
	case event.Network:
		t.network.add(at, e.Name)
	case event.Fault:
		t.fault(at, e)
	}
}

func (t *linkTape) fault(at time.Duration, e event.Fault) {
	t.on = slices.DeleteFunc(t.on, func(name string) bool { return name == e.Name })
	if e.On && len(t.on) < maxOn {
		t.on = append(t.on, e.Name)
	}
	last := ""
	if n := len(t.on); n > 0 {
		last = t.on[n-1]
	}
	t.broken.add(at, last)
}

// laneNetwork is what joins the handset, or that something is broken, with a
// word wherever that begins:
//
//	══════════nat drop~~~~~════cell~~~~~~────offline     cell──loss~~~~~~
func (m *model) laneNetwork(p pane, w window) {
	for col := range w.cols {
		if w.start(col) > m.now || w.start(col+1) <= 0 {
			continue
		}
		glyph, ink := m.linkCell(w.start(col), w.start(col+1))
		p.c.fill(p.x+col, p.y, 1, glyph, ink)
	}
	m.networkWords(p, w)
}

// linkCell is a column of the lane.
func (m *model) linkCell(a, b time.Duration) (glyph string, ink style) {
	t := &m.tape.link
	glyph, ink = "═", dim
	switch t.network.last(a, b) {
	case "cell":
		glyph = "─"
	case "offline":
		return " ", fault
	}
	_, broken := t.begun(a, b)
	if before, _ := t.broken.before(a); broken || before != "" {
		glyph, ink = "~", fault
	}
	return glyph, ink
}

// begun is the first fault that began in a time.
func (t *linkTape) begun(a, b time.Duration) (name string, ok bool) {
	from, to := t.broken.within(a, b)
	for _, name := range t.broken.val[from:to] {
		if name != "" {
			return name, true
		}
	}
	return "", false
}

// last is the entry that holds just before b.
func (t *track[T]) last(a, b time.Duration) (v T) {
	if from, to := t.within(a, b); to > from {
		return t.val[to-1]
	}
	v, _ = t.before(a)
	return v
}

// networkWords names what begins in each column, where there is room for it.
func (m *model) networkWords(p pane, w window) {
	t := &m.tape.link
	free := 0
	for col := range w.cols {
		a, b := w.start(col), w.start(col+1)
		word, ink := "", text
		if from, to := t.network.within(a, b); to > from {
			word = t.network.val[to-1]
		} else if name, ok := t.begun(a, b); ok {
			word, ink = name, fault
		}
		if word == "" || col < free || col+len(word) > w.cols {
			continue
		}
		free = p.c.put(p.x+col, p.y, p.x+w.cols, word, ink) - p.x + 1
	}
}
