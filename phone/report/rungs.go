package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A rung is a row of the ladder: a message between the two lifelines, or
// something that happened on the phone.
type rung struct {
	at    time.Duration
	dated bool // whether at is by the phone's clock: another's runs differently
	kind  rungKind
	out   bool
	title string
	note  string
	ink   ink
	state event.Lifecycle // of the app from here on
	raw   string          // of a message, as text
	bytes int
	late  bool // whether it came while the app was suspended
}

type rungKind int

const (
	rungNote    rungKind = iota
	rungMessage          // SIP
	rungPing             // CRLF
	rungMedia            // both ways
	rungCard             // a notification
	rungWake
	rungOther // of somebody else
)

// maxRungs is how many rungs a ladder draws.
const maxRungs = 400

// hasText reports whether the page shows the rung as text.
func (g rung) hasText() bool { return g.kind == rungMessage && g.raw != "" }

// A ladder is what the SIP ladder is drawn from.
type ladder struct {
	me, server string // the ends of the control socket
	first      event.Lifecycle
	rungs      []rung
	over       int // rungs that were left out
	unwritten  int // and how many of them are messages
}

// newLadder reads the rungs of one phone from the records of a test case;
// before are those that came earlier, for where things stood.
func newLadder(before, records []event.Record, phone string) *ladder {
	l := &ladder{me: phone}
	local, remote := "", ""
	state := event.Lifecycle("")
	for _, r := range before {
		if r.Phone == phone {
			state, local, remote = follow(r.Event, state, local, remote)
		}
	}
	l.first = state
	frame := false
	for _, r := range records {
		if f, ok := r.Event.(event.Frame); ok && r.Phone == phone {
			l.wokenBy(f)
			frame = f.Bytes > 0
		}
		g, ok := rungOf(r, phone, &frame)
		if r.Phone == phone {
			state, local, remote = follow(r.Event, state, local, remote)
			l.wokenTo(state)
		}
		if !ok {
			continue
		}
		if len(l.rungs) == maxRungs {
			l.over++
			if g.hasText() {
				l.unwritten++
			}
			continue
		}
		g.state, g.dated = state, r.Phone == phone
		l.rungs = append(l.rungs, g)
	}
	l.me, l.server = joinWord(phone, event.Printable(local)), event.Printable(remote)
	return l
}

// wokenBy says of the wake before it what had arrived.
func (l *ladder) wokenBy(f event.Frame) {
	n := len(l.rungs)
	if n > 0 && l.rungs[n-1].kind == rungWake {
		l.rungs[n-1].title = event.Printable("woken by " + f.What)
	}
}

// wokenTo gives the wake before it the state that it led to.
func (l *ladder) wokenTo(state event.Lifecycle) {
	if n := len(l.rungs); n > 0 && l.rungs[n-1].kind == rungWake {
		l.rungs[n-1].state = state
	}
}

func joinWord(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}

// follow keeps the app's state and the ends of its control socket.
func follow(e event.Event, state event.Lifecycle, local, remote string) (event.Lifecycle, string, string) {
	switch e := e.(type) {
	case event.State:
		return e.To, local, remote
	case event.Start:
		return state, local, e.Server
	case event.Socket:
		if e.Name == "control" && e.Phase == "open" {
			return state, e.Local, e.Remote
		}
	}
	return state, local, remote
}

// rungOf is the rung of a record; ok is false if it has none. frame says
// whether the next message is what had woken the app.
func rungOf(r event.Record, phone string, frame *bool) (g rung, ok bool) {
	if r.Phone != phone {
		return otherRung(r)
	}
	g = rung{at: r.Device, ink: dim}
	switch e := r.Event.(type) {
	case event.Data:
		g = dataRung(r.Device, e)
		if *frame && !e.Out {
			g.note, g.ink, g.late = "arrived while the app was suspended", woken, true
		}
		*frame = false
	case event.Message:
		g = messageRung(r.Device, e)
		if *frame && !e.Out {
			g.note, g.ink, g.late = "arrived while the app was suspended", woken, true
		}
		*frame = false
	case event.Ping:
		g.kind, g.out, g.title, g.note = rungPing, e.Out, "ping", cmp.Or(e.What, "CRLF CRLF")
	case event.Pong:
		g.kind, g.out, g.title = rungPing, e.Out, "pong"
		if e.RTT > 0 {
			g.note = "after " + e.RTT.String()
		}
	case event.Media:
		return mediaRung(g, e)
	case event.Notification:
		g.kind, g.ink = rungCard, banner
		g.title, g.note = e.Text()
		g.out = e.Phase == "posted" || e.Phase == "updated" // a full sign
		if e.Phase == "missed" || e.Phase == "expired" || e.Phase == "refused" {
			g.ink = fault
		}
	default:
		return lifeRung(g, r.Event)
	}
	return g, true
}

