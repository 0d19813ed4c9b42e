package media

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/dtls"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxHello is more octets than a ClientHello of ours has.
const maxHello = 256

// A DTLS is what a session needs for keys by DTLS (RFC 5764).
type DTLS struct {
	Identity func() *dtls.Identity
	Random   func([]byte)
	KeyLog   func(line []byte) // takes the secrets; nil: nobody does
}

// An association is one handshake of a call, and what comes of it.
type association struct {
	conn   *dtls.Conn
	rtp    bool           // it is that of the RTP socket
	from   netip.AddrPort // where the peer has proven to be; zero: not yet
	keys   sdp.SRTP
	seal   *seal // of RTCP with a port of its own
	begun  bool  // the log has it
	failed bool  // likewise
}

// An agreement is what one set of associations is for: with another, they begin anew
// (RFC 5763 §6.6). What has a name of its own does not hang on addresses (RFC 8842 §4).
type agreement struct {
	handshake     sdp.Handshake
	remote, local netip.AddrPort
	mux           bool
}

// SRTP says how the packets are protected, from where their keys come on; "" if they are
// not, or there are no keys yet.
func (s *Session) SRTP() string {
	if !s.seal.keyed() {
		return ""
	}
	return s.n.SRTP.String()
}

// Handshakes are those of a call: one for its audio and, where RTCP has a port of its own,
// one for that (RFC 5764 §4.1).
type handshakes struct {
	cfg    DTLS
	agreed agreement
	list   []*association // that of RTP first
}

// follow begins the handshakes for what was agreed on now, unless it is what it was.
func (h *handshakes) follow(now time.Time, n sdp.Negotiated, local netip.AddrPort) {
	if n.SRTP.By != sdp.DTLS || h.cfg.Identity == nil { // without one, keys come by Key alone
		h.agreed, h.list = agreement{}, nil
		return
	}
	a := agreement{handshake: n.DTLS, remote: n.Remote, local: local, mux: n.Mux}
	a.handshake.Active = false // who has begun does not matter any more
	switch {
	case n.DTLS.ID != "":
		a.remote, a.local = netip.AddrPort{}, netip.AddrPort{}
	case n.Remote.Addr().IsUnspecified() && h.list != nil: // held as in RFC 2543
		a.remote = h.agreed.remote
	}
	if h.list != nil && a == h.agreed {
		return
	}
	h.agreed, h.list = a, []*association{h.begin(now, n.DTLS, true)}
	if !n.Mux {
		h.list = append(h.list, h.begin(now, n.DTLS, false))
	}
}

// keys are those of the audio: there are none yet, or they are what was agreed on.
func (h *handshakes) keys(agreed sdp.SRTP) sdp.SRTP {
	if a := h.of(true); a != nil {
		return a.keys
	}
	return agreed
}

func (h *handshakes) begin(now time.Time, agreed sdp.Handshake, rtp bool) *association {
	cfg := dtls.Config{Client: agreed.Active, Identity: h.cfg.Identity(), Profiles: dtls.Profiles(), Random: h.cfg.Random}
	for line := range strings.Lines(agreed.Fingerprints) {
		if f, ok := dtls.ParseFingerprint(line); ok {
			cfg.Fingerprints = append(cfg.Fingerprints, f)
		}
	}
	none := sdp.SRTP{By: sdp.DTLS}
	return &association{conn: dtls.New(cfg, now), rtp: rtp, keys: none, seal: newSeal(none, nil)}
}

// of is the association of a socket; nil: it has none.
func (h *handshakes) of(rtp bool) *association {
	for _, a := range h.list {
		if a.rtp == rtp {
			return a
		}
	}
	return nil
}

// why says why there are no keys, if there are to be some; "" else.
func (h *handshakes) why() string {
	switch a := h.of(true); {
	case a == nil || a.conn.Done():
		return ""
	case a.failed:
		return "the handshake of DTLS has failed, and there are no keys: see its error"
	}
	return "the handshake of DTLS is not over, and there are no keys yet: is the path open for it, both ways?"
}

// sealOfControl is the seal of RTCP.
func (s *Session) sealOfControl() *seal {
	if a := s.handshakes.of(false); a != nil {
		return a.seal
	}
	return s.seal
}

// suiteOf is a profile of DTLS by the name that SDP has for it.
func suiteOf(p dtls.Profile) sdp.Suite {
	switch p {
	case dtls.GCM128:
		return sdp.GCM128
	case dtls.GCM256:
		return sdp.GCM256
	case dtls.AES128SHA32:
		return sdp.AES128SHA32
	}
	return sdp.AES128SHA80
}

// IsDTLS tells a record of DTLS from other datagrams by its first octet (RFC 7983 §7).
func IsDTLS(data []byte) bool { return len(data) > 0 && data[0] >= 20 && data[0] <= 63 }

// handshakeDue is when a handshake has something to do. One whose address has not shown
// that it receives waits for that.
func (s *Session) handshakeDue() (due time.Time) {
	for _, a := range s.handshakes.list {
		if to := s.facing(a); s.mayShake(to) {
			due = system.Earliest(due, a.conn.Deadline())
		}
	}
	return due
}

