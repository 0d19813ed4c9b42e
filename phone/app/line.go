package app

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// line is the app's line to the server of one account. What the agent asks of the
// system is queued, and its notices are acted on at once.
type line struct {
	name  string // the account's, or the flow's; "" where it is the only one
	flow  int    // the number of the flow, from 1; 0: the account has one
	of    string // the account that it is a flow of; "": the only one
	bared bool   // the log has it that keys of audio went in clear
	idle  bool   // a flow that is not used, for the server takes one alone
	agent control.Agent
	out   *outbox
	mail  mail
	// notice acts on a notice; after is called when a step of the agent has
	// been dealt with.
	notice func(now time.Time, l *line, n control.Notice)
	after  func(now time.Time)

	sockets    []system.Socket // that the agent has named, until they are gone
	here       netip.AddrPort  // our end of the signalling; the zero value until it is open
	registered bool
	lapsesAt   time.Time // the binding's end; zero: it has none
	down       bool      // after the shutdown
	// over are the calls that have ended in the step that is being dealt with,
	// though the notice of it may still be to come: nothing more can be said to
	// them.
	over []int
}

// do deals with a step of the agent.
func (l *line) do(now time.Time, out control.Output) {
	for _, n := range out.Notices {
		if n, ok := n.(control.Reached); ok {
			l.notice(now, l, n)
		}
	}
	l.out.ask(out.Effects...)
	for _, c := range out.Effects {
		if c, ok := c.(system.Close); ok {
			l.disown(c.Socket)
		}
	}
	before := l.over
	for _, n := range out.Notices {
		if e, ok := n.(control.Ended); ok {
			l.over = append(l.over, e.ID)
		}
	}
	for _, n := range out.Notices {
		if _, ok := n.(control.Reached); !ok {
			l.notice(now, l, n)
		}
	}
	l.over = before
	l.after(now)
}

// say says something to a call, unless it is over: an INVITE and its CANCEL may
// be read in one go.
func (l *line) say(now time.Time, call int, what func() control.Output) {
	if !slices.Contains(l.over, call) {
		l.do(now, what())
	}
}

// receive hands a signal to the agent. One that says that a socket is gone is the last
// about it.
func (l *line) receive(now time.Time, s system.Signal) {
	l.do(now, l.agent.Receive(now, s))
	switch s := s.(type) {
	case system.Closed:
		l.disown(s.Socket)
	case system.Failed:
		l.disown(s.Socket)
	}
}

func (l *line) advance(now time.Time)          { l.do(now, l.agent.Advance(now)) }
func (l *line) leave(now time.Time, left bool) { l.do(now, l.agent.Leave(now, left)) }
func (l *line) rest(now time.Time)             { l.do(now, l.agent.Rest(now)) }

// register and ping leave out a flow that is not used.
func (l *line) register(now time.Time) {
	if !l.idle {
		l.do(now, l.agent.Register(now))
	}
}

func (l *line) ping(now time.Time) {
	if !l.idle {
		l.do(now, l.agent.Ping(now))
	}
}

func (l *line) reject(now time.Time, call, status int) {
	l.say(now, call, func() control.Output { return l.agent.Reject(now, call, status) })
}

func (l *line) hangup(now time.Time, call int) {
	l.say(now, call, func() control.Output { return l.agent.Hangup(now, call) })
}

func (l *line) answer(now time.Time, call int, sdp []byte) {
	l.say(now, call, func() control.Output { return l.agent.Answer(now, call, sdp) })
}

func (l *line) ring(now time.Time, call int) {
	l.say(now, call, func() control.Output { return l.agent.Ring(now, call) })
}

// consider and refuse answer who wants a call to be handed over, which only an
// agent says that can do it.
func (l *line) consider(now time.Time, referral int) {
	l.do(now, l.agent.(control.Transferrer).Consider(now, referral))
}

func (l *line) refuse(now time.Time, referral, status int) {
	l.do(now, l.agent.(control.Transferrer).Refuse(now, referral, status))
}

// rejectOffer refuses a session description, which only the agent of a [control.Caller]
// has passed on.
func (l *line) rejectOffer(now time.Time, call int, why *sdp.Error) {
	l.say(now, call, func() control.Output { return l.caller().RejectOffer(now, call, why.Warning, why.Reason) })
}

// reinvite offers another session, in a call that has one.
func (l *line) reinvite(now time.Time, call int, offer func() []byte) {
	l.say(now, call, func() control.Output { return l.caller().Reinvite(now, call, offer) })
}

// ringOffering rings with our offer, which only the caller of such an agent wants.
func (l *line) ringOffering(now time.Time, call int, offer []byte) {
	l.say(now, call, func() control.Output { return l.caller().RingOffering(now, call, offer) })
}

// reportQuality has a collector told of the audio of a call that is over, by an agent that can
// tell it.
func (l *line) reportQuality(now time.Time, call int, q control.Quality) {
	if t, tells := l.agent.(control.Teller); tells {
		if out, err := t.Tell(now, control.ReportQuality{Call: call, Quality: q}); err == nil {
			l.do(now, out)
		}
	}
}

// knows reports whether an address is the server's.
func (l *line) knows(a netip.Addr) bool {
	c, calls := l.agent.(control.Caller)
	return calls && c.Knows(a)
}

// takeSpare returns how many bytes of audio may go to a host before the caller acknowledges
// our answer, and counts them as sent.
func (l *line) takeSpare(host netip.Addr) (bytes int, free bool) { return l.caller().TakeSpare(host) }

// checkKeys warns, once, of keys that everybody on the way to the server has read.
func (l *line) checkKeys(s sdp.SRTP) {
	if s.By != sdp.SDES || l.bared || l.caller().Private() {
		return
	}
	l.bared = true
	l.out.note(event.Warning{
		Rule: event.RuleSRTPKeysInClear, Note: "the keys of SRTP are in the SIP messages (a=crypto), and those go to the server unencrypted: whoever reads them can hear the call",
		Hint: "transport=tls",
	})
}

// caller is the agent, once it has let a call begin.
func (l *line) caller() control.Caller { return l.agent.(control.Caller) }

// askOptions asks for a sign of life by OPTIONS, which only the agent of SIP
// can: see [New].
func (l *line) askOptions(now time.Time) { l.do(now, l.agent.(control.Asker).Ask(now)) }