func messageRung(at time.Duration, e event.Message) rung {
	g := rung{at: at, kind: rungMessage, out: e.Out, title: titleOf(e), ink: text, raw: e.Raw, bytes: e.Bytes}
	if !e.Out && e.Status >= 400 && e.Status != 401 && e.Status != 407 { // those two ask for credentials
		g.ink, g.note = fault, "refused"
	}
	if e.Segments > 1 {
		g.note = fmt.Sprintf("in %d segments", e.Segments)
	}
	return g
}

// dataRung is a frame of a protocol that is not SIP.
func dataRung(at time.Duration, e event.Data) rung {
	g := rung{at: at, kind: rungMessage, out: e.Out, title: event.Printable(e.What), ink: text, raw: cmp.Or(e.Raw, e.Hex), bytes: e.Bytes}
	switch {
	case e.Segments > 1:
		g.note = fmt.Sprintf("in %d segments", e.Segments)
	case e.Sharing > 1:
		g.note = fmt.Sprintf("one of %d in a read", e.Sharing)
	}
	return g
}

// titleOf is a message in two or three words.
func titleOf(e event.Message) string {
	s := e.Method
	if e.Status != 0 {
		s = fmt.Sprintf("%d %s", e.Status, e.Reason)
	}
	if e.SDP {
		s += " (SDP)"
	}
	return event.Printable(s)
}

func mediaRung(g rung, e event.Media) (rung, bool) {
	g.kind, g.ink, g.title = rungMedia, talk, "RTP "+e.Codec
	switch e.Phase {
	case "start":
		g.note = e.Local + " ⇄ " + e.Remote
	case "stop":
		g.kind, g.title = rungNote, "audio stops"
	default:
		return g, false
	}
	return g, true
}

// lifeRung is the rung of what happened on the phone itself.
func lifeRung(g rung, e event.Event) (rung, bool) {
	g.title, g.note = e.Text()
	switch e := e.(type) {
	case event.State:
		if e.From == e.To || e.To == event.Awake || e.To == event.Dead { // the wake says it, or the end
			return g, false
		}
		g.ink = lookOf(e.To).ink
	case event.Wake:
		g.kind, g.ink = rungWake, woken
	case event.Verb:
		g.title, g.note = "› "+e.Line, ""
		g.ink = text
	case event.Killed:
		if !exited(e) {
			g.ink = fault
		}
	case event.Error, event.Reclaim:
		g.ink = fault
	case event.Warning:
		g.ink = woken
	case event.Socket:
		if e.Name != "control" || e.Phase == "connecting" || e.Phase == "securing" {
			return g, false
		}
		if e.Phase != "open" && !e.ByUs() {
			g.ink = fault
		}
	case event.Heard:
		g.ink = talk
	case event.DTMF, event.Lock, event.Launch, event.ClockRate, event.Recovery:
	case event.Check:
		if e.OK {
			return g, false // the list of steps has it
		}
		g.ink = fault
	default:
		return g, false
	}
	return g, true
}

// otherRung is what somebody else did, what they sent and got, or what the
// server says.
func otherRung(r event.Record) (rung, bool) {
	g := rung{kind: rungOther, ink: dim}
	switch e := r.Event.(type) {
	case event.Verb:
		g.title, g.ink = "› "+e.Line, text
		if !strings.HasPrefix(e.Line, r.Phone+" ") {
			g.title = r.Phone + ": " + g.title
		}
	case event.Server:
		g.title, g.note = e.Text()
		g.title = r.Phone + ": " + g.title
	case event.Message:
		if e.Method == "REGISTER" { // theirs has nothing to do with us
			return g, false
		}
		arrow := "←"
		if e.Out {
			arrow = "→"
		}
		g.title = r.Phone + " " + arrow + " " + titleOf(e)
	default:
		return g, false
	}
	return g, true
}
