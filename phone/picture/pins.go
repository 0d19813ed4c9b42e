package picture

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// pin takes in what the fold does not keep.
func (t *Timeline) pin(at time.Duration, e event.Event, f *event.Fold) {
	switch e := e.(type) {
	case event.State:
		t.state(at, e)
	case event.Wake:
		t.Wakes = keep(t.Wakes, WakePin{At: at, N: e.N, Letter: e.Cause.Letter(), Label: string(e.Cause)}, t.Limit)
		t.woke(f)
	case event.Frame, event.Tick, event.WakeEnd:
		t.woke(f)
	case event.Killed:
		t.killed(at, e, f)
	case event.Lock:
		t.Hands = keep(t.Hands, Pin[Hand]{at, Locking, ""}, t.Limit)
	case event.Verb:
		t.Verbs = keep(t.Verbs, Pin[string]{at, "verb", brief(e.Line)}, t.Limit)
	case event.Notification:
		t.notification(at, e)
	case event.Push:
		t.push(at, e)
	case event.Network:
		t.Joined.become(at, NetworkName(e.Name), "", t.Limit)
	case event.Fault:
		t.fault(at, f)
	case event.Loss:
		t.lost(f)
	default:
		t.traffic(at, e, f)
	}
}

// traffic takes in what the app exchanges with others.
func (t *Timeline) traffic(at time.Duration, e event.Event, f *event.Fold) {
	switch e := e.(type) {
	case event.Socket:
		t.socket(at, e, f)
	case event.Message:
		t.Wire = keep(t.Wire, Pin[Way]{at, wayOf(e.Out), brief(MessageTitle(e))}, t.Limit)
	case event.Data:
		t.Wire = keep(t.Wire, Pin[Way]{at, wayOf(e.Out), brief(e.What)}, t.Limit)
	case event.Registration:
		t.registration(at, e)
	case event.Media:
		t.media(at, e)
	case event.Audio:
		t.sounds(f.Revision, at, e)
	case event.RTP:
		t.rtp(f.Revision, at, e)
	}
}

// state pins what the user did to the app.
func (t *Timeline) state(at time.Duration, e event.State) {
	switch {
	case e.From == e.To:
	case e.To == event.Entering:
		t.Hands = keep(t.Hands, Pin[Hand]{at, Backgrounded, ""}, t.Limit)
	case e.To == event.Foreground && e.From != "" && e.From != event.Dead:
		t.Hands = keep(t.Hands, Pin[Hand]{at, Opened, ""}, t.Limit)
	}
}

// exited reports whether the app ended itself in peace.
func exited(e event.Killed) bool { return e.Code == "" && e.Reason == "exit(0)" }

// killed is the end of the process. The registrar is not told.
func (t *Timeline) killed(at time.Duration, e event.Killed, f *event.Fold) {
	if !exited(e) {
		word := strings.TrimSpace("killed " + event.Printable(e.Code))
		t.Faults = keep(t.Faults, Pin[FaultKind]{at, Killed, word}, t.Limit)
	}
	if b := f.Registration; b.Phase == event.RegistrationLost && b.At == at {
		t.Bindings = keep(t.Bindings, Pin[BindingPhase]{at, "lost", brief(b.Reason)}, t.Limit)
	}
	t.Audio.end(at)
	t.woke(f)
}

// notification pins what is seen of a notification: one that the app was not
// told to show, because it is on the screen itself, is not seen.
func (t *Timeline) notification(at time.Duration, e event.Notification) {
	if e.Shown || PostSign(Post(e.Phase)) == Missed {
		t.Posts = keep(t.Posts, Pin[Post]{at, Post(e.Phase), brief(e.Title)}, t.Limit)
	}
}

// push pins a step of a push that says where it is.
func (t *Timeline) push(at time.Duration, e event.Push) {
	if e.Phase != event.PushToken && e.Phase != event.PushHandled {
		t.Pushes = keep(t.Pushes, Pin[Push]{at, Push(e.Phase), brief(e.Why)}, t.Limit)
	}
}

// sent pins a push that a server has sent to the phone's token. The record is
// the server's, whose device time is another.
func (t *Timeline) sent(r event.Record, f *event.Fold) {
	if v, ok := r.Event.(event.Verb); ok {
		t.ordered(r, v, f)
	}
	if e, ok := r.Event.(event.Push); ok && e.Phase == event.PushSent && e.Token != "" && e.Token == f.Pushes.Token {
		t.push(f.Now(r.Wall), e)
	}
}

// ordered pins what the lab or a robot of it is told: its line is a sentence about the robot. Other
// phones have a timeline of their own.
func (t *Timeline) ordered(r event.Record, v event.Verb, f *event.Fold) {
	if about, ok := strings.CutPrefix(v.Line, r.Phone+" "); ok {
		t.Orders = keep(t.Orders, Pin[Ordered]{f.Now(r.Wall), Ordered(r.Phone), brief(r.Phone + " " + about)}, t.Limit)
	} else if r.Phone == event.LabName {
		t.Orders = keep(t.Orders, Pin[Ordered]{f.Now(r.Wall), Ordered(r.Phone), brief(v.Line)}, t.Limit)
	}
}

// fault follows what is broken of the link.
func (t *Timeline) fault(at time.Duration, f *event.Fold) {
	last := ""
	if n := len(f.Faults); n > 0 {
		last = f.Faults[n-1].Name
	}
	t.Broken.become(at, FaultName(last), "", t.Limit)
}

func (t *Timeline) socket(at time.Duration, e event.Socket, f *event.Fold) {
	if e.Name != "control" {
		return
	}
	if e.Phase == event.SocketOpen {
		t.Socket.begin(at, Open, brief(e.Local), t.Limit)
	}
	if lost := f.Socket.Losses > t.losses; lost || e.Phase == event.SocketFailed {
		t.losses = f.Socket.Losses
		t.Faults = keep(t.Faults, Pin[FaultKind]{at, SocketLost, "socket " + event.Printable(string(e.Phase))}, t.Limit)
	}
}

func (t *Timeline) registration(at time.Duration, e event.Registration) {
	switch e.Phase {
	case event.RegistrationActive, event.RegistrationFailed, event.RegistrationLost, event.RegistrationRemoved:
		t.Bindings = keep(t.Bindings, Pin[BindingPhase]{at, BindingPhase(e.Phase), brief(e.Reason)}, t.Limit)
	}
}

func (t *Timeline) media(at time.Duration, e event.Media) {
	switch e.Phase {
	case event.MediaStart:
		t.Audio.begin(at, Flowing, brief(e.Codec), t.Limit)
	case event.MediaStop:
		t.Audio.end(at)
	}
}

// wayOf says which way a message went.
func wayOf(out bool) Way {
	if out {
		return Out
	}
	return In
}

// maxLabel bounds a label, in bytes: what a peer sends may be as long as it likes.
const maxLabel = 256

// brief is a text as a label.
func brief(s string) string { return event.Brief(event.Printable(s), maxLabel) }
