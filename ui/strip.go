package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A stripView is the line under the header with the calls, where their panel does not show
// them: in the ladder and the other views, beside a zoomed panel, over a paused display, in
// a small window. It has the call under the bar and the one that rings, on which keys act.
//
//	█ up 00:38 Bob   ◆ rings 00:04 Carol   a answer  e end
type stripView struct {
	situation        // of the phone as it is now
	typing    int    // lines that letters are typed into, one over another
	keys      []hint // for its calls
}

// stripKeys is the width from which the strip names the keys of its calls, and not the last
// line.
const stripKeys = 60

// stripped reports whether the strip names a key.
func (s situation) stripped(b *binding) bool {
	return b.about != nil && s.top > 1 && s.w >= stripKeys && s.mode&screenModes != 0
}

// strips reports whether the calls need the strip.
func (s situation) strips(over mode) bool {
	switch {
	case len(s.phone.fold.Calls) == 0:
		return false
	case s.running: // which has the keys
		return s.phone.fold.Ringing() != nil
	case s.inLadder || s.paused || s.past || s.zoom != noPanel && s.zoom != callPanel || over&messageMode != 0:
		return true
	case s.mode != mainMode: // an overlay may hide them; the last line names the one under the bar
		return s.phone.fold.Ringing() != nil
	}
	return !s.listed
}

// onScreen reports whether a call can be seen: those of the strip are always there.
func (s situation) onScreen(c *event.CallRow) bool {
	bar, ring := s.call(), s.ringing()
	return s.listed || bar != nil && bar.ID == c.ID || ring != nil && ring.ID == c.ID
}

// called is the name of a call; "" if there is none.
func (s scene) called(c *event.CallRow) string {
	if c == nil {
		return ""
	}
	return s.name(c)
}

// everybody are the names of those who are in a call or ring.
func (s scene) everybody() string {
	var names []string
	for i := range s.fold.Calls {
		if i == 3 {
			names = append(names, fmt.Sprintf("%d more", len(s.fold.Calls)-i))
			break
		}
		names = append(names, s.name(&s.fold.Calls[i]))
	}
	return strings.Join(names, ", ")
}

func (v stripView) draw(c *canvas) {
	r := rect{0, 1, v.w, 1}
	c.clear(r, onCard)
	l := area{c, r}.line(0)
	l.put(open|onCard, "▌")
	bar, ring := v.call(), v.ringing()
	if bar == nil {
		return
	}
	if others := len(v.fold.Calls) - 1; ring != nil && ring.ID != bar.ID && others > 1 || ring == nil && others > 0 {
		if ring != nil {
			others--
		}
		l.right(dim|onCard, fmt.Sprintf(" +%d ", others))
	}
	v.one(l, bar)
	if ring != nil && ring.ID != bar.ID {
		v.one(l.gap(2), ring)
	}
	v.hints(l.gap(2))
}

// one is a call: what it does, for how long, and who it is.
func (v stripView) one(l *pen, c *event.CallRow) {
	word, ink, glyph, since := callView{scene: v.scene}.callLook(c)
	if c.Rings() && c.Ended == 0 {
		glyph, ink = v.glyphs.of(picture.Posted), banner
	}
	if c.Ended == 0 {
		word += " " + event.Clock(v.now-since)
	}
	l.put(ink|strong|onCard, glyph+" ").put(ink|onCard, word+" ").put(strong|onCard, v.name(c))
	if w := v.oneWay(c); w.Dead() {
		l.gap(1).whole(text|strong|onLate, " "+w.Tag()+" ")
	}
}

// hints are the keys, as far as they fit.
func (v stripView) hints(l *pen) {
	if v.typing > 0 {
		if v.ringing() != nil {
			l.whole(keycap|onCard, strings.Repeat(v.keyOf("esc")+" ", v.typing)+v.keyOf("answer")).whole(onCard, " answer")
		}
		return
	}
	for _, h := range v.keys {
		if v.w >= stripKeys && ansi.StringWidth(h.key+" "+h.label) <= l.left() {
			l.put(keycap|onCard, h.key).put(onCard, " "+h.label).gap(2)
		}
	}
}
