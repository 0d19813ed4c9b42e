package ui

import (
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// When the last line names a key, besides that the key counts in the mode and
// is of use.

func always(situation) bool { return true }

// onMain reports whether all panels of a phone are shown.
func onMain(s situation) bool { return s.mode == mainMode && s.zoom == noPanel }

// onBase reports whether a base has the keys.
func onBase(md mode) func(situation) bool { return func(s situation) bool { return s.mode == md } }

func zoomed(s situation) bool { return s.mode == mainMode && s.zoom != noPanel }

func unzoomed(s situation) bool { return !zoomed(s) }

func callless(s situation) bool { return onMain(s) && len(s.fold.Calls) == 0 }

// replaying reports whether a recording is shown, which takes no commands.
func replaying(s situation) bool { return onMain(s) && len(s.verbs) == 0 }

// browsing reports whether a recording is shown that is not the replay of a run, which has
// more to say.
func browsing(s situation) bool { return replaying(s) && !s.replayed() }

func inLadder(s situation) bool { return s.mode == ladderMode }

// inViews reports whether the ladder or a message is open.
func inViews(s situation) bool { return s.mode&(ladderMode|messageMode) != 0 }

// leafing reports whether one list has the keys.
func leafing(s situation) bool {
	return zoomed(s) || amongCalls(s) || s.mode&(ladderMode|scrollModes) != 0
}

// inside reports whether esc leads anywhere.
func inside(s situation) bool { return zoomed(s) || s.mode != mainMode }

func either(a, b func(situation) bool) func(situation) bool {
	return func(s situation) bool { return a(s) || b(s) }
}

// remarkFor is how long a remark stays in the last line.
const remarkFor = 6 * time.Second

// A remark is something to say in the last line.
type remark struct {
	words string
	ink   style
	gone  time.Time // when it goes; zero: it has not been seen
	waits bool      // it says that a line waits, which is so until the one before is carried out
}

func (r *remark) tell(ink style, words string) { *r = remark{words: event.Printable(words), ink: ink} }

// forget takes the remark down when it has stood long enough, and reports
// whether it did.
func (r *remark) forget(now time.Time) bool {
	switch {
	case r.words == "":
	case r.gone.IsZero():
		r.gone = now.Add(remarkFor)
	case now.After(r.gone):
		*r = remark{}
		return true
	}
	return false
}

// footKeys are the keys that fit the moment, in the order of the table.
func footKeys(keys []binding, s situation) []*binding {
	var list []*binding
	for i := range keys {
		b := &keys[i]
		if s.stripped(b) {
			continue
		}
		if b.foot != nil && b.active(s.mode) && b.foot(b.sees(s)) && b.useless(s) == "" {
			list = append(list, b)
		}
	}
	return list
}

// drawRemark writes a remark into a row.
func drawRemark(c *canvas, y int, r *remark) {
	c.clear(rect{0, y, c.w, 1}, text)
	area{c, rect{0, y, c.w, 1}}.line(0).gap(1).put(r.ink, r.words)
}

// drawFooter is the last line: a remark if there is one, or else keys. It
// never wraps: what does not fit is left out, and help stays.
func drawFooter(c *canvas, s situation, r *remark, keys []binding) {
	if r.words != "" {
		drawRemark(c, s.h-1, r)
		return
	}
	l := area{c, rect{0, s.h - 1, s.w, 1}}.line(0)
	l.gap(1)
	list := footKeys(keys, s)
	reserve := 0 // for help, until it is there
	for _, b := range list {
		if b.id == helpKey {
			reserve = ansi.StringWidth(" "+s.keyOf("help")+" help") + 1
		}
	}
	for i, b := range list {
		if b.id == helpKey {
			reserve = 0
		}
		h := b.hint(s)
		if i+1 < len(list) && list[i+1].hint(s).label == h.label { // both ways
			continue
		}
		if i > 0 && list[i-1].hint(s).label == h.label {
			h.key = list[i-1].hint(s).key + h.key
		}
		if ansi.StringWidth(h.key+" "+h.label)+reserve <= l.left() {
			l.put(keycap, h.key).put(dim, " "+h.label).gap(2)
		}
	}
}
