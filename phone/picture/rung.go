package picture

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// rungOf is the rung of something that happened on the phone; ok is false if
// it has none.
func rungOf(e event.Event, f *event.Fold) (g Rung, ok bool) {
	switch e := e.(type) {
	case event.Message, event.Data, event.Ping, event.Pong:
		return wireRung(e, f), true
	case event.Media:
		return mediaRung(e)
	case event.Swallowed, event.Mapping:
		return cutRung(e, f)
	case event.Held:
		return heldRung(e), true
	case event.Fault, event.Network:
		return faultRung(e), true
	case event.Notification:
		g.Kind, g.Sign = RungCard, PostSign(Post(e.Phase))
		g.Ink = g.Sign.Ink()
		g.Title, g.Note = e.Text()
		return g, true
	}
	return lifeRung(e, f)
}

// wireRung is the rung of what went over the control connection.
func wireRung(e event.Event, f *event.Fold) Rung {
	var g Rung
	switch e := e.(type) {
	case event.Message:
		g = Rung{Kind: RungMessage, Title: MessageTitle(e), Ink: Text, Raw: e.Raw, Bytes: e.Bytes, Segments: e.Segments, Message: nameOf(e)}
		g.Note = segments(e.Segments)
		g.cross(e.Out)
	case event.Data:
		g = Rung{Kind: RungMessage, Title: event.Printable(e.What), Ink: Text, Raw: cmp.Or(e.Raw, e.Hex), Bytes: e.Bytes, Segments: e.Segments}
		g.Message = Name{CallID: e.CallID, Method: g.Title, From: brief(e.From)}
		g.Note = segments(e.Segments)
		if g.Note == "" && e.Sharing > 1 {
			g.Note = fmt.Sprintf("one of %d in a read", e.Sharing)
		}
		g.cross(e.Out)
	case event.Ping:
		g = Rung{Kind: RungPing, Title: "ping", Note: event.Printable(cmp.Or(e.What, "CRLF CRLF")), Ink: Dim}
		g.cross(e.Out)
	case event.Pong:
		g = Rung{Kind: RungPing, Title: "pong", Ink: Dim}
		if e.RTT > 0 {
			g.Note = "after " + e.RTT.String()
		}
		g.cross(e.Out)
	}
	g.judge(f)
	return g
}

// cross sends the rung from one side to the other.
func (g *Rung) cross(out bool) {
	g.From, g.To = Server, App
	if out {
		g.From, g.To = App, Server
	}
}

// judge takes over what the fold has found out about the message.
func (g *Rung) judge(f *event.Fold) {
	if len(f.SIP) == 0 {
		return
	}
	switch row := &f.SIP[len(f.SIP)-1]; {
	case row.Wake != 0:
		g.Wake, g.Ink, g.Note = row.Wake, Woken, "arrived while the app was suspended"
	case row.Note.Kind == "fault":
		g.Ink, g.Note = Fault, strings.TrimSuffix(row.Note.Text+", "+g.Note, ", ")
	}
}

func segments(n int) string {
	if n > 1 {
		return fmt.Sprintf("in %d segments", n)
	}
	return ""
}

// nameOf tells a message from others.
func nameOf(e event.Message) Name {
	return Name{CallID: e.CallID, Method: brief(e.Method), Status: e.Status, CSeq: e.CSeq, From: brief(e.From)}
}

// MessageTitle is a message in two or three words.
func MessageTitle(e event.Message) string {
	s := e.Method
	if e.Status != 0 {
		s = fmt.Sprintf("%d %s", e.Status, e.Reason)
	}
	if e.SDP {
		s += " (SDP)"
	}
	return event.Printable(s)
}

func mediaRung(e event.Media) (g Rung, ok bool) {
	switch e.Phase {
	case event.MediaStart:
		g = Rung{Kind: RungMedia, Title: protected(e) + "RTP " + event.Printable(e.Codec), Ink: Talk, To: Server}
		g.Note, g.RTP.Call = e.Local+" ⇄ "+e.Remote, e.Call
	case event.MediaStop:
		g = Rung{Title: "audio stops", Ink: Talk}
	default:
		return g, false
	}
	return g, true
}

// protected is the S of SRTP.
func protected(e event.Media) string {
	if e.SRTP != "" {
		return "S"
	}
	return ""
}

