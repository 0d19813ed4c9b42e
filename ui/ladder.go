package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A ladderPart is a part of the view that may have the keys.
type ladderPart int

// The parts.
const (
	rungPart ladderPart = iota
	callPart
	messagePart
)

// ladder is the view of what went between the phone, its server and whoever else is known:
// the list of calls, the ladder of those that were chosen, and a message beside it.
//
//	╭─ calls ──────────────────────────────────────────────╮
//	╭─ ladder ───────────────────────╮╭─ INVITE ◀ server ──╮
//
// Where there is little room, the calls are one line, and the message opens over the ladder.
type ladder struct {
	*messages
	history *history
	calls   dialogList
	marks   []uint64 // of messages to be compared, two at most
	part    ladderPart
	times   ladderTimes
	colours ladderColours
	form    messageForm
	scroll  int    // lines of the message that are above the screen
	wakes   *wakes // of the panel, to begin at one
	losses  *losses
	save    func(callIDs []string) (words string, err error)
}

func (d *ladder) bindings() []binding {
	return []binding{
		{id: "sip", group: viewGroup, modes: mainMode | runMode, Binding: bind("sip", "s"), help: "SIP ladder, and the list of calls; on a wake or a lost call, at its message", foot: unzoomed, do: d.opens},
		{id: "part", group: zoomGroup, modes: ladderMode, Binding: bind("calls", "tab"), help: "the calls, the ladder, the message", foot: always, do: d.nextPart, name: d.partLabel},
		{id: "mark", group: panelGroup, modes: ladderMode, Binding: bind("mark", "space"), help: "put a call into the ladder; mark a message: two are compared", foot: always, do: d.mark, name: d.markLabel},
		{id: "next lost call", group: panelGroup, modes: ladderMode, Binding: bind("next lost", "n"), help: "the next lost call in the ladder", why: hasNotLost, foot: hasLost, do: d.lost(+1)},
		{id: "lost call before", group: panelGroup, modes: ladderMode, Binding: bind("lost before", "N"), help: "the lost call before", why: hasNotLost, do: d.lost(-1)},
		{id: "pings", group: showGroup, modes: ladderMode, Binding: bind("keepalives", "i"), help: "each keepalive in the ladder, or as many as follow each other in a row", foot: always, do: d.togglePings},
		{id: "times", group: showGroup, modes: ladderMode, Binding: bind("times", "D"), help: "times: what lies between, the time of day, since the beginning", foot: always, do: d.nextTimes},
		{id: "colours", group: showGroup, modes: ladderMode, Binding: bind("colours", "C"), help: "colours: by way, by call, by answer", foot: always, do: d.nextColours},
		{id: "save calls", group: keepGroup, modes: ladderMode, Binding: bind("save", "ctrl+s"), help: "save the calls of the ladder as pcapng, for Wireshark and sngrep", why: d.cannotSave, foot: always, do: d.saveCalls},
		{id: "leave", group: leaveGroup, modes: ladderMode | messageMode | eventsMode, Binding: bind("back", "q"), do: goesBack},
	}
}

func hasLost(s situation) bool { return len(s.whole.fold.Losses) > 0 }

func hasNotLost(s situation) string { return when(!hasLost(s), "no call was lost") }

// opened has the ladder have the keys.
func (d *ladder) opened(situation) { d.part = rungPart }

// opens opens the view: of a wake that has the keys, at what it was for.
func (d *ladder) opens(s situation) request {
	w, lost := d.wakes.selected(s.fold), d.losses.at(s)
	switch onMain := s.mode == mainMode; {
	case onMain && lost != nil:
		d.choose(lost.Moment)
		d.calls.show(lost.CallID)
	case onMain && s.focus == wakesPanel && w != nil:
		d.choose(d.cameOf(w))
	case s.past && !(onMain && s.focus == sipPanel):
		d.follow()
	}
	return openReq(ladderMode)
}

