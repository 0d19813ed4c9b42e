package media

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxDatagram is the longest datagram to read, in octets: 200 ms of L16 at 16000 Hz, the most
// that is played, with a header of RTP and what may be in it besides. No RTCP of two parties
// is longer.
const maxDatagram = 8192

// Receive handles one datagram of either socket. It counts what is neither RTP nor
// RTCP, and refuses what comes from elsewhere than the peer: see origin.
func (s *Session) Receive(now time.Time, sig system.Received) []system.Effect {
	if s.closed {
		return nil
	}
	from := netip.AddrPortFrom(sig.From.Addr().Unmap(), sig.From.Port())
	taken := s.route.origin.takes(from.Addr())
	switch shakes := s.keys.shakes(sig); {
	case shakes && !taken:
		return s.route.refuse("DTLS", from)
	case shakes:
		s.notice(now)
		effects := s.keys.receive(now, from, sig)
		s.takeKeys(now)
		return effects
	}
	if len(sig.Data) < 8 || len(sig.Data) > maxDatagram || sig.Data[0]>>6 != 2 {
		if sig.Socket == s.cfg.RTP && taken {
			s.inward.foreign.take(notRTP(sig.Data))
		}
		return nil
	}
	s.notice(now)
	switch control := sig.Socket == s.cfg.RTCP || isRTCP(sig.Data); {
	case !taken && control:
		return s.route.refuse("RTCP", from)
	case !taken:
		return s.route.refuse("RTP", from)
	case control && s.lapse.settles(now): // nobody knows how long it has been there
		return nil
	case control:
		if data, err := s.keys.openControl(sig.Data); err == nil {
			return s.control.receive(now, from, data)
		}
		s.unopened.take(cmp.Or(s.keys.sealOfControl().lacks(), errControl))
		return nil
	}
	data, effects := s.unopened.open(now, from, sig.Data)
	if data == nil {
		return effects
	}
	effects = append(effects, s.in.receive(now, from, data, s.lapse.settles(now))...)
	s.outward.expect(now, s.out.sending()) // it may have shown where ours go
	return effects
}

// Unsent takes in that the kernel has not sent a datagram of ours, which counts as sent.
func (s *Session) Unsent(now time.Time, sig system.Unsent) []system.Effect {
	if IsDTLS(sig.Data) {
		s.keys.handshakes.unsent(&s.route, sig)
		return nil
	}
	if s.closed || len(sig.Data) < headerLen+s.keys.seal.longer() || isRTCP(sig.Data) {
		return nil
	}
	s.notice(now)
	return s.out.notSent(now, sig)
}

// isRTCP tells RTCP from RTP on one port by the packet type (RFC 5761 §4).
func isRTCP(data []byte) bool { return data[1] >= 192 && data[1] <= 223 }
