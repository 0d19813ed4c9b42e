package app

import (
	"net/netip"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// callState is how far a call has come.
//
//	dialling ─▶ calling ─▶ alerting ─▶ up
//	                └───────────────────▲
//	ringing ─▶ answering ───────────────┘
type callState uint8

const (
	dialling  callState = iota + 1 // outgoing; no INVITE is sent before the audio sockets are bound
	calling                        // outgoing; the INVITE was sent
	alerting                       // outgoing; the other end rings
	ringing                        // incoming
	answering                      // incoming; answered here, and told when the audio sockets are bound
	up
)

// call is one call from its first sign to its end.
type call struct {
	id    int // the agent's; 0 while dialling
	state callState
	out   bool
	to    string // what was dialled, of an outgoing call
	peer  string // the address of record of the other end
	name  string
	// offer is the peer's, not yet answered. ackAnswers says that the peer made
	// none: ours is in the 200, and its ACK has the answer.
	offer      []byte
	ackAnswers bool
	// describe says that the caller wants our offer with the ringing, described
	// that it has it.
	describe, described bool
	promised            *promise // nil: nothing is agreed before the answer
	// source is the host that the call came from, for the audio: see
	// [control.Offered].
	source netip.Addr

	voice  voice
	banner banner
	report *report // on the system's call screen; nil: it never was
}

// A promise is a session that begins when the user answers.
type promise struct {
	theirs []byte // the description of the other end
	agreed sdp.Negotiated
}

// rings reports whether the call is incoming and the caller has not been told
// that it is answered.
func (c *call) rings() bool { return c.state == ringing || c.state == answering }

// who is the caller, for a notification.
func (c *call) who() string {
	if c.name == "" {
		return c.peer
	}
	return c.name + "  " + c.peer
}

// join connects the call to its report on the call screen.
func (c *call) join(r *report) {
	r.join(c.peer, c.name)
	c.report, c.voice.report = r, r
}

// step is the event of what became of a call by the user's hand.
func (c *call) step(phase event.CallPhase) event.Call {
	return event.Call{ID: c.id, Phase: phase, Out: c.out, Peer: c.peer, Name: c.name}
}

// hold is the event that somebody, "us" or "peer", holds the call, or no longer
// does.
func (c *call) hold(on bool, by string) event.Call {
	e := c.step(event.CallResumed)
	if on {
		e.Phase = event.CallHeld
	}
	e.By = by
	return e
}

// callList is the calls that there are, the oldest first.
type callList []*call

// find is the oldest call that matches; nil if none does.
func (l callList) find(matches func(c *call) bool) *call {
	if i := slices.IndexFunc(l, matches); i >= 0 {
		return l[i]
	}
	return nil
}

func (l callList) byID(id int) *call {
	return l.find(func(c *call) bool { return c.id == id })
}

func (l callList) bySocket(s system.Socket) *call {
	return l.find(func(c *call) bool { return c.voice.has(s) })
}

func (l callList) byReport(r *report) *call {
	return l.find(func(c *call) bool { return c.report == r })
}

// ringing is the incoming call that has rung longest.
func (l callList) ringing() *call { return l.find((*call).rings) }

// alerting reports whether the user hears ringback.
func (l callList) alerting() bool {
	return l.find(func(c *call) bool { return c.state == alerting && c.voice.session == nil }) != nil
}

// newest is the newest call that matches; nil if none does.
func (l callList) newest(matches func(c *call) bool) *call {
	for _, c := range slices.Backward(l) {
		if matches(c) {
			return c
		}
	}
	return nil
}

// talking is the newest call with audio that is not on hold.
func (l callList) talking() *call {
	return l.newest(func(c *call) bool { return c.voice.talks() })
}

// noTalk says why nothing can be done about a call's audio.
func (l callList) noTalk() error {
	if l.find(func(c *call) bool { return c.voice.none && !c.rings() }) != nil {
		return ErrNoAudio
	}
	return ErrNoTalk
}
