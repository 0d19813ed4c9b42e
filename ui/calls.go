package ui

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// calls holds the bar: which of the calls the keys act on. It moves by itself from a call
// that is over alone, and that only after a while: a key that comes a moment too late does
// nothing to another call.
type calls struct {
	chosen int // the number of the call under the bar; 0: there is none
}

// lingers is for how long the bar stays on a call that is over (our own number): a hand that
// was about to act on it has stopped by then.
const lingers = 2 * time.Second

func (l *calls) bindings() []binding {
	return []binding{
		{id: "next call", group: phoneGroup, Binding: bind("next call", "c"), modes: screenModes, help: "choose the next call, on which the keys then act", why: alone, do: l.next, shown: []panel{callPanel}},
	}
}

// settle puts the bar on the call that matters most, if it is on none that can still be
// seen, or on one that has been over for a while.
func (l *calls) settle(f *event.Fold, now time.Duration) {
	c := callOf(f, l.chosen)
	switch {
	case len(f.Calls) == 0:
		l.chosen = 0
	case l.chosen == 0 || c == nil || c.Ended != 0 && now-c.Ended >= lingers:
		l.chosen = f.Call().ID
	}
}

// callOf is the call of a number, which may be over; nil if it is not known.
func callOf(f *event.Fold, id int) *event.CallRow {
	for _, list := range [][]event.CallRow{f.Calls, f.Recent} {
		for i := range slices.Backward(list) {
			if list[i].ID == id {
				return &list[i]
			}
		}
	}
	return nil
}

// next puts the bar on the call after it, the first after the last.
func (l *calls) next(s situation) request {
	l.chosen = s.after()
	return nil
}

// after is the number of the call after the one under the bar; 0: there is no other.
func (s scene) after() int {
	rows := s.rows()
	if len(rows) < 2 {
		return 0
	}
	return rows[(s.barAt(rows)+1)%len(rows)].ID
}

// move moves the bar over the calls.
func (l *calls) move(s scene, step int) {
	if rows := s.rows(); len(rows) > 0 {
		l.chosen = rows[max(0, min(len(rows)-1, s.barAt(rows)+step))].ID
	}
}

// rows are the calls that are listed, by their numbers: those that are not over, and the
// one under the bar.
func (s scene) rows() (rows []*event.CallRow) {
	for i := range s.fold.Calls {
		rows = append(rows, &s.fold.Calls[i])
	}
	if c := s.call(); c != nil && c.Ended != 0 {
		rows = append(rows, c)
	}
	slices.SortFunc(rows, func(a, b *event.CallRow) int { return cmp.Compare(a.ID, b.ID) })
	return rows
}

func (s scene) barAt(rows []*event.CallRow) int {
	return slices.IndexFunc(rows, func(c *event.CallRow) bool { return c.ID == s.chosen })
}

// several reports whether more than one call is listed.
func (s scene) several() bool { return len(s.rows()) > 1 }

func amongCalls(s situation) bool { return onMain(s) && s.several() }

func alone(s situation) string { return when(!s.several(), "there is no other call") }

// call is the call under the bar, which may be over; nil if there is none.
func (s scene) call() *event.CallRow {
	if len(s.fold.Calls) == 0 {
		return nil
	}
	if c := callOf(s.fold, s.chosen); c != nil {
		return c
	}
	return s.fold.Call()
}

// current is the call under the bar, if it is not over.
func (s scene) current() *event.CallRow {
	if c := s.call(); c != nil && c.Ended == 0 {
		return c
	}
	return nil
}

// ringing is the call that the key of answering is about: the one under the bar or, if
// that does not ring, the first that does; nil if none does.
func (s scene) ringing() *event.CallRow {
	if c := s.current(); c != nil && c.Rings() {
		return c
	}
	return s.fold.Ringing()
}

// heldCall is a call on hold, one that is not under the bar before the one that is; nil if
// there is none.
func (s scene) heldCall() (held *event.CallRow) {
	for i := range s.fold.Calls {
		if c := &s.fold.Calls[i]; c.Held && c.Connected() && (held == nil || c.ID != s.chosen) {
			held = c
		}
	}
	return held
}

// newest is the newest call that is up, and on hold or not; nil if there is none.
func (s scene) newest(held bool) *event.CallRow {
	for i := range slices.Backward(s.fold.Calls) {
		if c := &s.fold.Calls[i]; c.Held == held && c.Connected() {
			return c
		}
	}
	return nil
}

// talking is the call that the user talks in, and that tones go to.
func (s scene) talking() *event.CallRow { return s.newest(false) }

// connected reports whether the call under the bar is up, held or not.
func (s scene) connected() bool {
	c := s.call()
	return c != nil && c.Connected()
}

// name is what a call is called in a few columns: by its number too, if there is another
// with somebody of that name.
func (s scene) name(c *event.CallRow) string {
	most := 20
	switch {
	case s.w < 60:
		most = 8
	case s.w < wideWidth:
		most = 12
	}
	who := c.Who()
	for i := range s.fold.Calls {
		if other := &s.fold.Calls[i]; other.ID != c.ID && other.Who() == who {
			return middle(who, most) + " (" + strconv.Itoa(c.ID) + ")"
		}
	}
	return middle(who, most)
}

// numbered is a verb about a call, which is named by its number where there are several.
func (s scene) numbered(verb string, c *event.CallRow) string {
	if len(s.fold.Calls) < 2 {
		return verb
	}
	return verb + " " + strconv.Itoa(c.ID)
}
