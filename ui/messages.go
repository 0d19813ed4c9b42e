package ui

import (
	"slices"
	"sort"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A sipLine is a row of the SIP list: a message, or a problem among them.
type sipLine struct {
	seq     uint64
	at      time.Duration
	row     *event.SIPRow
	problem *event.Problem
	cut     *event.CutRow
}

// messages holds what is selected among the messages, for the list and the
// ladder.
type messages struct {
	sel     uint64 // a row's sequence number; 0: the newest
	filter  picture.Filter
	pings   bool // keepalives in the ladder
	dialogs *picture.Dialogs
}

// lines are the messages that pass the filter, with errors and warnings
// where they happened.
func (k *messages) lines(f *event.Fold, pings bool) []sipLine {
	lines := make([]sipLine, 0, len(f.SIP)+len(f.Problems))
	p := 0
	for i := range f.SIP {
		row := &f.SIP[i]
		for ; p < len(f.Problems) && f.Problems[p].At < row.At; p++ {
			lines = k.addProblem(lines, &f.Problems[p])
		}
		if (pings || !isPing(row)) && k.passes(row) {
			lines = append(lines, sipLine{seq: row.Seq, at: row.At, row: row})
		}
	}
	for ; p < len(f.Problems); p++ {
		lines = k.addProblem(lines, &f.Problems[p])
	}
	return k.addCuts(lines, f)
}

// addCuts puts what the network has lost or forgotten where it happened.
func (k *messages) addCuts(lines []sipLine, f *event.Fold) []sipLine {
	for i := range f.Cuts {
		c := &f.Cuts[i]
		if !k.filter.Lets(k.cutSubject(c)) {
			continue
		}
		at := sort.Search(len(lines), func(i int) bool { return lines[i].at > c.At })
		lines = slices.Insert(lines, at, sipLine{seq: c.Seq, at: c.At, cut: c})
	}
	return lines
}

func (k *messages) addProblem(lines []sipLine, p *event.Problem) []sipLine {
	if !k.filter.Plain() || !k.filter.Lets(picture.Subject{Text: p.What + " " + p.Detail}) {
		return lines
	}
	return append(lines, sipLine{seq: p.Seq, at: p.At, problem: p})
}

func isPing(r *event.SIPRow) bool { return r.Message.Method == "ping" || r.Message.Method == "pong" }

// passes reports whether the filter lets a row through.
func (k *messages) passes(r *event.SIPRow) bool {
	return k.filter.Everything() || k.filter.Lets(k.subject(r))
}

// subject is what the filter looks at of a message. Who is at the other end is known of the
// call that it belongs to.
func (k *messages) subject(r *event.SIPRow) picture.Subject {
	e := &r.Message
	s := picture.Subject{
		Methods: []string{e.Method}, Caller: e.From, Code: e.Status, State: r.State,
		Text: sipWhat(r) + " " + e.Method + " " + e.URI + " " + e.From + " " + e.CallID + " " + r.Note.Text,
	}
	if r.Wake != 0 {
		s.State = event.Suspended
	}
	if d := k.dialogs.Of(e.CallID); d != nil {
		s.Caller += " " + d.With
	}
	return s
}

// cutSubject is that of what the network has lost or forgotten.
func (k *messages) cutSubject(c *event.CutRow) picture.Subject {
	e := &c.Swallowed
	s := picture.Subject{Methods: []string{e.What}, Caller: e.From, Text: e.What + " " + e.From + " " + e.CallID + " " + c.Forgotten.Why}
	if d := k.dialogs.Of(e.CallID); d != nil {
		s.Caller, s.State = s.Caller+" "+d.With, d.State
	}
	return s
}

// lastShown is the index of the line in the last of n rows, so that the
// selected one, of that many, is among them.
func lastShown(lines, selected, n int) int {
	if selected < 0 {
		return lines - 1
	}
	return max(min(lines-1, n-1), min(lines-1, selected+n/2))
}

// index is the index of the selected line; -1 if none is.
func (k *messages) index(lines []sipLine) int {
	return slices.IndexFunc(lines, func(l sipLine) bool { return l.seq == k.sel && k.sel != 0 })
}

// move moves the selection among the messages and problems.
func (k *messages) move(f *event.Fold, pings bool, step int) {
	lines := k.lines(f, pings)
	k.step(k.index(lines), len(lines), step, func(i int) uint64 { return lines[i].seq })
}

// step moves the selection in a list of n from line at, or without one from the end, where
// it follows.
func (k *messages) step(at, n, step int, seq func(i int) uint64) {
	switch {
	case n == 0 || at < 0 && step > 0:
		return
	case at < 0:
		at = n
	}
	if at += step; at >= n {
		k.follow()
		return
	}
	k.sel = seq(max(0, at))
}

// follow selects the newest, whichever that is.
func (k *messages) follow() { k.sel = 0 }

// pointed is the selected line; ok is false if none is.
func (k *messages) pointed(f *event.Fold) (p spot, ok bool) {
	if row, is := k.selected(f); is && k.sel != 0 {
		return spot{seq: row.Seq, from: row.At, to: row.At + 1, at: row.At, where: "at this message"}, true
	}
	return spot{seq: k.sel, where: "here"}, k.sel != 0
}

// selected is the selected message, the newest if nothing is selected; there
// is none if a problem is.
func (k *messages) selected(f *event.Fold) (*event.SIPRow, bool) {
	var last *event.SIPRow
	for i := range f.SIP {
		r := &f.SIP[i]
		if r.Seq == k.sel {
			return r, true
		}
		if k.pings || !isPing(r) {
			last = r
		}
	}
	return last, last != nil && k.sel == 0
}
