package picture

import (
	"cmp"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Stop is a station on the way of a message, and whether that came there.
type Stop struct {
	Station Station
	Who     string // of Far: whose records say so
	Reached Reach
	At      time.Duration // of Came: when it was there; 0: not known
	Words   string
}

// Reach is whether a message came to a station.
type Reach int

// What may be known of that.
const (
	Unsaid Reach = iota // nothing says whether it did
	Came
	CutThere
	Never
)

// Way is how far the message of a rung came: from who sent it to who should have had it.
// None if it is not told from others. Stations of which the log says nothing are said to be
// so; somebody whose records are not in the log is left out.
func (l *Ladder) Way(g *Rung) []Stop {
	if g.Message.CallID == "" {
		return nil
	}
	w := l.seen(g)
	switch {
	case w.mine == nil && w.cut == nil && w.far == nil:
		return nil
	case w.made():
		return w.server()
	case w.inward():
		return w.in()
	}
	return w.out()
}

// sightings are what the log has of one message.
type sightings struct {
	mine, cut *Rung
	far       *Passage
	held      *Rung
	farOut    bool // somebody else has sent it
	answered  bool // the server has answered it
}

// seen looks for a message in the ladder. What was swallowed has no number: it is the same
// request of the same Call-ID.
func (l *Ladder) seen(g *Rung) (w sightings) {
	for i := range l.Rungs {
		o := &l.Rungs[i]
		same := o.Message.same(g.Message) && (o.Seq == g.Seq || o.follows(g))
		switch {
		case o.Message.CallID != g.Message.CallID:
		case o.Kind == RungCut && o.Message.Method == g.Message.Method && g.Message.Status == 0:
			w.cut = o
		case o.Kind == RungFar && (same || g.Kind == RungCut && o.Message.Method == g.Message.Method && o.Message.Status == 0):
			w.far, w.farOut = &o.Far, o.From == Far
		case o.Kind == RungMessage && same:
			w.mine, w.held = o, l.holding(o)
			if o.Far.Who != "" {
				w.far, w.farOut = &o.Far, o.From == Far
			}
		case o.Kind == RungMessage && o.From == Server && o.Message.Status != 0 && o.Message.CSeq == g.Message.CSeq && o.Message.Method == g.Message.Method:
			w.answered = true
		}
	}
	return w
}

// follows reports whether two rungs of one name are one message on its way. Of what each hop
// makes by itself that is so only of a CANCEL to the phone: a proxy sends it because it had one.
func (g *Rung) follows(o *Rung) bool {
	return g.Message.passedOn() || g.Message.Status == 0 && g.toUs() && o.toUs()
}

// toUs reports whether a message goes, or should have gone, to the phone.
func (g *Rung) toUs() bool { return g.From == Far || g.To == App }

// made reports whether a message is the server's, as far as is known: somebody else has got
// it, and the phone has neither sent it nor seen anything of it.
func (w *sightings) made() bool { return w.mine == nil && w.cut == nil && !w.farOut }

// server is the way of what the server has sent by itself: the phone has no part in it.
func (w *sightings) server() []Stop {
	return []Stop{{Station: Server, Reached: Came, Words: "sent"}, {Station: Far, Who: w.far.Who, Reached: Came, At: w.far.At, Words: "got it"}}
}

func (w *sightings) inward() bool {
	switch {
	case w.mine != nil:
		return !w.mine.Out()
	case w.cut != nil:
		return !w.cut.Out()
	}
	return w.farOut
}

// in is the way to the phone.
func (w *sightings) in() (stops []Stop) {
	if w.far != nil {
		stops = append(stops, Stop{Station: Far, Who: w.far.Who, Reached: Came, At: w.far.At, Words: "sent"})
	}
	server, link, kernel, app := Stop{Station: Server}, Stop{Station: Link}, Stop{Station: Kernel}, Stop{Station: App}
	switch {
	case w.mine != nil:
		server.Reached, link.Reached, kernel.Reached = Came, Came, Came
		if w.held != nil {
			kernel.At, kernel.Words = w.held.At, w.held.heldWords()
		}
		app.Reached, app.At, app.Words = Came, w.mine.At, "read"
		if w.mine.Wake != 0 {
			app.Words = "read, it woke the app"
		}
	case w.cut != nil:
		server.Reached, server.At, server.Words = Came, w.cut.At, "to "+port(w.cut.Port)
		link.Reached, link.Words = CutThere, w.cut.Why
		kernel.Reached, app.Reached = Never, Never
		app.Words = asleepOr(w.cut.State)
	default:
		server.Words, link.Words = "nothing of it was seen to leave", "not seen"
		kernel.Reached, app.Reached = Never, Never
	}
	return append(stops, server, link, kernel, app)
}

// out is the way from the phone. That it came to the server is known of what was answered,
// or came to somebody else.
func (w *sightings) out() []Stop {
	sent := cmp.Or(w.mine, w.cut)
	app := Stop{Station: App, Reached: Came, At: sent.At, Words: "sent"}
	kernel, link, server := Stop{Station: Kernel, Reached: Came}, Stop{Station: Link}, Stop{Station: Server}
	switch {
	case w.far != nil || w.answered:
		link.Reached, server.Reached = Came, Came
	case w.cut != nil:
		link.Reached, link.Words, server.Reached = CutThere, w.cut.Why, Never
	}
	stops := []Stop{app, kernel, link, server}
	if w.far != nil {
		stops = append(stops, Stop{Station: Far, Who: w.far.Who, Reached: Came, At: w.far.At, Words: "got it"})
	}
	return stops
}

func asleepOr(s event.Lifecycle) string {
	if s == event.Suspended {
		return "asleep"
	}
	return ""
}
