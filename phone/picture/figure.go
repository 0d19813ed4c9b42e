package picture

import (
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Figure is how a row of a ladder is drawn between the lifelines: an arrow, marks, and words
// beside a lifeline.
type Figure struct {
	From, To  Station // of the arrow; the same: there is none
	Both      bool    // it has a head at either end
	Double    bool    // it is no message, but a connection or audio
	Ink       Ink     // of the arrow
	Label     Word    // in it
	Cut       bool    // a cross at the link: the arrow ends there
	Held      bool    // a bar at the kernel
	LostHere  bool    // a call was lost with it
	Unsure    bool    // or is likely to have been
	Beside    Station // where words stand
	Left      Word
	Right     []Word
	Connected string // the port of a connection that begins
}

// A Word is words in one ink.
type Word struct {
	Text   string
	Ink    Ink
	Strong bool
}

// Figure is how the row is drawn. The row has a rung.
func (r *Row) Figure() Figure {
	g := r.Rung
	f := Figure{From: g.From, To: g.To, Ink: g.Ink, LostHere: r.LostHere, Unsure: r.Unsure}
	switch g.Kind {
	case RungMessage, RungFar:
		r.message(&f)
	case RungPing:
		r.ping(&f)
	case RungHeld:
		f.Ink, f.Held = Bright, true
		f.Label = Word{g.Title, Text, true}
		f.beside(Kernel, Word{g.HeldWords(), g.Ink, false})
	case RungCut:
		g.cut(&f)
	case RungMedia:
		f.Both, f.Double = true, true
		if g.Unheard() {
			f.Ink = Fault
		}
		f.Label = Word{strings.TrimSpace(g.Title + "  " + g.Losses()), f.Ink, false}
	case RungSocket:
		g.connection(&f)
	case RungFault:
		f.beside(Link, Word{strings.TrimSpace(g.Title + " " + g.Note), g.Ink, false})
	case RungProblem:
		word := "error"
		if g.Problem.Warning {
			word = "warning"
		}
		f.To = f.From
		f.beside(Server, Word{"╳ " + word + ": ", g.Ink, false}, Word{event.Printable(g.Problem.What), Text, true}, Word{": " + event.Printable(g.Problem.Detail), Text, false})
	default:
		f.To = f.From
		f.Beside, f.Left = App, Word{g.Title, g.Ink, false}
	}
	if f.LostHere && !f.Cut && f.From != f.To && len(f.Right) == 0 {
		f.Beside = f.To
	}
	return f
}

// Lost is what stands where a call was lost, or is likely to have been.
func (f *Figure) Lost() string {
	if f.Unsure {
		return "LOST HERE?"
	}
	return "LOST HERE"
}

func (f *Figure) beside(s Station, right ...Word) { f.Beside, f.Right = s, right }

// message is an arrow with its name in it. Of one that waited in the kernel the way there has
// a row of its own.
func (r *Row) message(f *Figure) {
	g := r.Rung
	f.Label = Word{g.Title, Text, true}
	if g.Ink == Fault {
		f.Label = Word{g.Title, Fault, false}
	}
	switch {
	case g.Ink == Fault:
	case g.Wake != 0:
		f.Ink = Woken
	case g.From == App || g.From == Server && g.To == Far:
		f.Ink = Talk
	default:
		f.Ink = Bright
	}
	if r.Released {
		f.From, f.To, f.Held = Kernel, App, true
		f.Label.Text = fmt.Sprintf("%d B", g.Bytes)
	}
}

// ping is a keepalive, or as many as followed each other.
func (r *Row) ping(f *Figure) {
	g := r.Rung
	words := g.Title
	switch {
	case r.Folded > 1:
		words = fmt.Sprintf("%d pings", r.Folded)
	case r.Folded == 1:
		words = "ping"
	}
	if g.Title == "pong" && r.Folded > 0 {
		words += strings.TrimRight(" ⇄ pong "+strings.TrimPrefix(g.Note, "after "), " ")
		f.From, f.To, f.Both = App, Server, true
	}
	f.Ink, f.Label = Faint, Word{words, Dim, false}
}

// cut is what the network has lost, up to there; or a flow that it has forgotten.
func (g *Rung) cut(f *Figure) {
	f.Cut, f.Beside = true, Link
	switch why := (Word{event.Printable(g.Why), Fault, false}); {
	case !g.Lost():
		f.Right = []Word{{"forgets " + g.PortWord(), Fault, false}}
		if g.Silent > 0 {
			f.Left = Word{fmt.Sprintf("%d s silent", g.Silent/time.Second), Fault, false}
		}
		return
	case g.Out():
		f.Left = why
	case !f.LostHere:
		f.Right = []Word{why}
	}
	f.Label = Word{strings.TrimPrefix(g.Title, "swallowed "), Fault, true}
}

// connection is a step of the control connection.
func (g *Rung) connection(f *Figure) {
	switch {
	case g.From == g.To:
		f.Cut = true
		f.beside(Link, Word{strings.TrimSpace(g.Title + " " + g.Note), Fault, false})
	case g.Ink == Bright:
		f.Double, f.Label, f.Connected = true, Word{"connect", Text, true}, g.PortWord()
	default:
		f.Label = Word{strings.TrimPrefix(g.Title, "control socket "), g.Ink, false}
	}
}
