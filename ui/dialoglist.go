package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A dialogList holds the bar in the list of calls, and which of them are in the ladder.
type dialogList struct {
	bar    string          // a Call-ID; "": the newest
	chosen map[string]bool // none: all of them
}

// at is the index of the call under the bar, of those that are listed.
func (k *dialogList) at(list []*picture.Dialog) int {
	return max(0, slices.IndexFunc(list, func(d *picture.Dialog) bool { return d.ID == k.bar && k.bar != "" }))
}

func (k *dialogList) move(list []*picture.Dialog, step int) {
	if len(list) > 0 {
		k.bar = list[max(0, min(len(list)-1, k.at(list)+step))].ID
	}
}

// toggle puts the call under the bar into the ladder, or takes it out; it returns why not.
func (k *dialogList) toggle(list []*picture.Dialog) string {
	if len(list) == 0 {
		return "no call is listed"
	}
	id := list[k.at(list)].ID
	k.bar = id
	if k.chosen[id] {
		delete(k.chosen, id)
		return ""
	}
	if k.chosen == nil {
		k.chosen = map[string]bool{}
	}
	k.chosen[id] = true
	return ""
}

// show has the bar on a call, and the call in the ladder if there are not all.
func (k *dialogList) show(id string) {
	if k.bar = id; len(k.chosen) > 0 {
		k.chosen[id] = true
	}
}

// drawCalls draws the list, or a line about it.
func (d *ladder) drawCalls(c *canvas, s situation, r rect) {
	list := d.listed()
	v := dialogListView{s.scene, d, s.cursor, list}
	switch {
	case r.h == 0:
	case r.h == 1:
		v.line(area{c, r}.line(0).gap(1))
	default:
		box(c, r, "calls", v.note(), d.head(callPart, s), faint)
		v.draw(area{c, r.inset()})
	}
}

// A dialogListView is the list of calls: the first screen of a SIP tool, with what the app was
// doing then.
//
//	      start         with    what became of it   code app then    to 180    talk msg port  id
//	▌● 4  14:24:41.207  ◀ Bob   LOST at the NAT     408  suspended    never       –   4 49512 55ab2…
type dialogListView struct {
	scene
	*ladder
	cursor cursor // of the timeline
	list   []*picture.Dialog
}

func (v dialogListView) note() string {
	s := fmt.Sprint(len(v.list))
	if all := len(v.history.dialogs.List); len(v.list) != all {
		s += fmt.Sprintf(" of %d", all)
	}
	if lost := lossWords(v.fold, true); lost != "" {
		s += " · " + lost
	}
	return s + " · newest first"
}

// line is the list in a line.
func (v dialogListView) line(l *pen) {
	l.put(strong, words.Count(len(v.list), "call"))
	if n := len(v.calls.chosen); n > 0 {
		l.put(dim, fmt.Sprintf(", %d in the ladder", n))
	}
	if lost := lossWords(v.fold, true); lost != "" {
		l.put(dim, " · ").put(fault, lost)
	}
	if len(v.list) > 0 && l.left() > 40 {
		d := v.list[v.calls.at(v.list)]
		l.put(dim, " · "+v.clock(d.At)+" ").put(open, wayOf(d)+" ").put(strong, middle(d.With, l.left()/3)).gap(1)
		for _, part := range v.became(d) {
			l.whole(part.ink, part.words)
		}
	}
}

// callColumns are where the columns of the list begin, for a width.
type callColumns struct{ with, became, code, state, ring, talk, messages, port, id int }

func columnsOf(w int) callColumns {
	c := callColumns{with: 20, became: 34}
	switch {
	case w < 50:
		c.with, c.became = 15, 24
	case w < 100:
		c.with, c.became = 17, 29
	}
	c.id = w
	take := func(n, least int) int {
		if w < least {
			return c.id
		}
		c.id -= n
		return c.id
	}
	id := take(9, 110)
	c.port = take(6, 100)
	c.messages = take(5, 90)
	c.talk = take(7, 96)
	c.ring = take(10, 84)
	c.state = take(11, 60)
	c.code = take(5, 50)
	c.id = id
	return c
}

func (v dialogListView) draw(p area) {
	cols := columnsOf(p.w)
	v.drawHeading(p.line(0), cols)
	if len(v.list) == 0 {
		p.line(1).put(dim, "no call yet")
		return
	}
	at, rows := v.calls.at(v.list), p.h-1
	first := max(0, min(at-rows/2, len(v.list)-rows))
	for i := 0; i < rows && first+i < len(v.list); i++ {
		if first+i == at {
			p.c.put(p.x-1, p.y+1+i, p.x, "▌", open)
		}
		v.drawRow(p.line(1+i), cols, v.list[first+i])
		if v.cursor.before(v.list[first+i].At, 0) {
			p.c.fade(rect{p.x, p.y + 1 + i, p.w, 1})
		}
	}
}

func (v dialogListView) drawHeading(l *pen, c callColumns) {
	became := "what became of it"
	if c.code-c.became < len(became) {
		became = "became"
	}
	for _, h := range []struct {
		at, end int
		name    string
	}{
		{6, c.with, "start"},
		{c.with, c.became, "with"},
		{c.became, c.code, became},
		{c.code, c.state, "code"},
		{c.state, c.ring, "app then"},
		{c.ring + 4, c.talk, "to 180"},
		{c.talk + 3, c.messages, "talk"},
		{c.messages + 1, c.port, "msg"},
		{c.port, c.id, "port"},
		{c.id, l.end - l.start, "id"},
	} {
		if h.at < h.end {
			l.x = l.start + h.at
			l.cut(h.end, dim, h.name)
		}
	}
}

