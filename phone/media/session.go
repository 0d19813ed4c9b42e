package media

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// statsInterval is the time between two statistics events.
const statsInterval = time.Second

// A Session is the sound of one call, from the answer to the end. It has its parts do what
// time, card and sockets bring, and says to the others what comes of it.
type Session struct {
	basis
	route    route        // where packets go, and may come from
	keys     protection   // SRTP
	out      transmission // what we send
	outward  outward      // and whether it arrives
	in       reception    // what is played of what comes
	inward   inward       // what has come, and what was due
	unopened unopened     // what has come, and could not be read
	control  control      // RTCP

	strip     strip // what it was like lately
	lapse     lapse // of the time
	nextStats time.Time
	due       system.Remembered // but for the deadline of the keys
	closed    bool
}

// New begins a session at now.
func New(cfg Config, now time.Time) *Session {
	if cfg.CNAME == "" {
		cfg.CNAME = cfg.Local.Addr().String()
	}
	cfg.CNAME = cfg.CNAME[:min(len(cfg.CNAME), maxCNAME)]
	cfg.Negotiated.PTime = cmp.Or(cfg.Negotiated.PTime, defaultPTime)
	s := &Session{basis: basis{cfg: cfg, n: cfg.Negotiated, start: now, asked: now}, nextStats: now.Add(statsInterval)}
	s.join()
	s.agreeKeys(now, &s.n)
	s.in.tune()
	s.control.begin(now)
	s.strip.begin(now)
	return s
}

// join makes the parts of a session, and has each know those that it works with.
func (s *Session) join() {
	b, route, keys := &s.basis, &s.route, &s.keys
	s.route = newRoute(b)
	s.keys = protection{basis: b, route: route, handshakes: handshakes{cfg: b.cfg.DTLS}}
	s.outward = outward{basis: b, route: route}
	s.out = transmission{basis: b, route: route, keys: keys, outward: &s.outward, sender: newSender(b.cfg.Rand, b.n.Codec)}
	s.inward = inward{basis: b, route: route, keys: keys, buffer: &s.in.buffer}
	s.in = reception{basis: b, route: route, inward: &s.inward, sender: &s.out.sender}
	s.unopened = unopened{basis: b, keys: keys, inward: &s.inward}
	s.control = control{basis: b, route: route, keys: keys, in: &s.in, inward: &s.inward, out: &s.out.sender, outward: &s.outward}
	s.control.extended = extended{basis: b, in: &s.in, inward: &s.inward, out: &s.out.sender}
	s.in.buffer.runs = &s.inward.runs
}

// Deadline is when Advance wants to be called next.
func (s *Session) Deadline() time.Time {
	if s.closed {
		return time.Time{}
	}
	due := s.due.Deadline(func() time.Time {
		return system.Earliest(s.nextStats, s.control.clock.next, s.in.digits.deadline, s.inward.deadline(), s.inward.doubtful())
	})
	if len(s.keys.handshakes.list) == 0 {
		return due
	}
	return system.Earliest(due, s.keys.due())
}

// Advance does what is due at now.
func (s *Session) Advance(now time.Time) []system.Effect {
	if s.closed {
		return nil
	}
	s.notice(now)
	effects := append(s.falls(now), s.inward.doubts(now)...)
	effects = append(effects, s.keys.advance(now)...)
	s.takeKeys(now)
	if system.Due(s.in.digits.deadline, now) {
		effects = logDigits(effects, s.in.digits.end(nil))
	}
	if system.Due(s.control.clock.next, now) {
		effects = s.control.report(effects, now, false)
		s.control.schedule(now)
	}
	if system.Due(s.nextStats, now) {
		effects = append(effects, system.Log{Event: s.Stats(now)})
		effects = append(effects, s.lately(now, false)...)
		effects = append(effects, s.route.withheld(now, s.out.packetLen())...)
		s.nextStats = s.nextStats.Add(statsInterval)
		if !s.nextStats.After(now) {
			s.nextStats = now.Add(statsInterval)
		}
	}
	return effects
}

