package report

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A tape is what the lanes are drawn from: everything about one phone that
// has a length or a place in device time, each kind in a list of its own,
// oldest first.
type tape struct {
	phone string
	end   time.Duration

	app    []span // kind: a [event.Lifecycle]
	idle   []span // how idle the device is; kind: as in [event.DeviceIdle]
	cards  []span // notifications on the screen; kind: how it ended
	socket []span // while the control socket was open
	bound  []span // while the registrar knew the phone
	call   []span // kind: ring, up
	audio  []span // while RTP flowed; kind: the codec

	wakes  []mark // kind: the letter of the cause
	hands  []mark // what a person or a scenario did
	posts  []mark // kind: the phase of a notification
	pushes []mark // kind: the phase of a push
	wire   []mark // kind: in, out
	bounds []mark // registrations; kind: active, failed, lost
	faults []mark // losses, kills and errors

	levels []level
}

// A span is something that lasted.
type span struct {
	stretch
	kind, label string
}

// A mark is something that happened at one moment.
type mark struct {
	at          time.Duration
	kind, label string
}

// A level is a snapshot of the sound levels in dBFS.
type level struct {
	at       time.Duration
	mic, ear float64
}

// newTape reads the records of one phone.
func newTape(records []event.Record, phone string) *tape {
	t := &tape{phone: phone}
	for _, r := range records {
		if r.Phone == phone {
			t.end = max(t.end, r.Device)
			t.apply(r.Device, r.Event)
		}
	}
	for _, list := range []*[]span{&t.app, &t.idle, &t.cards, &t.socket, &t.bound, &t.call, &t.audio} {
		if n := len(*list); n > 0 && (*list)[n-1].to < 0 {
			(*list)[n-1].to = t.end
		}
	}
	return t
}

// begin opens a span, after it has ended the one before.
func begin(list *[]span, at time.Duration, kind, label string) {
	finish(list, at)
	*list = append(*list, span{stretch{at, -1}, kind, label})
}

// finish ends the span that is open.
func finish(list *[]span, at time.Duration) {
	if n := len(*list); n > 0 && (*list)[n-1].to < 0 {
		(*list)[n-1].to = at
	}
}

// isOpen reports whether the last span has not ended yet.
func isOpen(list []span) bool { return len(list) > 0 && list[len(list)-1].to < 0 }

func (t *tape) apply(at time.Duration, e event.Event) {
	switch e := e.(type) {
	case event.State:
		if e.From != e.To {
			begin(&t.app, at, string(e.To), e.Why)
		}
	case event.Wake:
		t.wakes = append(t.wakes, mark{at, e.Cause.Letter(), string(e.Cause)})
	case event.Frame:
		t.frame(e)
	case event.Killed:
		if !exited(e) {
			t.fault(at, "killed")
		}
	case event.Notification:
		t.notification(at, e)
	case event.DeviceIdle:
		t.idleness(at, e)
	case event.Push:
		t.push(at, e)
	case event.Socket:
		t.control(at, e)
	case event.Message:
		t.wire = append(t.wire, mark{at, way(e.Out), titleOf(e)})
	case event.Data:
		t.wire = append(t.wire, mark{at, way(e.Out), event.Printable(e.What)})
	case event.Registration:
		t.registration(at, e)
	case event.Call:
		t.called(at, e)
	case event.Media:
		t.media(at, e)
	case event.Levels:
		t.levels = append(t.levels, level{at, e.Mic, e.Ear})
	case event.Verb:
		t.hands = append(t.hands, mark{at, "verb", e.Line})
	}
}

func (t *tape) idleness(at time.Duration, e event.DeviceIdle) {
	if n := len(t.idle); n > 0 && event.HiddenBy(t.idle[n-1].kind, e.To) {
		return
	}
	begin(&t.idle, at, event.Printable(e.To), event.Printable(e.Why))
}

// push is a step of a push that says where it is.
func (t *tape) push(at time.Duration, e event.Push) {
	if e.Phase != "token" && e.Phase != "handled" {
		t.pushes = append(t.pushes, mark{at, e.Phase, event.Printable(e.Why)})
	}
}

// frame says of the last wake what arrived.
func (t *tape) frame(e event.Frame) {
	n := len(t.wakes)
	if n == 0 {
		return
	}
	w := &t.wakes[n-1]
	w.label = event.Printable(e.What)
	if strings.HasPrefix(e.What, "FIN") || strings.HasPrefix(e.What, "RST") {
		w.kind = "C"
	}
}

// exited reports whether the app ended itself in peace.
func exited(e event.Killed) bool { return e.Code == "" && e.Reason == "exit(0)" }

func (t *tape) fault(at time.Duration, what string) {
	t.faults = append(t.faults, mark{at, "fault", what})
}

func (t *tape) notification(at time.Duration, e event.Notification) {
	t.posts = append(t.posts, mark{at, e.Phase, event.Printable(e.Title)})
	switch e.Phase {
	case "posted", "updated":
		if e.Shown && !isOpen(t.cards) {
			begin(&t.cards, at, "shown", event.Printable(e.Title))
		}
	default:
		finish(&t.cards, at)
	}
}

func (t *tape) control(at time.Duration, e event.Socket) {
	if e.Name != "control" {
		return
	}
	wasOpen := isOpen(t.socket)
	switch e.Phase {
	case "open":
		begin(&t.socket, at, "open", event.Printable(e.Local))
	case "connecting":
	default:
		finish(&t.socket, at)
		if wasOpen && !e.ByUs() || e.Phase == "failed" {
			t.fault(at, "socket "+e.Phase)
		}
	}
}

func (t *tape) registration(at time.Duration, e event.Registration) {
	switch e.Phase {
	case "active":
		if !isOpen(t.bound) {
			begin(&t.bound, at, "bound", "")
		}
	case "failed", "lost", "removed":
		finish(&t.bound, at)
	default:
		return
	}
	t.bounds = append(t.bounds, mark{at, e.Phase, event.Printable(e.Reason)})
}

func (t *tape) called(at time.Duration, e event.Call) {
	switch e.Phase {
	case "incoming", "calling":
		begin(&t.call, at, "ring", event.Printable(e.Who()))
	case "up":
		begin(&t.call, at, "up", event.Printable(e.Who()))
	case "ended":
		finish(&t.call, at)
	}
}

func (t *tape) media(at time.Duration, e event.Media) {
	switch e.Phase {
	case "start":
		begin(&t.audio, at, "rtp", e.Codec)
	case "stop":
		finish(&t.audio, at)
	}
}

// way says which way a message went.
func way(out bool) string {
	if out {
		return "out"
	}
	return "in"
}