// lifeRung is the rung of what happened on the phone itself.
func lifeRung(e event.Event, f *event.Fold) (g Rung, ok bool) {
	g.Ink = Dim
	g.Title, g.Note = e.Text()
	switch e := e.(type) {
	case event.State:
		if e.From == e.To || e.To == event.Awake || e.To == event.Dead { // the wake says it, or the end
			return g, false
		}
		g.Ink = LookOf(e.To).Ink
	case event.Wake:
		g.Kind, g.Ink = RungWake, Woken
	case event.Verb:
		g.Title, g.Note, g.Ink = "› "+e.Line, "", Text
	case event.Killed:
		if !exited(e) {
			g.Ink = Fault
		}
	case event.Error, event.Warning:
		g.problem(f)
	case event.Reclaim, event.Standstill:
		g.Ink = Fault
	case event.Loss:
		g.Kind, g.Ink = RungLoss, Fault
		return g, e.Phase == event.LossCertain
	case event.Socket:
		return g, g.socket(e)
	case event.Heard:
		g.Ink = Talk
	case event.DTMF, event.Lock, event.Launch, event.ClockRate, event.Recovery, event.Lookup, event.Target:
	case event.Check:
		g.Ink = Fault
		return g, !e.OK // the list of steps has those that held
	default:
		return g, false
	}
	return g, true
}

// cutRung is the rung of what the network has lost of the signalling, or forgotten: what the
// fold keeps of that. Of audio the call's numbers tell.
func cutRung(e event.Event, f *event.Fold) (g Rung, ok bool) {
	if len(f.Cuts) == 0 {
		return g, false
	}
	g.Kind, g.Ink = RungCut, Fault
	g.Title, g.Note = e.Text()
	last := &f.Cuts[len(f.Cuts)-1]
	switch e := e.(type) {
	case event.Swallowed:
		g.cross(e.Out)
		g.Bytes, g.Port, g.Why = e.Bytes, event.Printable(e.Local), brief(e.Why)
		g.Message = Name{CallID: e.CallID, Method: brief(e.What), From: brief(e.From)}
		return g, last.Swallowed == e
	case event.Mapping:
		g.From, g.To, g.Port, g.Why, g.Silent = Link, Link, event.Printable(e.Local), brief(e.Why), e.Idle.D()
		return g, last.Forgotten == e
	}
	return g, false
}

// faultRung is the rung of a change of the network.
func faultRung(e event.Event) Rung {
	g := Rung{Kind: RungFault, From: Link, To: Link, Ink: Dim}
	g.Title, g.Note = e.Text()
	if e, is := e.(event.Fault); is && e.On {
		g.Ink = Fault
	}
	return g
}

// problem is an error, or a warning, of which the fold has just heard.
func (g *Rung) problem(f *event.Fold) {
	g.Kind = RungProblem
	g.Ink = Fault
	if n := len(f.Problems); n > 0 {
		p := f.Problems[n-1]
		g.Problem = &p
		if p.Warning {
			g.Ink = Woken
		}
	}
}

// socket is a step of the control connection that is worth a rung.
func (g *Rung) socket(e event.Socket) bool {
	if e.Name != "control" || e.Phase == event.SocketConnecting || e.Phase == event.SocketSecuring {
		return false
	}
	g.Kind, g.Port = RungSocket, event.Printable(e.Local)
	switch {
	case e.Phase == event.SocketOpen:
		g.Ink, g.To = Bright, Server
	case e.ByUs():
		g.To = Server
	case e.Phase == event.SocketClosed || e.Phase == event.SocketReset:
		g.Ink, g.From = Fault, Server
	default: // it has failed on the way
		g.Ink, g.From, g.To = Fault, Link, Link
	}
	return true
}

// otherRung is what somebody else did, what they sent and got, or what the
// server says. When that was is told by the phone's clock.
func otherRung(r event.Record, f *event.Fold) (Rung, bool) {
	g := Rung{Seq: r.Seq, At: f.Now(r.Wall), State: f.Life.State, Kind: RungOther, Ink: Dim, From: Far, To: Far}
	switch e := r.Event.(type) {
	case event.Verb:
		g.Title, g.Ink = "› "+e.Line, Text
		if !strings.HasPrefix(e.Line, r.Phone+" ") {
			g.Title = r.Phone + ": " + g.Title
		}
	case event.Server:
		g.From, g.To = Server, Server
		g.Title, g.Note = e.Text()
		g.Title = r.Phone + ": " + g.Title
	case event.Message:
		if e.Method == "REGISTER" { // theirs has nothing to do with us
			return g, false
		}
		g.Kind, g.Title, g.Raw, g.Bytes, g.Segments, g.Message = RungFar, MessageTitle(e), e.Raw, e.Bytes, e.Segments, nameOf(e)
		g.From, g.To, g.Far = Server, Far, Passage{r.Phone, r.Seq, g.At}
		if e.Out {
			g.From, g.To = Far, Server
		}
	default:
		return g, false
	}
	return g, true
}
