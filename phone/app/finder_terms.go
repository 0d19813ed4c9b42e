package app

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/ice"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// describes has our next description say of ICE what there is to say: an offer where we
// speak it, and what follows where both do.
func (f *finder) describes(offer bool) {
	f.offered = offer
	if f.all == nil {
		return // the voice is in no call
	}
	d := &f.call.voice.sdp
	d.ICE, d.Mux, d.RequireICE = nil, f.all.mux || f.all.offers(), f.all.ice == ICERequired
	if f.agent != nil && (f.all.ice != ICELite || f.theirs != nil || !offer) {
		ours := f.agent.Local()
		d.ICE = &ours
	}
}

// meets prepares the answer to an offer: one with new words is answered with new words
// (RFC 8445 §9).
func (f *finder) meets(offer []byte) {
	if f.all == nil || f.all.ice == ICEOff {
		f.describes(false)
		return
	}
	d := &f.call.voice.sdp
	d.ICE = &ice.Description{} // to see what the offer has
	agreed, err := d.Judge(offer)
	if err == nil && agreed.ICE != nil {
		switch {
		case f.agent == nil && f.all.ice == ICELite:
			f.agent = ice.New(ice.Config{Bases: f.bases(), Lite: true, Rand: f.all.rand()})
		case f.agent != nil && f.theirs != nil && agreed.ICE.Restarts(f.theirs):
			f.agent.Restart()
		}
	}
	f.describes(false)
}

// agrees takes what was agreed on, and looks for a pair if there is a new description of
// the peer's.
func (f *finder) agrees(now time.Time, n sdp.Negotiated) {
	switch {
	case f.agent == nil:
	case n.ICE == nil:
		f.isOff(n.ICEFault)
	case f.theirs == nil || !f.agent.Knows(n.ICE):
		f.theirs, f.routed, f.off = n.ICE, [2]ice.Selected{}, false
		out := f.agent.Begin(now, *n.ICE, f.offered)
		f.note(event.ICE{Phase: event.ICEChecking, Role: f.agent.Role(), Detail: heardOf(n.ICE)})
		f.carry(now, out)
		if f.proven {
			f.carry(now, f.agent.Start(now))
		}
	}
}

// heardOf says what a peer's description has.
func heardOf(d *ice.Description) string {
	var names []string
	for _, c := range d.Candidates {
		if c.Component == ice.RTP && len(names) < maxShown {
			names = append(names, c.String())
		}
	}
	who := "the peer"
	if d.Lite {
		who = "the peer, a lite one,"
	}
	if len(names) == 0 {
		return who + " names no address"
	}
	return who + " names " + strings.Join(names, ", ")
}

// maxShown is how many of a peer's candidates are named (our own number): a person looks
// at no more.
const maxShown = 8

// isOff goes without ICE: the peer does not speak it, or so that it cannot be used.
func (f *finder) isOff(fault string) {
	if f.off {
		return
	}
	f.off, f.theirs = true, nil
	f.agent.End()
	if fault != "" {
		f.warn(event.RuleICEMismatch, "session description of "+f.call.peer+": "+fault, "a server on the way that takes the candidates out, or puts its own in")
	}
	f.note(event.ICE{Phase: event.ICEOff, Detail: "the peer does not speak it, or not so that it can be used"})
}

// start lets checks go: the peer has shown that it receives.
func (f *finder) start(now time.Time) {
	f.proven = true
	if f.agent != nil && f.theirs != nil {
		f.carry(now, f.agent.Start(now))
	}
}
