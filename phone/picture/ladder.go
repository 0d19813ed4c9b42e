package picture

import (
	"cmp"
	"fmt"
	"iter"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Station is a place on the way between the phone and the others.
type Station int

// The stations.
const (
	App    Station = iota // the phone itself
	Server                // the other end of the control connection
	Others                // somebody whose traffic the phone does not see
)

// A RungKind is what a rung shows.
type RungKind int

// The kinds of rungs.
const (
	RungNote    RungKind = iota // something that happened on the phone
	RungMessage                 // SIP, or a frame of another protocol
	RungPing                    // a keepalive, or its answer
	RungCut                     // what has not come to where it went; or a flow that the network forgot
	RungMedia                   // audio, both ways
	RungCard                    // a notification
	RungWake
	RungProblem // an error or a warning
	RungOther   // something that somebody else did
)

// A Rung is a row of the ladder.
type Rung struct {
	Seq      uint64 // of its record
	At       time.Duration
	Kind     RungKind
	From, To Station // the same for what happened in one place
	Title    string
	Note     string
	Ink      Ink
	State    event.Lifecycle // of the app from here on
	Wake     int             // the wake that its bytes caused: the app slept when they came; 0: none
	Raw      string          // of a message, as text
	Bytes    int
	Sign     Sign           // of a notification
	Problem  *event.Problem // of an error or a warning
	RTP      event.RTP      // of media: what is known by now
}

// length is that of its texts.
func (g *Rung) length() int { return len(g.Title) + len(g.Note) + len(g.Raw) }

// Ours reports whether it happened on the phone, by whose clock At is then.
func (g *Rung) Ours() bool { return g.Kind != RungOther }

// Out reports whether it left the phone.
func (g *Rung) Out() bool { return g.From == App && g.To == Server }

// Lost reports whether it was sent, and has not come to the other end.
func (g *Rung) Lost() bool { return g.Kind == RungCut && g.From != g.To }

// HasText reports whether the rung is a message whose text is known.
func (g *Rung) HasText() bool { return g.Kind == RungMessage && g.Raw != "" }

// Losses says how many packets of the media were lost, of how many; "" if that
// is not known.
func (g *Rung) Losses() string {
	if g.RTP.Received+g.RTP.Lost == 0 {
		return ""
	}
	return fmt.Sprintf("lost %d/%d", g.RTP.Lost, g.RTP.Received+g.RTP.Lost)
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
		if g, ok := otherRung(r); ok {
			g.State = f.Life.State
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
	l.add(g)
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
