package picture

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Row is a line of a ladder as it is drawn: a rung, or a time in which nothing passed.
type Row struct {
	*Rung                     // nil: nothing passed
	Before    time.Duration   // when the rung before it was; the same for the first
	Letter    string          // why the app woke since then; "": it did not
	Hand      string          // what the user did since then, by its letter
	Folded    int             // keepalives that it stands for; 0: it is one by itself
	First     uint64          // of those: the record of the first
	Lasted    time.Duration   // of a time in which nothing passed
	Asleep    time.Duration   // of that: for how long the app slept
	State     event.Lifecycle // of the app: of the rung, or for most of the time
	LostSince bool            // since the network forgot the flow, and until the next connection
	Holding   bool            // something lies in the kernel
	Released  bool            // of a message: it waited there until it was read
	LostHere  bool            // a call was lost with it
	Unsure    bool            // or is likely to have been
}

// longPause is how long nothing passes before that is a row (our own number): less is
// the time that messages take.
const longPause = time.Second

// A Show says what of a ladder is drawn.
type Show struct {
	Rung  func(*Rung) bool // nil: all of them
	Pings bool             // each keepalive by itself
}

// Rows are the lines of a ladder. Keepalives that follow each other are one, with the wakes
// that were for them; a wake is the letter of what came of it, and a row only if nothing did.
func Rows(l *Ladder, t *Timeline, show Show) []Row {
	shown := make([]*Rung, 0, len(l.Rungs))
	for i := range l.Rungs {
		if g := &l.Rungs[i]; show.Rung == nil || show.Rung(g) {
			shown = append(shown, g)
		}
	}
	b := rowing{line: t, pings: show.Pings, lost: map[uint64]bool{}, rows: make([]Row, 0, len(shown)+len(shown)/4)}
	for i := range t.Lost {
		if l := t.Lost[i]; l.Seq != 0 {
			b.lost[l.Seq] = l.Certain()
		}
	}
	for i, g := range shown {
		var before, next *Rung
		if i > 0 {
			before = shown[i-1]
		}
		if i+1 < len(shown) {
			next = shown[i+1]
		}
		if !g.saidBy(before, next) {
			b.add(g)
		}
	}
	return b.rows
}

// saidBy reports whether the rung before, or the next, says it: a fault, the flow that was
// forgotten; a wake, what came of it, beside which its letter stands.
func (g *Rung) saidBy(before, next *Rung) bool {
	switch g.Kind {
	case RungFault:
		return before != nil && before.Kind == RungCut && before.At == g.At
	case RungWake:
		return next != nil && next.Kind != RungWake && next.At-g.At < longPause
	}
	return false
}

// Newest is the last rung of those that [Rows] shows, without keepalives that are folded, which
// passes; nil: there is none.
func Newest(l *Ladder, show Show, passes func(*Rung) bool) *Rung {
	var g, next *Rung
	is := func(before *Rung) bool {
		return g != nil && passes(g) && (show.Pings || g.Kind != RungPing) && !g.saidBy(before, next)
	}
	for i := range l.Rungs {
		before := &l.Rungs[len(l.Rungs)-1-i]
		switch {
		case show.Rung != nil && !show.Rung(before):
			continue
		case is(before):
			return g
		}
		g, next = before, g
	}
	if is(nil) {
		return g
	}
	return nil
}

// Others is who else is in the rows; of several it is "others", of none "".
func Others(rows []Row) string {
	who := ""
	for i := range rows {
		switch r := &rows[i]; {
		case r.Rung == nil || r.Far.Who == "" || r.Far.Who == who:
		case who != "":
			return "others"
		default:
			who = r.Far.Who
		}
	}
	return who
}

// rowing makes rows of rungs.
type rowing struct {
	line  *Timeline
	pings bool
	lost  map[uint64]bool // the records with which calls were lost, and whether that is certain
	rows  []Row
	cut   bool
	until time.Duration // when what waits in the kernel is read
	held  *Rung         // and what it is
	last  time.Duration // when the last rung was
	told  time.Duration // up to when what is pinned has been told
}

func (b *rowing) add(g *Rung) {
	n := len(b.rows)
	if !b.pings && g.Kind == RungPing && n > 0 && b.rows[n-1].Rung != nil && b.rows[n-1].Kind == RungPing {
		b.fold(g)
		return
	}
	first := n == 0
	if first {
		b.last, b.told = g.At, g.At-1
	} else if pause := g.At - b.last; pause >= longPause {
		b.pause(pause, g.At)
	}
	switch {
	case g.Kind == RungCut && !g.Lost():
		b.cut = true
	case g.Kind == RungSocket && g.Ink == Bright:
		b.cut = false
	}
	certain, lost := b.lost[g.Seq]
	row := Row{Rung: g, Before: b.last, State: g.State, LostSince: b.cut, Holding: b.until > g.At, LostHere: lost, Unsure: lost && !certain}
	if g.Kind == RungHeld {
		b.until, b.held = g.heldUntil(), g
	} else {
		row.Released = b.releases(g)
	}
	b.mark(&row, g)
	if g.Kind == RungPing && !b.pings {
		row.First, row.Folded = g.Seq, 1 // a pong alone is of one that is not shown
	}
	b.rows = append(b.rows, row)
	b.last = g.At
}

// releases reports whether a message is what waited in the kernel.
func (b *rowing) releases(g *Rung) bool {
	if b.held == nil || g.Kind != RungMessage || g.Out() || b.held.Held.On || b.held.Held.Dropped {
		return false
	}
	is := b.held.Message.CallID != "" && b.held.Message.CallID == g.Message.CallID || g.Wake != 0 && g.Wake == b.held.Wake
	if is {
		b.held = nil
	}
	return is
}

// mark has a row tell what is pinned to the timeline since the one before. What wakes the
// app comes before the wake.
func (b *rowing) mark(row *Row, g *Rung) {
	until := g.At
	if g.Kind == RungHeld {
		until--
	}
	row.mark(b.line, b.told+1, until)
	b.told = max(b.told, until)
}

// fold adds a keepalive to the last row, which is one already. What is in between is not
// told: it is what was the same before.
func (b *rowing) fold(g *Rung) {
	row := &b.rows[len(b.rows)-1]
	if g.Title == "ping" {
		row.Folded++
	}
	b.mark(row, g)
	row.Rung, row.State = g, g.State
	b.last = g.At
}

// pause is a row for a time in which nothing passed.
func (b *rowing) pause(lasted, until time.Duration) {
	row := Row{Lasted: lasted, Before: b.last, LostSince: b.cut, State: b.line.App.At(b.last), Holding: b.until > b.last}
	if row.Asleep = b.line.App.Length(event.Suspended, b.last, until); row.Asleep > 0 {
		row.State = event.Suspended
	}
	b.rows = append(b.rows, row)
}

// mark has the row tell what is pinned to the timeline from a up to, and including, z.
func (row *Row) mark(t *Timeline, a, z time.Duration) {
	if wakes := Between(t.Wakes, a, z+1); len(wakes) > 0 {
		row.Letter = wakes[len(wakes)-1].Letter
	}
	if hands := Between(t.Hands, a, z+1); len(hands) > 0 {
		row.Hand = string(hands[len(hands)-1].Kind)
	}
}
