package media

import (
	"net/netip"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/dtls"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A DTLS is what a session needs for keys by DTLS (RFC 5764).
type DTLS struct {
	Identity func() *dtls.Identity
	Random   func([]byte)
	// KeyLog takes the secrets, and returns what to log of that; nil: nobody does.
	KeyLog func(line []byte) []system.Effect
}

// An association is one handshake of a call, and what comes of it.
type association struct {
	conn   *dtls.Conn
	rtp    bool           // it is that of the RTP socket
	active bool           // we begin it
	from   netip.AddrPort // where the peer is, as its datagrams say that were believed; zero: not yet
	keys   sdp.SRTP
	seal   *seal // of RTCP with a port of its own
	begun  bool  // the log has it
	failed bool  // likewise

	withheld, refused int // datagrams that were not sent: by us, and by the kernel
}

// An agreement is what one set of associations is for: with another, they begin anew
// (RFC 5763 §6.6).
type agreement struct {
	handshake     sdp.Handshake
	remote, local netip.AddrPort
	mux           bool
	ice           bool // it is not addresses that were agreed on, but pairs of them that are found
}

// continues reports whether the associations of an agreement are those of the next, too. One
// that both have given a name (RFC 8842 §4), or whose way is found by ICE (§6), does not depend
// on where the ends are: it goes on over whatever way there is, also after an ICE restart.
func (a agreement) continues(next agreement) bool {
	if next.handshake.ID != "" && next.handshake.Own != "" || a.ice && next.ice {
		a.remote, a.local = next.remote, next.local
	}
	a.ice = next.ice
	return a == next
}

// Handshakes are those of a call: one for its audio and, where RTCP has a port of its own,
// one for that (RFC 5764 §4.1).
type handshakes struct {
	cfg    DTLS
	agreed agreement
	list   []*association // that of RTP first
}

// follow begins the handshakes for what was agreed on now, unless it is what it was. Those
// that have failed begin anew.
func (h *handshakes) follow(now time.Time, n sdp.Negotiated, local netip.AddrPort) {
	if n.SRTP.By != sdp.DTLS {
		h.agreed, h.list = agreement{}, nil
		return
	}
	a := agreement{handshake: n.DTLS, remote: n.Remote, local: local, mux: n.Mux, ice: n.ICE != nil}
	a.handshake.Active = false                            // who has begun does not matter any more
	if n.Remote.Addr().IsUnspecified() && h.list != nil { // held as in RFC 2543
		a.remote = h.agreed.remote
	}
	before := h.agreed
	h.agreed = a
	if h.list == nil || !before.continues(a) {
		h.list = []*association{h.begin(now, n.DTLS, true)}
		if !n.Mux {
			h.list = append(h.list, h.begin(now, n.DTLS, false))
		}
		return
	}
	for i, one := range h.list {
		if one.failed {
			h.list[i] = h.begin(now, n.DTLS, one.rtp)
		}
		if before.remote != a.remote {
			one.from = netip.AddrPort{}
		}
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
	return &association{conn: dtls.New(cfg, now), rtp: rtp, active: agreed.Active, keys: none, seal: newSeal(none, nil)}
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

// failed reports whether that of the audio has.
func (h *handshakes) failed() bool {
	a := h.of(true)
	return a != nil && a.failed
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

// IsDTLS tells datagrams of DTLS from others: see [dtls.Is].
func IsDTLS(data []byte) bool { return dtls.Is(data) }

// MayShake reports whether a datagram looks as if it were of a handshake.
func MayShake(data []byte) bool { return IsDTLS(data) && len(data) <= maxDatagram }
