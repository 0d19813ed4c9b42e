package picture

import (
	"cmp"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Station is a place on the way between the phone and the others.
type Station int

// The stations, from the phone outwards.
const (
	App    Station = iota // the phone itself
	Kernel                // of the phone: its sockets
	Link                  // the network in between
	Server                // the other end of the control connection
	Far                   // somebody whose records are in the same log
	Stations
)

// A RungKind is what a rung shows.
type RungKind int

// The kinds of rungs.
const (
	RungNote    RungKind = iota // something that happened on the phone
	RungMessage                 // SIP, or a frame of another protocol
	RungPing                    // a keepalive, or its answer
	RungHeld                    // what waited in the kernel while the app slept
	RungCut                     // what has not come to where it went; or a flow that the network forgot
	RungMedia                   // audio, both ways
	RungCard                    // a notification
	RungWake
	RungSocket  // a step of the control connection
	RungFault   // a fault of the network, or another network
	RungProblem // an error or a warning
	RungFar     // a message that somebody else has sent, or got
	RungLoss    // a call that was lost: what is derived of it
	RungOther   // something else that somebody else did
)

// A Rung is a row of the ladder.
type Rung struct {
	Seq      uint64 // of its record
	At       time.Duration
	Kind     RungKind
	From, To Station // the same for what happened in one place
	Far      Passage // of a message that somebody else has sent or got, or both have
	Title    string
	Note     string
	Ink      Ink
	State    event.Lifecycle // of the app from here on
	Wake     int             // the wake that its bytes caused: the app slept when they came; 0: none
	Raw      string          // of a message, as text
	Bytes    int
	Segments int            // in which it was read
	Message  Name           // of a message
	Port     string         // of a socket, or of what was lost: our end of it
	Why      string         // of what was lost or forgotten: the fault
	Silent   time.Duration  // of a flow that was forgotten: how long nothing had passed; 0: not known
	Held     Holding        // of what waited
	Sign     Sign           // of a notification
	Problem  *event.Problem // of an error or a warning
	RTP      event.RTP      // of media: what is known by now
}

// A Passage is that of a message at somebody else, by the phone's clock.
type Passage struct {
	Who string // "": nobody else is known to have had it
	Seq uint64 // of their record
	At  time.Duration
}

// A Name tells the message of a rung from others.
type Name struct {
	CallID, Method string // of a response: the method of its request
	Status         int    // 0: it is a request
	CSeq           uint32
	From           string // its address; "": not known
}

// length is that of its texts.
func (g *Rung) length() int {
	return len(g.Title) + len(g.Note) + len(g.Raw) + len(g.Message.CallID) + len(g.Message.From)
}

// Out reports whether it left the phone.
func (g *Rung) Out() bool { return g.From == App && g.To > App }

// Crosses reports whether it went from one place to another.
func (g *Rung) Crosses() bool { return g.From != g.To }

// Lost reports whether it was sent, and has not come to the other end.
func (g *Rung) Lost() bool { return g.Kind == RungCut && g.From != g.To }

// HasRaw reports whether the rung is a message of anybody's whose text is known.
func (g *Rung) HasRaw() bool { return (g.Kind == RungMessage || g.Kind == RungFar) && g.Raw != "" }

// HasText reports whether the rung is a message of the phone whose text is known.
func (g *Rung) HasText() bool { return g.Kind == RungMessage && g.Raw != "" }

// Losses says how many packets of the media were lost, of how many, and how many of ours, as
// far as the far end reports; "" if that is not known.
func (g *Rung) Losses() string {
	var parts []string
	if n := g.RTP.Received + g.RTP.Lost; n > 0 {
		parts = append(parts, fmt.Sprintf("lost %d/%d", g.RTP.Lost, n))
	}
	if g.RTP.FarLost > 0 {
		parts = append(parts, fmt.Sprintf("of ours %d/%d", g.RTP.FarLost, g.RTP.FarOf))
	}
	return strings.Join(parts, ", ")
}

// Unheard reports whether nothing got through in a direction of the media, when it was counted
// last.
func (g *Rung) Unheard() bool { return Unheard(&g.RTP) }

// Unheard reports whether nothing gets through in a direction, by the numbers of a call.
func Unheard(r *event.RTP) bool {
	return r.DeadIn > 0 || r.DeadOut > 0 || r.FarOf > 0 && r.FarLost >= r.FarOf
}

// A Ladder is what went between a phone and its server, one below the other,
// and what happened on the phone meanwhile.
type Ladder struct {
	Phone         string
	Limit         int // of the rungs: the oldest go first; 0: none
	Local, Remote string
	First         event.Lifecycle // of the app before the first rung
	Rungs         []Rung
	Over          int // rungs that were left out at the end
	Unwritten     int // how many of them are messages

	most int // of the first rungs that are kept; 0: no limit
	text int // bytes of the texts of the rungs, at most
}

// maxText bounds the texts of a limited ladder, in bytes.
const maxText = 4 << 20

// LadderOf is the ladder of a part of a log: f is the phone's state before it, and
// after it in the end. It has at most so many rungs, the first; 0: all.
func LadderOf(f *event.Fold, records iter.Seq[event.Record], most int) *Ladder {
	l := &Ladder{Phone: f.Phone, First: f.Life.State, most: most}
	l.ends(f)
	for r := range records {
		f.Apply(r)
		l.Apply(r, f)
	}
	if most > 0 && len(l.Rungs) > most {
		l.leave()
	}
	return l
}

// leave leaves the last rung out.
func (l *Ladder) leave() {
	last := &l.Rungs[len(l.Rungs)-1]
	if l.Over++; last.HasText() {
		l.Unwritten++
	}
	l.Rungs = l.Rungs[:len(l.Rungs)-1]
}

// Apply takes a record into account, which f already has.
func (l *Ladder) Apply(r event.Record, f *event.Fold) {
	if r.Phone != f.Phone {
		if g, ok := otherRung(r, f); ok && !l.arrives(g) {
			l.add(g)
		}
		return
	}
	l.ends(f)
	l.revise(r.Event, f)
	g, ok := rungOf(r.Event, f)
	if !ok {
		return
	}
	g.Seq, g.At, g.State = r.Seq, r.Device, f.Life.State
	switch {
	case g.Kind == RungHeld:
		l.hold(g)
	case !l.continues(g):
		l.add(g)
	}
}

func (l *Ladder) add(g Rung) {
	if l.most > 0 && len(l.Rungs) > l.most { // the last one stays as long as it may change
		l.leave()
	}
	l.Rungs = keep(l.Rungs, g, l.Limit)
	if l.text += g.length(); l.Limit > 0 && l.text > maxText {
		l.Rungs, l.text = event.Newest(l.Rungs, maxText/2, (*Rung).length)
	}
}

// ends are those of the control connection.
func (l *Ladder) ends(f *event.Fold) {
	l.Local = event.Printable(f.Socket.Local)
	l.Remote = event.Printable(cmp.Or(f.Socket.Remote, f.Start.Server))
}

// revise tells earlier rungs what came of them.
func (l *Ladder) revise(e event.Event, f *event.Fold) {
	n := len(l.Rungs)
	if n == 0 {
		return
	}
	last := &l.Rungs[n-1]
	switch e := e.(type) {
	case event.Frame:
		if last.Kind == RungWake {
			last.Title = event.Printable("woken by " + e.What)
		}
	case event.State:
		if last.Kind == RungWake || e.To == event.Dead { // the wake or the end says it
			last.State = f.Life.State
		}
	case event.RTP:
		for i := n - 1; i >= 0; i-- {
			if l.Rungs[i].Kind == RungMedia && l.Rungs[i].RTP.Call == e.Call {
				l.Rungs[i].RTP = e
				return
			}
		}
	}
}

// At is the rung of a record; nil: it has none, or has it no more.
func (l *Ladder) At(seq uint64) *Rung {
	for i := range l.Rungs {
		if g := &l.Rungs[len(l.Rungs)-1-i]; g.Seq == seq || g.Far.Seq == seq && g.Far.Who != "" {
			return g
		}
	}
	return nil
}
