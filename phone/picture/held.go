package picture

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Holding is how long something waited in the kernel.
type Holding struct {
	For     time.Duration
	AtLeast bool // it may have been longer, or more bytes
	On      bool // it waits still
	Dropped bool // nobody has read it
}

// heldUntil is when it was read.
func (g *Rung) heldUntil() time.Duration {
	if g.Held.On {
		return Ongoing
	}
	return g.At + g.Held.For
}

// heldWords say how long it waits.
func (g *Rung) heldWords() string {
	h := g.Held
	least := ""
	if h.AtLeast {
		least = "at least "
	}
	switch {
	case h.On:
		return "waits"
	case h.Dropped:
		return "dropped after " + least + event.Round(h.For)
	}
	return "held " + least + event.Round(h.For)
}

// HeldWords say how long what waits in the kernel does, and how much it is.
func (g *Rung) HeldWords() string {
	switch {
	case !g.Held.On:
		return g.heldWords()
	case g.Bytes == 0:
		return "waits, wakes nobody"
	}
	return fmt.Sprintf("%d B wait, wake nobody", g.Bytes)
}

// heldRung is the rung of what waits: from when it came.
func heldRung(e event.Held) Rung {
	g := Rung{Kind: RungHeld, Title: event.Printable(e.What), Ink: Woken, From: Server, To: Kernel, Bytes: e.Bytes, Port: event.Printable(e.Local), Wake: e.Wake}
	_, g.Note = e.Text()
	if e.What == "" {
		g.Title = "data"
	}
	g.Held = Holding{For: e.For.D(), AtLeast: e.AtLeast, On: e.Phase == event.HeldWaiting, Dropped: e.Phase == event.HeldDropped}
	g.Message = Name{CallID: e.CallID, Method: brief(e.What), From: brief(e.From)}
	if g.Held.Dropped {
		g.Ink = Fault
	}
	return g
}

// hold puts what waited where it came: before the wake that it caused, and in the place of
// what was said of it before.
func (l *Ladder) hold(g Rung) {
	for i := range l.Rungs {
		if old := &l.Rungs[i]; old.Kind == RungHeld && old.Held.On && old.Port == g.Port {
			l.text += g.length() - old.length()
			g.At, g.State = old.At, old.State
			*old = g
			return
		}
	}
	g.At = l.wokeAt(g.At - g.Held.For)
	g.State = event.Suspended
	l.add(g)
	n := len(l.Rungs)
	if n == 0 || l.Rungs[n-1].Seq != g.Seq { // there is no room for it
		return
	}
	at := n - 1
	for at > 0 && l.Rungs[at-1].came(g.At) {
		at--
	}
	copy(l.Rungs[at+1:], l.Rungs[at:n-1])
	l.Rungs[at] = g
}

// wokeAt is the moment of the wake that came of what came at a moment: times are kept to the
// microsecond. If there was none, it is that moment.
func (l *Ladder) wokeAt(at time.Duration) time.Duration {
	for _, g := range slices.Backward(l.Rungs) {
		if g.Kind == RungWake && (g.At-at).Abs() <= time.Microsecond {
			return g.At
		}
	}
	return at
}

// came reports whether a rung follows what came at a moment: it happened later, or is the
// wake that came of it.
func (g *Rung) came(at time.Duration) bool {
	return g.At > at || g.At == at && (g.Kind == RungWake || g.Kind == RungNote)
}

// holding is the rung of what waited and has become a message; nil: nothing did.
func (l *Ladder) holding(g *Rung) *Rung {
	if g.Kind != RungMessage || g.Out() || g.Message.CallID == "" {
		return nil
	}
	for i := range l.Rungs {
		o := &l.Rungs[len(l.Rungs)-1-i]
		if o.Kind == RungHeld && o.Message.CallID == g.Message.CallID && o.Message.Method == g.Message.Method && g.Message.Status == 0 && o.At <= g.At {
			return o
		}
	}
	return nil
}
