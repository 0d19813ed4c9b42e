package picture

import (
	"iter"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Timeline is what happened to one phone, on the axis of device time.
type Timeline struct {
	Phone string
	Limit int           // of each list: the oldest entries go first; 0: none
	End   time.Duration // of the last record

	App    Lane[event.Lifecycle]
	Idle   Lane[Idleness] // of the device; empty where it never dozes
	Cards  Lane[CardState]
	Socket Lane[SocketState]
	Bound  Lane[BindingState]
	Call   Lane[CallState]   // labelled with who is at the other end
	Audio  Lane[AudioState]  // labelled with the codec
	Joined Lane[NetworkName] // what joins the phone to the world, from its first change on
	Cut    Lane[CutState]    // while nothing that the server sends gets to the phone; labelled with why
	Broken Lane[FaultName]   // the fault of the link that began last, of those that are on

	Wakes    []WakePin
	Hands    []Pin[Hand]         // what the user did to the phone
	Verbs    []Pin[string]       // what the phone was told, as said
	Posts    []Pin[Post]         // notifications
	Pushes   []Pin[Push]         // those sent to the phone included
	Wire     []Pin[Way]          // messages
	Bindings []Pin[BindingPhase] // what came of registering
	Faults   []Pin[FaultKind]    // what was lost or killed
	Lost     []LossPin           // calls that have not got through
	Sound    []SoundCell         // of calls
	Orders   []Pin[Ordered]      // what the lab and its robots were told, as said
	Former   bool                // the log is of an older version, which did not write the sound of calls

	losses  int         // of the socket, so far
	reports []farReport // of the far ends, oldest first
}

// The states of the lanes, and the kinds of pins. The zero value of a state is
// a gap.
type (
	// Idleness is how idle the device is, as in [event.DeviceIdle].
	Idleness string
	// CardState is that of the notification on the screen.
	CardState string
	// SocketState is that of the connection that carries signalling.
	SocketState string
	// BindingState is that of the registration.
	BindingState string
	// CallState is that of the call that matters most.
	CallState string
	// AudioState is that of the media of a call.
	AudioState string
	// NetworkName is as in [event.Network].
	NetworkName string
	// FaultName is as in [event.Fault].
	FaultName string
	// CutState is that of the way from the server, as only the emulator knows it.
	CutState string
	// CallLoss is how sure it is that a call was lost, as in [event.Loss].
	CallLoss string
	// Hand is something that the user did: its letter.
	Hand string
	// Post is the phase of a notification, as in [event.Notification].
	Post string
	// Push is the phase of a push, as in [event.Push].
	Push string
	// Way is the way that a message went.
	Way string
	// BindingPhase is as in [event.Registration].
	BindingPhase string
	// Ordered is whom of the lab something was told: lab, bob.
	Ordered string
	// FaultKind is what was lost.
	FaultKind string
)

// The values of those that are not the words of events.
const (
	Shown   CardState    = "shown"
	Open    SocketState  = "open"
	IsBound BindingState = "bound"
	Ringing CallState    = "ring"
	Up      CallState    = "up"
	Frozen  CallState    = "frozen" // up, and the app is suspended: nothing is said or heard
	Flowing AudioState   = "rtp"
	IsCut   CutState     = "cut"

	Locking      Hand = "l"
	Backgrounded Hand = "b"
	Opened       Hand = "f"

	In  Way = "in"
	Out Way = "out"

	SocketLost FaultKind = "socket"
	Killed     FaultKind = "killed"
)

// Of is the timeline of one phone of a log, its last runs ended with the last
// record.
func Of(records iter.Seq[event.Record], phone string) *Timeline {
	t, f := &Timeline{Phone: phone}, FoldFor(phone, records)
	for r := range records {
		f.Apply(r)
		t.Apply(r, f)
	}
	t.finish()
	return t
}

// FoldFor is an empty fold of a phone of a log. A phone whose log does not say how
// it was set up, such as a robot's, counts as started.
func FoldFor(phone string, records iter.Seq[event.Record]) *event.Fold {
	for r := range records {
		if _, ok := r.Event.(event.Start); ok && r.Phone == phone {
			return &event.Fold{Phone: phone}
		}
	}
	return &event.Fold{Phone: phone, Started: true}
}

// finish ends the runs that go on.
func (t *Timeline) finish() {
	t.App.end(t.End)
	t.Idle.end(t.End)
	t.Cards.end(t.End)
	t.Socket.end(t.End)
	t.Bound.end(t.End)
	t.Call.end(t.End)
	t.Audio.end(t.End)
	t.Joined.end(t.End)
	t.Broken.end(t.End)
	t.Cut.end(t.End)
}

// Apply takes a record into account, which f already has.
func (t *Timeline) Apply(r event.Record, f *event.Fold) {
	if r.Phone != f.Phone {
		t.sent(r, f)
		return
	}
	t.Phone, t.End = r.Phone, max(t.End, r.Device)
	t.follow(r.Device, f)
	t.pin(r.Device, r.Event, f)
}

// follow brings the lanes to what the fold says.
func (t *Timeline) follow(at time.Duration, f *event.Fold) {
	t.App.become(at, f.Life.State, f.Life.Why, t.Limit)
	t.Idle.become(at, Idleness(f.Idle.State), f.Idle.Why, t.Limit)
	t.Call.become(at, callState(f), brief(callLabel(f)), t.Limit)
	if c, cut := f.Cut(); cut {
		t.Cut.become(at, IsCut, c.Why, t.Limit)
	} else {
		t.Cut.end(at)
	}
	switch {
	case f.Banner == nil:
		t.Cards.end(at)
	default:
		if _, open := t.Cards.Last(); !open {
			t.Cards.begin(at, Shown, brief(f.Banner.Title), t.Limit)
		}
	}
	if !f.Socket.Open() {
		t.Socket.end(at)
	}
	if f.Registration.Active {
		t.Bound.become(at, IsBound, "", t.Limit)
	} else {
		t.Bound.end(at)
	}
}

func callState(f *event.Fold) CallState {
	switch c := f.Call(); {
	case c == nil:
		return ""
	case c.Connected() && OneWayOf(f, c, f.Life.Since).Asleep:
		return Frozen
	case c.Connected():
		return Up
	}
	return Ringing
}

func callLabel(f *event.Fold) string {
	if c := f.Call(); c != nil {
		return c.Who()
	}
	return ""
}