// facing is where an association sends to: where the peer is, by its proof or its SDP.
func (s *Session) facing(a *association) netip.AddrPort {
	switch {
	case a.from.IsValid():
		return a.from
	case a.rtp:
		return s.remote
	}
	return s.control.remote
}

// mayShake reports whether a handshake can begin towards an address.
func (s *Session) mayShake(to netip.AddrPort) bool {
	return to.IsValid() && to.Port() != 0 && !to.Addr().IsUnspecified() && s.reach.may(to, maxHello)
}

// shake does what is due in the handshakes.
func (s *Session) shake(now time.Time) (effects []system.Effect) {
	for _, a := range s.handshakes.list {
		if to := s.facing(a); s.mayShake(to) && system.Due(a.conn.Deadline(), now) {
			effects = s.shook(effects, now, a, to, a.conn.Advance(now))
		}
	}
	return effects
}

// shakes reports whether a datagram is for a handshake. One from elsewhere is refused as
// audio is.
func (s *Session) shakes(sig system.Received) bool {
	return IsDTLS(sig.Data) && len(sig.Data) <= maxDatagram && s.handshakes.of(sig.Socket == s.cfg.RTP) != nil
}

// receiveHandshake takes in a datagram of a handshake. Whoever answers what was sent to him
// alone is where he says; the answers go there, as with audio (RFC 4961).
func (s *Session) receiveHandshake(now time.Time, from netip.AddrPort, sig system.Received) []system.Effect {
	s.notice(now)
	a := s.handshakes.of(sig.Socket == s.cfg.RTP)
	s.reach.hears(from.Addr(), len(sig.Data))
	out := a.conn.Receive(now, sig.Data)
	if a.conn.Proven() && !a.from.IsValid() {
		a.from, s.reach.proven = from, elsewhere.Plain(from.Addr())
	}
	return s.shook(nil, now, a, from, out)
}

// shook sends what an association has to say, and notes what has become of it.
func (s *Session) shook(effects []system.Effect, now time.Time, a *association, to netip.AddrPort, out [][]byte) []system.Effect {
	if !a.begun {
		a.begun = true
		effects = s.tellBegun(effects, a)
	}
	socket := s.cfg.RTCP
	if a.rtp {
		socket = s.cfg.RTP
	}
	for _, data := range out {
		if s.reach.may(to, len(data)) {
			s.reach.spend(to, len(data))
			effects = append(effects, system.Send{Socket: socket, To: to, Data: data})
		}
	}
	switch err := a.conn.Err(); {
	case err != nil && !a.failed:
		a.failed = true
		return append(effects, system.Log{Event: s.failure(err, to)})
	case a.conn.Done() && a.keys.Suite == "":
		return s.keyed(effects, now, a)
	}
	return effects
}

// tellBegun logs the beginning of the handshake that the audio needs.
func (s *Session) tellBegun(effects []system.Effect, a *association) []system.Effect {
	if !a.rtp {
		return effects
	}
	detail := "dtls handshake, which the peer begins"
	if s.n.DTLS.Active {
		detail = "dtls handshake, which we begin"
	}
	return append(effects, system.Log{Event: event.Media{Call: s.cfg.Call, Phase: event.MediaKeying, Remote: s.remote.String(), Detail: detail}})
}

// keyed takes the keys of an association that is done.
func (s *Session) keyed(effects []system.Effect, now time.Time, a *association) []system.Effect {
	k := a.conn.Keys()
	a.keys.Suite = suiteOf(k.Profile)
	a.keys.Out, a.keys.In = sdp.KeyOf(k.Local.Key, k.Local.Salt), sdp.KeyOf(k.Remote.Key, k.Remote.Salt)
	if s.handshakes.cfg.KeyLog != nil {
		s.handshakes.cfg.KeyLog([]byte(a.conn.KeyLog()))
	}
	if !a.rtp {
		a.seal = newSeal(a.keys, nil)
		return effects
	}
	s.Key(now, a.keys)
	return append(effects, system.Log{Event: event.Media{
		Call: s.cfg.Call, Phase: event.MediaSecured, Remote: s.remote.String(), SRTP: a.keys.String(), Detail: "certificate " + k.Fingerprint.String(),
	}})
}

// failure is the event of a handshake that has come to nothing.
func (s *Session) failure(err error, with netip.AddrPort) event.Event {
	rule, hint := event.RuleDTLSFailed, "nothing is sent or played; the peer has no profile, cipher or certificate in common with us, or is none of DTLS 1.2"
	var e *dtls.Error
	if errors.As(err, &e) {
		switch e.Kind {
		case dtls.Mismatch:
			rule, hint = event.RuleDTLSFingerprint, "nothing is sent or played: somebody stands between, or the far end's SDP has the fingerprint of another certificate"
		case dtls.Unanswered:
			rule, hint = event.RuleDTLSUnanswered, "nothing is sent or played: a firewall or NAT on the way, a far end that waits for us to begin, or has no DTLS there"
		}
	}
	return event.Error{Op: "agree on keys by DTLS with " + with.String(), Err: err.Error(), Hint: hint, Rule: rule}
}
