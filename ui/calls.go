package ui

import (
	"slices"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// calls is which of several calls is shown, and acted on by the keys.
type calls struct {
	chosen int // the number of a call; 0, or one that is over: the one that matters most
}

func (l *calls) bindings() []binding {
	return []binding{
		{id: "next call", group: panelGroup, Binding: bind("next call", "c"), help: "show another call, which the keys then act on", why: alone, foot: amongCalls, do: l.next, shown: []panel{callPanel}},
	}
}

func (l *calls) follow() { l.chosen = 0 }

// next shows the call after the one that is shown.
func (l *calls) next(s situation) request {
	list := s.fold.Calls
	shown := s.call()
	for i := range list {
		if shown == &list[i] {
			l.chosen = list[(i+1)%len(list)].ID
			break
		}
	}
	return nil
}

// several reports whether there is more than one call.
func (s scene) several() bool { return len(s.fold.Calls) > 1 }

func amongCalls(s situation) bool { return onMain(s) && s.several() }

func alone(s situation) string { return when(!s.several(), "there is no other call") }

// call is the call that is shown; nil if there is none.
func (s scene) call() *event.CallRow {
	for i := range s.fold.Calls {
		if c := &s.fold.Calls[i]; c.ID == s.chosen {
			return c
		}
	}
	return s.fold.Call()
}

// numbered is a verb about a call, which is named where there are several.
func (s scene) numbered(verb string, c *event.CallRow) request {
	if c == nil || !s.several() {
		return sayReq(verb)
	}
	return sayReq(verb + " " + strconv.Itoa(c.ID))
}

// ringing is the call that the key of answering is about: the one that is shown
// or, where nobody has chosen one, that rings; nil if there is none.
func (s scene) ringing() *event.CallRow {
	c := s.call()
	switch {
	case c == nil || c.Rings():
		return c
	case s.chosen == c.ID:
		return nil
	}
	return s.fold.Ringing()
}

// heldCall is a call on hold that is not the one that is shown; nil if there is
// none.
func (s scene) heldCall() *event.CallRow {
	shown := s.call()
	for i := range s.fold.Calls {
		if c := &s.fold.Calls[i]; c != shown && c.Held && c.Connected() {
			return c
		}
	}
	return nil
}

// swap takes the call back that is on hold.
func swap(s situation) request { return s.numbered("swap", s.heldCall()) }

// newest is the newest call that is up, and on hold or not; nil if there is none.
func (s scene) newest(held bool) *event.CallRow {
	for i := range slices.Backward(s.fold.Calls) {
		if c := &s.fold.Calls[i]; c.Held == held && c.Connected() {
			return c
		}
	}
	return nil
}

// transferHeld hands the call on hold over to the one that is up, whichever is
// shown, and asks: both are gone then. They are the ones that the verb takes.
func transferHeld(s situation) request {
	return askReq{"Transfer " + s.newest(true).Who() + " to " + s.newest(false).Who() + "?", "attended transfer"}
}

func noTransfer(s situation) string {
	if no := when(s.newest(true) == nil, "no call is on hold"); no != "" {
		return no
	}
	return when(s.newest(false) == nil, "no call is up: all are on hold")
}

func noneHeld(s situation) string { return when(s.heldCall() == nil, "no other call is on hold") }

// rowsOther are the calls that are not shown, one a line.
func (v callView) rowsOther() (rows []func(*pen)) {
	shown := v.call()
	for i := range v.fold.Calls {
		if c := &v.fold.Calls[i]; c != shown {
			rows = append(rows, func(l *pen) { v.rowOther(l, c) })
		}
	}
	return rows
}

func (v callView) rowOther(l *pen, c *event.CallRow) {
	word, ink, glyph, since := v.callLook(c)
	l.put(dim, strconv.Itoa(c.ID)+" ").put(ink, glyph+" "+word+" "+event.Clock(v.now-since)).gap(2)
	v.as(l, c.Account).put(text, c.Who())
}