// cameOf is the message that has woken the app, or the first that came of it.
func (d *ladder) cameOf(w *event.WakeRow) (seq uint64) {
	for _, g := range slices.Backward(d.history.rungs.Rungs) {
		if g.At < w.At {
			break
		}
		if g.Kind == picture.RungMessage || g.Kind == picture.RungPing || g.Kind == picture.RungWake && seq == 0 {
			seq = g.Seq
		}
		if g.Wake == w.N {
			return g.Seq
		}
	}
	return seq
}

// choose selects a rung.
func (d *ladder) choose(seq uint64) { d.sel, d.scroll = seq, 0 }

func (d *ladder) togglePings(situation) request {
	d.pings = !d.pings
	return nil
}

func (d *ladder) nextTimes(situation) request {
	d.times = (d.times + 1) % allTimes
	return tellReq{dim, "times: " + d.times.String()}
}

func (d *ladder) nextColours(situation) request {
	d.colours = (d.colours + 1) % allColours
	return tellReq{dim, "colours: " + d.colours.String()}
}

// nextPart gives the keys to the next part that is, or can be, on the screen.
func (d *ladder) nextPart(s situation) request {
	d.part = d.after(s)
	return nil
}

func (d *ladder) after(s situation) ladderPart {
	switch {
	case d.part == rungPart:
		return callPart
	case d.part == callPart && d.places(s).message.w > 0:
		return messagePart
	}
	return rungPart
}

func (d *ladder) partLabel(s situation) string {
	return [...]string{"ladder", "calls", "message"}[d.after(s)]
}

// mark puts the call under the bar into the ladder, or takes it out; of the ladder's part it
// marks the message that is pointed at.
func (d *ladder) mark(s situation) request {
	if d.part == callPart {
		if why := d.calls.toggle(d.listed()); why != "" {
			return tellReq{dim, why}
		}
		return nil
	}
	g := d.pointedAt(s)
	if g == nil || !g.HasRaw() {
		return tellReq{dim, "this is no message whose text is known: none can be compared with it"}
	}
	if i := slices.Index(d.marks, g.Seq); i >= 0 {
		d.marks = slices.Delete(d.marks, i, i+1)
		return nil
	}
	if d.marks = append(d.marks, g.Seq); len(d.marks) > 2 {
		d.marks = d.marks[1:]
	}
	if len(d.marks) == 2 {
		return openReq(messageMode)
	}
	return nil
}

func (d *ladder) markLabel(situation) string {
	if d.part == callPart {
		return "into the ladder"
	}
	return "mark"
}

// lost selects a lost call, and the row at which it was lost.
func (d *ladder) lost(step int) func(situation) request {
	return func(s situation) request {
		list := s.whole.fold.Losses
		at := slices.IndexFunc(list, func(l event.LossRow) bool { return l.Moment == d.sel })
		if at < 0 && step > 0 {
			at = len(list) - 1
		}
		l := list[(at+step+len(list))%len(list)]
		d.choose(l.Moment)
		d.part = rungPart
		d.calls.show(l.CallID)
		return nil
	}
}

// ladderPlaces are where the parts of the view are. One with an empty rectangle is not on
// the screen; calls with a height of 1 are a line.
type ladderPlaces struct{ calls, rungs, message rect }

// messageWidth is how wide the message beside the ladder is.
func messageWidth(w int) int {
	switch {
	case w >= 160:
		return w * 2 / 5
	case w >= 140:
		return 54
	}
	return 44
}

func (d *ladder) places(s situation) (p ladderPlaces) {
	whole := rect{0, s.top, s.w, s.bottom - s.top}
	p.rungs = whole
	switch n := len(d.listed()); {
	case whole.h >= 28:
		p.calls = rect{0, whole.y, whole.w, min(n+3, max(6, whole.h/4))}
	case d.part == callPart:
		p.calls, p.rungs = whole, rect{}
		return p
	case whole.h >= 12:
		p.calls = rect{0, whole.y, whole.w, 1}
	}
	p.rungs.y, p.rungs.h = whole.y+p.calls.h, whole.h-p.calls.h
	if s.w >= wideWidth {
		p.message = p.rungs
		p.message.w = messageWidth(s.w)
		p.message.x = s.w - p.message.w
		p.rungs.w -= p.message.w
	}
	return p
}