func (v dialogListView) drawRow(l *pen, c callColumns, d *picture.Dialog) {
	ink := text
	if v.lossOf(d) != nil {
		ink = fault
	}
	if v.calls.chosen[d.ID] {
		l.put(open, "●")
	}
	l.at(2).cut(6, dim, fmt.Sprint(d.N))
	when := v.stamp(d.At)
	if c.with < 20 {
		when = v.clock(d.At)
	}
	l.at(6).cut(c.with, ink, when)
	l.at(c.with).put(open, wayOf(d)+" ").cut(c.became-1, ink|strong, event.Printable(d.With))
	l.at(c.became)
	whole := l.end
	l.end = l.start + c.code - 1
	for i, part := range v.became(d) {
		if i == 0 {
			l.middle(part.ink, part.words)
		} else {
			l.whole(part.ink, part.words)
		}
	}
	l.end = whole
	v.drawNumbers(l, c, d)
}

// drawNumbers are the columns that are numbers, right of what became of the call.
func (v dialogListView) drawNumbers(l *pen, c callColumns, d *picture.Dialog) {
	col := func(at, end int, ink style, words string, right bool) {
		if at >= end {
			return
		}
		l.x = l.start + at
		if right {
			l.x = max(l.x, l.start+end-1-ansi.StringWidth(words))
		}
		l.cut(end, ink, words)
	}
	if d.Code != 0 {
		col(c.code, c.state, answerInk(d.Code), fmt.Sprint(d.Code), false)
	}
	state, ink := picture.StateWord(d.State), inkOf(picture.LookOf(d.State).Ink)
	if d.State == event.Suspended {
		ink = woken
	}
	if d.Other {
		state, ink = "several", dim
	}
	col(c.state, c.ring, ink, state, false)
	ringing, ringInk := v.ring(d)
	col(c.ring, c.talk, ringInk, ringing, true)
	col(c.talk, c.messages, text, v.talk(d), true)
	col(c.messages, c.port, dim, fmt.Sprint(d.Messages), true)
	port := strings.Join(d.Ports, ",")
	if len(d.Ports) > 1 {
		port = fmt.Sprint(len(d.Ports), " of")
	}
	col(c.port, c.id, dim, port, false)
	if at := c.id; at < l.end-l.start {
		l.x = l.start + at
		l.middle(dim, event.Printable(d.ID))
	}
}

// ring is how long the phone took to ring.
func (v dialogListView) ring(d *picture.Dialog) (string, style) {
	t, ok := d.ToRinging()
	switch {
	case ok:
		return delay(t), text
	case d.Out || !d.IsCall():
		return "–", dim
	case v.lossOf(d) != nil || d.Over != 0:
		return "never", fault
	}
	return "–", dim
}

// talk is how long it was talked.
func (v dialogListView) talk(d *picture.Dialog) string {
	switch {
	case d.Up == 0:
		return "–"
	case d.Over == 0:
		return event.Clock(v.now - d.Up)
	}
	return event.Clock(d.Over - d.Up)
}

func wayOf(d *picture.Dialog) string {
	if d.Out {
		return "▶"
	}
	return "◀"
}

// lossOf is the loss of a call; nil: it was not lost.
func (v dialogListView) lossOf(d *picture.Dialog) *event.LossRow {
	for i := range v.fold.Losses {
		if v.fold.Losses[i].CallID == d.ID {
			return &v.fold.Losses[i]
		}
	}
	return nil
}

// became is what became of a call, or of another dialog.
func (v dialogListView) became(d *picture.Dialog) []inked {
	if l := v.lossOf(d); l != nil {
		word := "LOST "
		if !l.Certain() {
			word = "likely LOST "
		}
		return []inked{{fault | strong, word + lossPlace(l, v.fold)}}
	}
	if !d.IsCall() {
		return v.request(d)
	}
	e := &d.Call
	sound := v.fold.SoundOf(e.ID)
	switch {
	case d.Up != 0 && sound.Counted && picture.Unheard(&sound.RTP):
		return []inked{heardWays(&sound.RTP)}
	case d.Over == 0 && d.Up != 0:
		return []inked{{talk, "up"}}
	case d.Over == 0 && d.Code >= 300:
		return []inked{{fault, "refused"}}
	case d.Over == 0 && e.ID == 0:
		return []inked{{dim, "not known"}}
	case d.Over == 0:
		return []inked{{talk, event.Printable(string(e.Phase))}}
	case d.Up != 0:
		return []inked{{talk, "talked"}, {dim, ", ended by " + endedBy(&event.CallRow{Call: *e})}}
	case e.Elsewhere != "":
		return []inked{{woken, event.Printable(e.Elsewhere)}}
	case !e.Out && (e.By != "us" || e.Missed):
		return []inked{{woken, "missed"}, {dim, ", cancelled after " + span(d.Over-d.Came)}}
	case !e.Out:
		return []inked{{woken, "declined"}}
	}
	return []inked{{woken, "not answered"}, {dim, unless(e.Reason == "", ", "+event.Printable(e.Reason))}}
}

// request is what became of one that is no call.
func (v dialogListView) request(d *picture.Dialog) []inked {
	switch {
	case d.Cut:
		return []inked{{fault, strings.ToLower(d.Method) + " cut off"}}
	case d.Method == "REGISTER" && d.Accepted > 0:
		n := "registered " + words.Count(d.Accepted, "time")
		if d.Code >= 300 {
			return []inked{{talk, n}, {fault, ", then refused"}}
		}
		return []inked{{talk, n}}
	case d.Code >= 300:
		return []inked{{fault, "refused "}, {dim, event.Printable(d.Reason)}}
	case d.Code >= 200:
		return []inked{{talk, strings.ToLower(d.Method)}}
	}
	return []inked{{dim, strings.ToLower(d.Method) + ", no answer"}}
}