// Renegotiate applies the result of a re-INVITE: hold, resume, another codec,
// another address.
func (s *Session) Renegotiate(now time.Time, n sdp.Negotiated) {
	s.notice(now)
	n.PTime = cmp.Or(n.PTime, defaultPTime)
	if s.route.follows(n) {
		// The peer moved: the next stream is admitted at once, from any
		// address that is taken. What still comes of the old one is played, and
		// does not lead us back.
		s.in.moved = true
	}
	if n.Remote != s.n.Remote || n.Receive != s.n.Receive {
		s.inward.pause = pause{} // whoever sends there now has not said so
	}
	s.agreeKeys(now, &n)
	s.out.follow(n)
	if !n.Receive {
		s.in.buffer.reset()
	}
	old, digits := s.n.Codec, s.digitClock()
	s.n = n
	if !s.out.sending() {
		s.out.unsent.rest()
	}
	if old.SampleRate != n.Codec.SampleRate || old.ClockRate != n.Codec.ClockRate || digits != s.digitClock() {
		s.in.tune()
	}
	s.expect(now)
}

// agreeKeys begins the handshakes for the keys that were agreed on, or takes those that there
// are.
func (s *Session) agreeKeys(now time.Time, n *sdp.Negotiated) {
	s.keys.agree(now, n)
	s.inward.rekey(now, func() { s.rekey(n.SRTP) })
}

// rekey protects what is sent from now on as agreed.
func (s *Session) rekey(agreed sdp.SRTP) {
	if s.keys.seal == nil && agreed.By != sdp.Plain && s.out.packets == 0 {
		s.out.beginLow()
	}
	s.keys.take(agreed)
	s.unopened.settle()
}

// takeKeys protects what is sent from now on by the keys of the handshake, if they are new.
func (s *Session) takeKeys(now time.Time) {
	if keys, ok := s.keys.news(); ok {
		s.n.SRTP = keys
		s.inward.rekey(now, func() { s.rekey(keys) })
		s.expect(now)
	}
}

// SRTP says how the packets are protected, from where their keys come on; "" if they are
// not, or there are no keys yet.
func (s *Session) SRTP() string { return s.keys.String() }

// Unkeyed reports whether the handshake for the keys has failed, so that another is wanted. A nil
// session has had none.
func (s *Session) Unkeyed() bool { return s != nil && s.keys.handshakes.failed() }

// Move continues the session over other sockets after the system took the old
// ones away. The peer learns the new address from a re-INVITE.
func (s *Session) Move(rtp, rtcp system.Socket, local netip.AddrPort) {
	s.cfg.RTP, s.cfg.RTCP, s.cfg.Local = rtp, rtcp, local
}

// Answered says that both ends have answered: audio has to come from now on. Before,
// in early media, nothing has to.
func (s *Session) Answered(now time.Time) {
	s.answered = true
	s.expect(now)
}

// expect says of both directions whether something has to get through.
func (s *Session) expect(now time.Time) {
	s.due.Forget()
	s.inward.expect(now)
	s.outward.expect(now, s.out.sending())
}

// Trust says that the other end of the signalling has shown that it receives, and
// at which host. The zero Addr is a server that the user has chosen, which answers
// for the addresses that it passes on.
func (s *Session) Trust(now time.Time, host netip.Addr) { s.route.reach.trust(now, host) }

// Route has a session send RTP, and RTCP, to where ICE has found that it may, whatever comes
// from elsewhere. answered says that both have answered a check of ours, which shows that
// they receive.
func (s *Session) Route(now time.Time, rtp, rtcp netip.AddrPort, answered bool) {
	if s.closed {
		return
	}
	s.notice(now)
	s.route.take(rtp, rtcp, answered)
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

// Close ends the session: the last statistics and the RTCP BYE (RFC 3550
// §6.3.7). A closed session does nothing more.
func (s *Session) Close(now time.Time) []system.Effect {
	if s.closed {
		return nil
	}
	s.notice(now)
	effects := logDigits(nil, s.in.digits.end(nil))
	effects = s.control.report(effects, now, true)
	effects = append(effects, s.route.refused(s.route.origin.refused.Rest())...)
	effects = append(effects, system.Log{Event: s.Stats(now)})
	effects = append(effects, s.lately(now, true)...)
	s.closed = true
	return effects
}