// listed are the calls that pass the filter, the newest first.
func (d *ladder) listed() (list []*picture.Dialog) {
	for _, g := range slices.Backward(d.history.dialogs.List) {
		if d.letsCall(g) {
			list = append(list, g)
		}
	}
	return list
}

// letsCall reports whether the filter lets a call through. Words may be in any of its
// messages.
func (d *ladder) letsCall(g *picture.Dialog) bool {
	if d.filter.Everything() {
		return true
	}
	text := []string{g.Method, g.With, g.Call.Peer, g.ID, g.Reason}
	for i := range d.history.fold.SIP {
		if r := &d.history.fold.SIP[i]; r.Message.CallID == g.ID {
			text = append(text, d.subject(r).Text)
		}
	}
	return d.filter.Lets(picture.Subject{Methods: g.Methods, Caller: g.With + " " + g.Call.Peer, Code: g.Code, State: g.State, Text: strings.Join(text, " ")})
}

// rows are the rows of the ladder: those of the calls that were chosen or, if none was, of
// all that pass the filter; and what happened to the phone meanwhile.
func (d *ladder) rows() []picture.Row {
	return picture.Rows(&d.history.rungs, &d.history.line, d.show())
}

func (d *ladder) show() picture.Show {
	w := d.choice()
	return picture.Show{Rung: w.Shows, Pings: d.pings}
}

// draw draws the view.
func (d *ladder) draw(c *canvas, s situation) {
	s.scene = s.whole // the ladder has all rows: those after the cursor of the timeline are grey
	p, rows := d.places(s), d.rows()
	d.drawCalls(c, s, p.calls)
	if p.rungs.h > 0 {
		v := ladderView{s.scene, d, s.cursor, rows, d.index(rows, s.cursor)}
		box(c, p.rungs, v.name(), v.note(p.rungs.w), d.head(rungPart, s), faint)
		v.draw(area{c, p.rungs.inset()})
	}
	if p.message.w > 0 {
		messageView{s.scene, d, d.pointedAt(s)}.draw(c, p.message, d.scroll, d.head(messagePart, s))
	}
}

// head is the style of a part's title.
func (d *ladder) head(p ladderPart, s situation) style {
	if d.part == p && s.mode == ladderMode {
		return keycap
	}
	return title
}

// index is that of the selected row: without one, the last before the cursor of the timeline;
// -1: the newest.
func (d *ladder) index(rows []picture.Row, c cursor) int {
	if d.sel == 0 && c.held() {
		at := -1
		for i := range rows {
			if r := &rows[i]; r.Rung != nil && !c.before(r.At, r.Seq) {
				at = i
			}
		}
		return at
	}
	return slices.IndexFunc(rows, func(r picture.Row) bool {
		switch {
		case d.sel == 0 || r.Rung == nil:
			return false
		case r.Folded > 0:
			return d.sel >= r.First && d.sel <= r.Seq
		}
		return r.Seq == d.sel || r.Far.Seq == d.sel && r.Far.Who != ""
	})
}

// pointedAt is the rung that is selected, or else the newest that is shown and has happened at
// the cursor of the timeline; nil: there is none.
func (d *ladder) pointedAt(s situation) *picture.Rung {
	if d.sel != 0 {
		return d.history.rungs.At(d.sel)
	}
	return picture.Newest(&d.history.rungs, d.show(), func(g *picture.Rung) bool { return !s.cursor.before(g.At, g.Seq) })
}

