package app

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
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
	line  *line
	id    int // the agent's; 0 while dialling
	state callState
	out   bool
	// forgone says that the user has hung up an outgoing call.
	forgone bool
	to      string // what was dialled, of an outgoing call
	peer    string // the address of record of the other end
	name    string
	// callID is what a push names it by, of an incoming call.
	callID string
	// answerAt is when it is answered by itself, because the caller asks for that.
	answerAt time.Time
	// offer is the peer's, not yet answered. ackAnswers says that the peer made
	// none: ours is in the 200, and its ACK has the answer.
	offer      []byte
	ackAnswers bool
	// describe says that the caller wants our offer with the ringing, described
	// that it has it.
	describe, described bool
	promised            *promise // nil: nothing is agreed before the answer
	// referral is the request of somebody that an outgoing call is for, until it
	// is made, and instead the call that it then takes the place of; 0: none.
	referral, instead int
	// again is set while such a call is to be made again by another flow; nil: it is not.
	again *control.Again
	// refusedBy are the flows that have answered it 503.
	refusedBy lines
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

// title is that of its notification, which says for which account it is, where there
// are several.
func (c *call) title() string {
	account := c.line.name
	if c.line.flow > 0 {
		account = c.line.of
	}
	if account == "" {
		return "Incoming call"
	}
	return "Incoming call for " + account
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

// numbered is byID for a number that may be 0, for none: a call that is dialled has
// no other yet.
func (l callList) numbered(id int) *call {
	if id == 0 {
		return nil
	}
	return l.byID(id)
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

// dials reports whether a call is on its way out, and the other end does not ring yet.
func (l callList) dials() bool {
	return l.find(func(c *call) bool { return c.state == dialling || c.state == calling }) != nil
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

// held is the newest call that is on hold here.
func (l callList) held() *call {
	return l.newest(func(c *call) bool { return c.voice.session != nil && c.voice.held })
}

// current is the call that the user means who names none: the one that is
// talked to, else the newest that has audio.
func (l callList) current() *call {
	return cmp.Or(l.talking(), l.newest(func(c *call) bool { return c.voice.session != nil }))
}

// pick is the call of a number or, where that is 0, the one that is meant
// without one; none says that there is no such call.
func (l callList) pick(n int, otherwise *call, none error) (*call, error) {
	switch c := l.byID(n); {
	case n == 0 && otherwise == nil:
		return nil, none
	case n == 0:
		return otherwise, nil
	case c == nil:
		return nil, fmt.Errorf("there is no call %d%s", n, l.numbers())
	default:
		return c, nil
	}
}

// Card is what the system shows a ringing call by: the number of its
// notification, or on the call screen.
func (a *App) Card(n int) (id int, ok bool) {
	c := a.board.calls.byID(n)
	switch {
	case c == nil || !c.rings():
		return 0, false
	case c.report != nil && c.report.visible():
		return c.report.id, true
	}
	return c.banner.id, c.banner.posted
}

// numbers lists the calls by which a user can name them.
func (l callList) numbers() string {
	var list []string
	for _, c := range l {
		if c.id != 0 {
			list = append(list, strconv.Itoa(c.id))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "; there are: " + strings.Join(list, ", ")
}

// noTalk says why nothing can be done about a call's audio.
func (l callList) noTalk() error {
	if l.find(func(c *call) bool { return c.voice.none && !c.rings() }) != nil {
		return ErrNoAudio
	}
	return ErrNoTalk
}
