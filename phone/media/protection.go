package media

import (
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A protection is the SRTP of a session: the keys that were agreed on, or the handshakes that
// bring them.
type protection struct {
	*basis
	route      *route
	seal       *seal // nil: packets are plain
	ours       ownKeys
	handshakes handshakes
}

// String says how the packets are protected, from where their keys come on; "" if they are
// not, or there are no keys yet.
func (p *protection) String() string {
	if !p.seal.keyed() {
		return ""
	}
	return p.n.SRTP.String()
}

// agree begins the handshakes for the keys that were agreed on, and sets those that there are.
func (p *protection) agree(now time.Time, n *sdp.Negotiated) {
	p.handshakes.follow(now, *n, p.cfg.Local)
	n.SRTP = p.handshakes.keys(n.SRTP)
}

// take protects what is sent from now on as agreed.
func (p *protection) take(agreed sdp.SRTP) {
	p.seal = newSeal(agreed, p.seal)
	p.ours.resume(p.seal)
}

// protect makes a packet of RTP ready to be sent.
func (p *protection) protect(data []byte) []byte { return p.shows(p.seal.protect(data), data) }

// protectControl is the same of RTCP.
func (p *protection) protectControl(data []byte) []byte {
	return p.shows(p.sealOfControl().protectControl(data), data)
}

// open opens a packet of RTP.
func (p *protection) open(data []byte) ([]byte, error) {
	plain, err := p.seal.open(data)
	if err == nil {
		p.shows(data, plain)
	}
	return plain, err
}

// openControl opens a packet of RTCP.
func (p *protection) openControl(data []byte) ([]byte, error) {
	plain, err := p.sealOfControl().openControl(data)
	if err == nil {
		p.shows(data, plain)
	}
	return plain, err
}

// shows tells whoever wants to know what is in a protected packet, which it returns.
func (p *protection) shows(sealed, plain []byte) []byte {
	if p.cfg.Opened != nil && len(sealed) != len(plain) { // what is protected is longer
		p.cfg.Opened(sealed, plain)
	}
	return sealed
}

// sealOfControl is the seal of RTCP.
func (p *protection) sealOfControl() *seal {
	if a := p.handshakes.of(false); a != nil {
		return a.seal
	}
	return p.seal
}

// due is when a handshake has something to do.
func (p *protection) due() time.Time { return p.handshakes.due(p.route) }

// shakes reports whether a datagram is for a handshake. One from elsewhere is refused as
// audio is.
func (p *protection) shakes(sig system.Received) bool {
	audio, control := sig.Socket == p.cfg.RTP, sig.Socket == p.cfg.RTCP
	return (audio || control) && MayShake(sig.Data) && p.handshakes.of(audio) != nil
}

// advance does what is due in the handshakes.
func (p *protection) advance(now time.Time) []system.Effect {
	return p.handshakes.advance(now, p.route)
}

// receive takes in a datagram of a handshake.
func (p *protection) receive(now time.Time, from netip.AddrPort, sig system.Received) []system.Effect {
	return p.handshakes.receive(now, p.route, from, sig)
}

// news returns the keys of a handshake that are not in use yet.
func (p *protection) news() (keys sdp.SRTP, ok bool) {
	keys = p.handshakes.keys(p.n.SRTP)
	return keys, keys != p.n.SRTP
}

// why says why there are no keys, if there are to be some; "" else.
func (p *protection) why() string { return p.handshakes.why(p.route) }