// move moves the selection among the rows of the part that has the keys.
func (d *ladder) move(s situation, step int) {
	switch d.part {
	case callPart:
		d.calls.move(d.listed(), step)
		return
	case messagePart:
		in := d.places(s).message.inset()
		d.scroll = max(0, min(messageView{s.whole, d, d.pointedAt(s)}.beyond(in.w, in.h), d.scroll+step))
		return
	}
	d.scroll = 0
	rows := slices.DeleteFunc(d.rows(), func(r picture.Row) bool { return r.Rung == nil })
	at := d.index(rows, s.cursor)
	d.step(at, len(rows), step, func(i int) uint64 { return rows[i].Seq })
	if s.past && step > 0 && d.sel == 0 && len(rows) > 0 { // what follows is what is at the cursor
		d.sel = rows[max(0, min(len(rows)-1, at+step))].Seq
	}
}

// enter leads on from what is selected: from a call to its first message, from a message to
// its text or, where that is shown, to its moment in the timeline.
func (d *ladder) enter(s situation) request {
	if d.part == callPart {
		return d.enterCall()
	}
	g := d.pointedAt(s)
	switch {
	case g == nil:
		return nil
	case g.Kind == picture.RungProblem:
		return explainReq{}
	case d.places(s).message.w > 0:
		return momentReq(g.At)
	}
	return openReq(messageMode)
}

// enterCall gives the keys to the first message of the call under the bar.
func (d *ladder) enterCall() request {
	list := d.listed()
	if len(list) == 0 {
		return tellReq{dim, "no call is listed"}
	}
	id := list[d.calls.at(list)].ID
	d.part = rungPart
	for _, r := range d.rows() {
		if r.Rung != nil && r.Message.CallID == id {
			d.choose(r.Seq)
			break
		}
	}
	return nil
}

// choice is what was chosen and what the filter leaves of it.
func (d *ladder) choice() picture.Choice {
	w := picture.Choice{Dialogs: &d.history.dialogs, Filter: d.filter, To: picture.Ongoing}
	if len(d.calls.chosen) == 0 && d.filter.Everything() {
		return w
	}
	w.Calls, w.From, w.To = map[string]bool{}, picture.Ongoing, 0
	for _, g := range d.listed() {
		if len(d.calls.chosen) > 0 && !d.calls.chosen[g.ID] {
			continue
		}
		w.Calls[g.ID] = true
		w.From, w.To = min(w.From, g.At), max(w.To, g.Last)
		for i := range d.history.fold.Losses {
			if l := &d.history.fold.Losses[i]; l.CallID == g.ID && l.Cause != 0 {
				w.From = min(w.From, l.CutAt)
			}
		}
	}
	w.From = d.lastPing(w.From)
	return w
}

// lastPing is when the last keepalive before a moment began: it shows how things stood.
func (d *ladder) lastPing(before time.Duration) time.Duration {
	for i := range d.history.rungs.Rungs {
		g := &d.history.rungs.Rungs[len(d.history.rungs.Rungs)-1-i]
		if g.Kind == picture.RungPing && g.At <= before && g.Title == "ping" {
			return g.At
		}
	}
	return before
}

// ladderTimes is what the column of the times says.
type ladderTimes int

// What it may say.
const (
	deltaTimes ladderTimes = iota
	dayTimes
	sinceTimes
	allTimes
)

func (t ladderTimes) String() string {
	return [...]string{"what lies between two rows", "the time of day", "since the first row"}[t]
}

// ladderColours is what the colour of an arrow says.
type ladderColours int

// What it may say.
const (
	wayColours ladderColours = iota
	callColours
	answerColours
	allColours
)

func (c ladderColours) String() string {
	return [...]string{"by way", "by call", "by answer"}[c]
}

// name is in the border of the ladder.
func (v ladderView) name() string { return "ladder" }

// note says what is in it, and what is not.
func (v ladderView) note(w int) string {
	folded, calls := 0, len(v.calls.chosen)
	for _, r := range v.rows {
		folded += r.Folded
	}
	parts := []string{
		unless(v.filter.Everything(), "filter "+middle(v.filter.String(), w/3)),
		unless(calls == 0, words.Count(calls, "call")),
		unless(folded == 0, fmt.Sprintf("%s folded", words.Count(folded, "ping"))),
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}
