package media

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// leapAfter is the longest step of time between two calls of a session while the app
// runs: it is called at least once a second, for the statistics. Of a shorter standstill
// only the app can tell: see [Session.Stood].
const leapAfter = 2 * time.Second

// settling is how long after a leap of the time packets are not played, and count
// neither as lost nor for jitter: what waited in the kernel meanwhile comes in a
// lump, and what found no room there was not lost by the network. It is time
// enough to read a full socket.
const settling = 200 * time.Millisecond

// statsInterval is the time between two statistics events.
const statsInterval = time.Second

// maxCNAME is how long an SDES item can be, in octets (RFC 3550 §6.5).
const maxCNAME = 255

// defaultPTime is the packet time where none was negotiated (RFC 3551 §4.2).
const defaultPTime = 20 * time.Millisecond

// Config configures a session.
type Config struct {
	Call       int           // the number of the call in events
	RTP, RTCP  system.Socket // a pair from system.Bind
	Local      netip.AddrPort
	Negotiated sdp.Negotiated
	CNAME      string // our name in RTCP, user@host (RFC 3550 §6.5.1); empty: the host of Local
	// Wary says that the other end has not shown that it receives: audio waits
	// for [Session.Trust].
	Wary bool
	// Spare is how many bytes may go to where audio is sent first, all the same.
	Spare int
	// Known reports whether audio may come from an address, besides those that
	// are negotiated; nil: from no other.
	Known func(netip.Addr) bool
	DTLS  DTLS
	Rand  *rand.Rand
}

// A Session is the sound of one call, from the answer to the end.
type Session struct {
	basis

	route  route
	seen   time.Time // the last call
	leapt  time.Time // the last leap
	closed bool

	keys protection
	out  transmission

	in reception

	control   control
	nextStats time.Time

	unopened unopened
	inward   inward
	outward  outward
}

// New begins a session at now.
func New(cfg Config, now time.Time) *Session {
	if cfg.CNAME == "" {
		cfg.CNAME = cfg.Local.Addr().String()
	}
	cfg.CNAME = cfg.CNAME[:min(len(cfg.CNAME), maxCNAME)]
	cfg.Negotiated.PTime = cmp.Or(cfg.Negotiated.PTime, defaultPTime)
	s := &Session{
		basis: basis{cfg: cfg, n: cfg.Negotiated, start: now}, seen: now, nextStats: now.Add(statsInterval),
	}
	s.route = newRoute(&s.basis)
	s.keys = protection{basis: &s.basis, route: &s.route, handshakes: handshakes{cfg: cfg.DTLS}}
	s.inward = inward{basis: &s.basis, route: &s.route, keys: &s.keys, buffer: &s.in.buffer}
	s.unopened = unopened{basis: &s.basis, keys: &s.keys, inward: &s.inward}
	s.outward = outward{basis: &s.basis, route: &s.route}
	s.out = transmission{
		basis: &s.basis, route: &s.route, keys: &s.keys, outward: &s.outward,
		sender: newSender(cfg.Rand, cfg.Negotiated.Codec),
	}
	s.in = reception{basis: &s.basis, route: &s.route, inward: &s.inward, sender: &s.out.sender}
	s.agreeKeys(now, &s.n)
	s.in.tune()
	s.control = control{basis: &s.basis, route: &s.route, keys: &s.keys, in: &s.in, inward: &s.inward, out: &s.out.sender, outward: &s.outward}
	s.control.begin(now)
	return s
}

// Deadline is when Advance wants to be called next.
func (s *Session) Deadline() time.Time {
	if s.closed {
		return time.Time{}
	}
	return system.Earliest(s.nextStats, s.control.clock.next, s.in.digits.deadline, s.inward.deadline(), s.inward.doubtful(), s.keys.due())
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
		effects = append(effects, s.route.withheld(now, s.out.packetLen())...)
		s.nextStats = s.nextStats.Add(statsInterval)
		if !s.nextStats.After(now) {
			s.nextStats = now.Add(statsInterval)
		}
	}
	return effects
}

// notice checks whether the time has leapt since the last call, and if so drops
// the measurements from before.
func (s *Session) notice(now time.Time) {
	step := now.Sub(s.seen)
	s.seen = now
	if step > leapAfter {
		s.leap(now, step)
	}
}

// Stood says that nothing moved the frames for a gap that ends now, though it is shorter
// than a leap: what came meanwhile says nothing of the network, and our timestamps go on
// with the time.
func (s *Session) Stood(now time.Time, gap time.Duration) {
	if s.closed {
		return
	}
	if s.notice(now); s.leapt != now {
		s.leap(now, gap)
	}
	s.out.lapse(gap)
}

// leap drops the measurements from before a gap that ends now.
func (s *Session) leap(now time.Time, gap time.Duration) {
	s.leapt = now
	s.in.buffer.reset()
	s.inward.leap(now, gap)
	s.control.forgetTiming(now)
	s.outward.leapt(now)
	s.out.unsent.rest()
	s.out.hush = hush{}
	s.control.schedule(now)
}

// settles reports whether the time has leapt just now.
func (s *Session) settles(now time.Time) bool {
	return !s.leapt.IsZero() && now.Sub(s.leapt) < settling
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

// Capture sends one frame from the microphone, or in its place a piece of a
// DTMF digit. The frame may have any length; packets have the length that was
// negotiated.
func (s *Session) Capture(now time.Time, frame []int16) []system.Effect {
	if s.closed || len(frame) == 0 {
		return nil
	}
	s.notice(now)
	return s.out.capture(now, frame)
}

// Playout fills frame with the next samples from the peer: its sound, made-up
// sound where a packet is missing, or silence.
func (s *Session) Playout(now time.Time, frame []int16) {
	if s.closed || !s.n.Receive {
		clear(frame)
		return
	}
	s.notice(now)
	s.in.buffer.fill(s.at(now), frame)
}

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
	case control && s.settles(now): // nobody knows how long it has been there
		return nil
	case control:
		if data, err := s.keys.sealOfControl().openControl(sig.Data); err == nil {
			return s.control.receive(now, from, data)
		}
		s.unopened.take(cmp.Or(s.keys.sealOfControl().lacks(), errControl))
		return nil
	}
	data, effects := s.unopened.open(now, from, sig.Data)
	if data == nil {
		return effects
	}
	effects = s.in.receive(now, from, data, s.settles(now))
	s.outward.expect(now, s.out.sending()) // it may have shown where ours go
	return effects
}

// Withholds reports whether audio is not sent only because there are no keys yet, or because
// the address has not shown that it receives; what is spared takes silence.
func (s *Session) Withholds() bool { return s.out.withholds() }

// SendDTMF queues digits (0-9 * # A-D, in either case), which Capture sends
// one after another, 160 ms each with 80 ms between them. The error is
// [ErrNoDTMF], [ErrOnHold] or [ErrTooMany], or names a character that is not a
// digit; then none is sent.
func (s *Session) SendDTMF(now time.Time, list string) error {
	s.notice(now)
	return s.out.dial(list)
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
	s.inward.expect(now)
	s.outward.expect(now, s.out.sending())
}

// Empty reports whether what is played is no sound of the peer's: nothing has come for a
// while, and no comfort noise has said that nothing would, as far as that is still known.
func (s *Session) Empty(now time.Time) bool { return s.inward.empty(now) }

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
	s.closed = true
	return effects
}
