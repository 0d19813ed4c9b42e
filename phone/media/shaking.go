package media

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/dtls"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// maxHello is more octets than a ClientHello of ours has: about 390 with the longest cookie,
// of 255.
const maxHello = 512

// facing is where an association sends to: where the peer is, by its datagrams or its SDP.
func (r *route) facing(a *association) netip.AddrPort {
	switch {
	case a.from.IsValid():
		return a.from
	case a.rtp:
		return r.remote
	}
	return r.remoteRTCP
}

// may reports whether an association can begin, or go on. One whose address has not shown
// that it receives waits for that.
func (r *route) may(a *association) bool {
	to := r.facing(a)
	return !r.revoked && addressed(to) && r.reach.may(to, maxHello)
}

// socket is that of an association.
func (r *route) socket(a *association) system.Socket {
	if a.rtp {
		return r.cfg.RTP
	}
	return r.cfg.RTCP
}

// due is when a handshake has something to do.
func (h *handshakes) due(r *route) (due time.Time) {
	for _, a := range h.list {
		if r.may(a) {
			due = system.Earliest(due, a.conn.Deadline())
		}
	}
	return due
}

// advance does what is due.
func (h *handshakes) advance(now time.Time, r *route) (effects []system.Effect) {
	for _, a := range h.list {
		if r.may(a) && system.Due(a.conn.Deadline(), now) {
			effects = h.says(effects, r, a, r.facing(a), a.conn.Advance(now))
		}
	}
	return effects
}

// receive takes in a datagram. Until the handshake is done, the peer is where its datagrams
// come from, once it has shown that it is there, and the answers go there, as with audio
// (RFC 4961).
func (h *handshakes) receive(now time.Time, r *route, from netip.AddrPort, sig system.Received) []system.Effect {
	a := h.of(sig.Socket == r.cfg.RTP)
	r.reach.hears(from.Addr(), len(sig.Data))
	if a.given() {
		return h.late(now, r, a, from, sig.Data)
	}
	return h.take(now, r, a, from, sig.Data)
}

// given reports whether we have waited for a hello and given up.
func (a *association) given() bool {
	var e *dtls.Error
	return a.failed && !a.active && errors.As(a.conn.Err(), &e) && e.Kind == dtls.Unanswered
}

// late begins anew what was given up, if a hello has come at last: the peer may have slept.
func (h *handshakes) late(now time.Time, r *route, a *association, from netip.AddrPort, data []byte) []system.Effect {
	next := h.begin(now, h.agreed.handshake, a.rtp)
	effects := h.take(now, r, next, from, data)
	if !next.conn.Heard() {
		return nil
	}
	h.list[slices.Index(h.list, a)] = next
	return effects
}

// take gives a datagram to an association.
func (h *handshakes) take(now time.Time, r *route, a *association, from netip.AddrPort, data []byte) []system.Effect {
	done, proven := a.conn.Done(), a.conn.Proven()
	out := a.conn.Receive(now, from.Addr(), data)
	switch {
	case done || !a.conn.Proven():
	case !proven && a.active: // it has signed for what was sent to it, wherever it is
		r.reach.reported(from.Addr())
		a.from = from
	case !proven:
		r.reach.proven = elsewhere.Plain(from.Addr())
		a.from = from
	default:
		a.from = from
	}
	return h.says(nil, r, a, from, out)
}

// says sends what an association has to say, and notes what has become of it.
func (h *handshakes) says(effects []system.Effect, r *route, a *association, to netip.AddrPort, out [][]byte) []system.Effect {
	if !a.begun {
		a.begun = true
		effects = r.tellBegun(effects, a)
	}
	if r.revoked {
		out = nil
	}
	for _, data := range out {
		if !r.reach.may(to, len(data)) {
			a.withheld++
			continue
		}
		r.reach.spend(to, len(data))
		effects = append(effects, system.Send{Socket: r.socket(a), To: to, Data: data})
	}
	switch err := a.conn.Err(); {
	case err != nil && !a.failed:
		a.failed = true
		return h.tellFailed(effects, r, a, err, to)
	case a.conn.Done() && a.keys.Suite == "":
		return h.keyed(effects, r, a)
	}
	return effects
}

