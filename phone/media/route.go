package media

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A route is where the packets of a session go, and where they may come from: to where SDP
// says, then to where the peer's come from (symmetric RTP, RFC 4961), or to where ICE has
// found that they may (RFC 8445 §12.1).
type route struct {
	*basis
	remote, remoteRTCP netip.AddrPort
	found              bool // by ICE
	revoked            bool // the peer no longer consents (RFC 7675)
	reach              reach
	origin             origin
}

func newRoute(b *basis) route {
	n, cfg := &b.n, &b.cfg
	r := route{
		basis: b, remote: n.Remote, remoteRTCP: n.RemoteRTCP, reach: newReach(*cfg),
		origin: origin{known: cfg.Known, refused: elsewhere.Ledger{After: proof}},
	}
	r.origin.agree(*n)
	return r
}

// take has the packets go to where ICE has found that they may. answered says that both
// addresses have answered a check of ours, which shows that they receive.
func (r *route) take(rtp, rtcp netip.AddrPort, answered bool) {
	r.found, r.revoked = true, false
	if r.n.Mux {
		rtcp = rtp
	}
	for _, at := range []netip.AddrPort{rtp, rtcp} {
		r.origin.remember(at.Addr())
		if answered {
			r.reach.checks(at.Addr())
		}
	}
	r.remote, r.remoteRTCP = rtp, rtcp
}

// follows takes what was agreed on anew: without ICE, what it has found is over. The peer's
// session description then says where packets go, if it names another address than before.
// It reports whether the peer has moved.
func (r *route) follows(n sdp.Negotiated) (moved bool) {
	left := r.found && n.ICE == nil
	if left {
		r.found, r.revoked = false, false
	}
	moved = n.Remote != r.n.Remote
	if (moved || left) && !r.found {
		r.remote = n.Remote
	}
	if (n.RemoteRTCP != r.n.RemoteRTCP || left) && !r.found {
		r.remoteRTCP = n.RemoteRTCP
	}
	r.origin.agree(n)
	return moved
}

// leads has what comes decide where packets go: from is where the peer's audio comes from.
// Where ICE has found a way it does not.
func (r *route) leads(from netip.AddrPort) {
	if r.found {
		return
	}
	r.remote = from
	if r.n.Mux {
		r.remoteRTCP = from
	}
}

// leadsRTCP is the same of reports.
func (r *route) leadsRTCP(from netip.AddrPort) {
	if !r.found {
		r.remoteRTCP = from
	}
}

// named is the address that the peer's audio belongs to.
func (r *route) named() netip.AddrPort {
	at := r.n.Remote
	if r.found {
		at = r.remote
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// addressed reports whether there is an address to send to.
func addressed(to netip.AddrPort) bool {
	return to.IsValid() && to.Port() != 0 && !to.Addr().IsUnspecified()
}

// wanted reports whether there is an address to send audio to, and the session may send.
func (r *route) wanted() bool { return r.n.Send && !r.revoked && addressed(r.remote) }

// refuse drops a packet from elsewhere.
func (r *route) refuse(what string, from netip.AddrPort) []system.Effect {
	return r.refused(r.origin.refused.Refuse(what, from))
}

// refused logs a note of the ledger, if there is one.
func (r *route) refused(note string) []system.Effect {
	if note == "" {
		return nil
	}
	return r.warn(event.RuleMediaRefused, event.Inward, note+": "+r.origin.with(), "a server that relays audio to the phone, or --accept-from any")
}

// withheld warns, once, that no audio goes where SDP wants it, though packets of a length
// could.
func (r *route) withheld(now time.Time, length int) []system.Effect {
	if !r.reach.withholds(now) || !r.wanted() || r.reach.trusts(r.remote, length) {
		return nil
	}
	r.reach.warned = true
	return r.warn(event.RuleUnprovenAddress, event.Outward,
		fmt.Sprintf("no audio goes to %s, which the SDP of %s names: hardly anything has come from there", r.remote, r.reach.trusted),
		"send RTP or RTCP from that address, or name the one that the call comes from")
}
