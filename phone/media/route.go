package media

import (
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// A route is where ICE has found that a session sends to (RFC 8445 §12.1); the zero value
// is that of a session without ICE, or before it has found a pair: symmetric RTP.
type route struct {
	found   bool
	revoked bool // the peer no longer consents (RFC 7675)
}

// Route has a session send RTP, and RTCP, to where ICE has found that it may, whatever comes
// from elsewhere. answered says that both have answered a check of ours, which shows that
// they receive.
func (s *Session) Route(now time.Time, rtp, rtcp netip.AddrPort, answered bool) {
	if s.closed {
		return
	}
	s.notice(now)
	s.route.found, s.route.revoked = true, false
	if s.n.Mux {
		rtcp = rtp
	}
	for _, at := range []netip.AddrPort{rtp, rtcp} {
		s.origin.remember(at.Addr())
		if answered {
			s.reach.checks(at.Addr())
		}
	}
	s.remote, s.control.remote = rtp, rtcp
	s.expect(now)
}

// Revoke has a session send nothing any more, until there is another route: the peer no
// longer consents.
func (s *Session) Revoke(now time.Time) {
	s.notice(now)
	s.route.revoked = true
	s.out.pause()
	s.expect(now)
}

// follows takes what was agreed on anew: without ICE, the route that it has found is over.
// The peer's session description then says where a session sends, if it names another
// address than before.
func (s *Session) follows(n sdp.Negotiated) {
	left := s.route.found && n.ICE == nil
	if left {
		s.route = route{}
	}
	moved := n.Remote != s.n.Remote
	if moved {
		// The peer moved: the next stream is admitted at once, from any
		// address that is taken. What still comes of the old one is played, and
		// does not lead us back.
		s.in.moved = true
	}
	if (moved || left) && !s.route.found {
		s.remote = n.Remote
	}
	if (n.RemoteRTCP != s.n.RemoteRTCP || left) && !s.route.found {
		s.control.remote = n.RemoteRTCP
	}
}

// leads has what comes decide where a session sends: from is where the peer's audio comes
// from. Where ICE has found a way it does not.
func (s *Session) leads(from netip.AddrPort) {
	if s.route.found {
		return
	}
	s.remote = from
	if s.n.Mux {
		s.control.remote = from
	}
}

// named is the address that the peer's audio belongs to.
func (s *Session) named() netip.AddrPort {
	at := s.n.Remote
	if s.route.found {
		at = s.remote
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