// tellBegun logs the beginning of the handshake that the audio needs.
func (r *route) tellBegun(effects []system.Effect, a *association) []system.Effect {
	if !a.rtp {
		return effects
	}
	detail := "dtls handshake, which the peer begins"
	if a.active {
		detail = "dtls handshake, which we begin"
	}
	return append(effects, system.Log{Event: event.Media{Call: r.cfg.Call, Phase: event.MediaKeying, Remote: r.remote.String(), Detail: detail}})
}

// keyed takes the keys of an association that is done.
func (h *handshakes) keyed(effects []system.Effect, r *route, a *association) []system.Effect {
	k := a.conn.Keys()
	a.keys.Suite = suiteOf(k.Profile)
	a.keys.Out, a.keys.In = sdp.KeyOf(k.Local.Key, k.Local.Salt), sdp.KeyOf(k.Remote.Key, k.Remote.Salt)
	if h.cfg.KeyLog != nil {
		effects = append(effects, h.cfg.KeyLog([]byte(a.conn.KeyLog()))...)
	}
	if !a.rtp {
		a.seal = newSeal(a.keys, nil)
		return effects
	}
	return append(effects, system.Log{Event: event.Media{
		Call: r.cfg.Call, Phase: event.MediaSecured, Remote: r.remote.String(), SRTP: a.keys.String(), Detail: "certificate " + k.Fingerprint.String(),
	}})
}

// unsent takes in that the kernel has not sent a datagram.
func (h *handshakes) unsent(r *route, sig system.Unsent) {
	if a := h.of(sig.Socket == r.cfg.RTP); a != nil {
		a.refused++
	}
}

// tellFailed logs a handshake that has come to nothing. That of RTCP says nothing new where
// there is no audio either.
func (h *handshakes) tellFailed(effects []system.Effect, r *route, a *association, err error, with netip.AddrPort) []system.Effect {
	rule, hint := event.RuleDTLSFailed, "the peer has no profile, cipher or certificate in common with us, or is none of DTLS 1.2"
	why := err.Error()
	var e *dtls.Error
	if errors.As(err, &e) {
		switch e.Kind {
		case dtls.Mismatch:
			rule, hint = event.RuleDTLSFingerprint, "somebody stands between, or the far end's SDP has the fingerprint of another certificate"
		case dtls.Unanswered:
			rule, hint = event.RuleDTLSUnanswered, "a firewall or NAT on the way, a far end that waits for us to begin, or has no DTLS there"
			why += a.silence()
		}
	}
	op := "agree on keys by DTLS with " + with.String()
	switch {
	case a.rtp:
		return append(effects, system.Log{Event: event.Error{Op: op, Err: why, Hint: "nothing is sent or played: " + hint, Rule: rule}})
	case h.of(true).failed:
		return effects
	}
	return append(effects, system.Log{Event: event.Warning{
		Rule: rule, Call: r.cfg.Call, Note: "no reports (RTCP) are sent or read: " + op + ": " + why, Hint: "the audio has keys of its own; " + hint,
	}})
}

// silence is what of ours was not sent, and could not be answered.
func (a *association) silence() (text string) {
	if a.withheld > 0 {
		text += fmt.Sprintf("; %s of ours waited for the address to show that it receives (unproven-address)", words.Count(a.withheld, "datagram"))
	}
	if a.refused > 0 {
		text += fmt.Sprintf("; this computer has not sent %s of ours", words.Count(a.refused, "datagram"))
	}
	return text
}

// why says why there are no keys, if there are to be some; "" else.
func (h *handshakes) why(r *route) string {
	a := h.of(true)
	if a == nil || a.conn.Done() {
		return ""
	}
	switch to := r.facing(a); {
	case a.failed:
		return "the handshake of DTLS has failed, and there are no keys: see its error"
	case addressed(to) && !r.reach.may(to, maxHello):
		return fmt.Sprintf("the handshake of DTLS waits, and there are no keys: hardly anything has come from %s, and nothing is sent there before (unproven-address)", to)
	}
	return "the handshake of DTLS is not over, and there are no keys yet: is the path open for it, both ways?"
}
