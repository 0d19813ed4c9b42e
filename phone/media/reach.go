package media

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
)

const (
	// amplification is how many times what has come from a host may be sent
	// there before it has shown that it receives (RFC 9000 §8.1).
	amplification = 3
	// maxReport is more than a report of two parties has, in octets.
	maxReport = 128
	// withheldFor is how long audio is withheld before the log says so (our own
	// number): behind a NAT, the peer's first packet shows the right address.
	withheldFor = 2 * time.Second
)

// A reach says where audio may go. SDP can name any address, and the source of an
// INVITE over UDP can be forged, so the peer's host has to show that it receives (the
// "voice hammer" of RFC 8445 §19.5.1). It has done so when
//
//   - it is also the other end of the signalling, and that has: see [Session.Trust];
//   - its RTCP reports on our audio, by an SSRC that no other host has been sent;
//   - it has answered a check of ICE, whose transaction nobody else knows: see
//     [Session.Route].
//
// Any other host gets three times the bytes of media that come from it, which is enough
// for a peer that talks, and nothing for one that was merely named; the host that the
// signalling comes from gets besides what is left of its own bound: see [Config.Spare].
type reach struct {
	open     bool         // SDP is believed
	trusted  netip.Addr   // the host of the signalling
	proven   netip.Addr   // a host that has reported on our audio
	checked  []netip.Addr // hosts that have answered a check of ICE
	told     netip.Addr   // the first host that our SSRC was sent to
	shared   bool         // another one knows it as well
	spared   netip.Addr   // a host that gets spare bytes all the same
	spare    int
	heard    netip.Addr // the host that media comes from
	received int        // bytes from there
	sent     int        // and to there
	since    time.Time  // when trust was given; zero: not yet
	warned   bool       // that audio is withheld
}

func newReach(cfg Config) reach {
	return reach{open: !cfg.Wary, spared: elsewhere.Plain(cfg.Negotiated.Remote.Addr()), spare: cfg.Spare}
}

// may reports whether n bytes may go to an address, of those that are spared, too.
func (r *reach) may(to netip.AddrPort, n int) bool {
	return r.trusts(to, n) || elsewhere.Plain(to.Addr()) == r.spared && n <= r.spare
}

// trusts reports whether n bytes may go to an address because of what has come from there.
func (r *reach) trusts(to netip.AddrPort, n int) bool {
	host := elsewhere.Plain(to.Addr())
	return r.open || host == r.trusted || host == r.proven || slices.Contains(r.checked, host) || host == r.heard && r.sent+n <= amplification*r.received
}

// spend notes that n bytes go to an address.
func (r *reach) spend(to netip.AddrPort, n int) {
	host := elsewhere.Plain(to.Addr())
	if host == r.heard {
		r.sent += n
	}
	if host == r.spared {
		r.spare -= min(r.spare, n)
	}
	if !r.told.IsValid() {
		r.told = host
	}
	r.shared = r.shared || host != r.told
}

// hears takes in that media has come from a host.
func (r *reach) hears(from netip.Addr, n int) {
	if from = elsewhere.Plain(from); from != r.heard {
		r.heard, r.received, r.sent = from, 0, 0
	}
	r.received += n
}

// trust believes what a host of the signalling has said: see [Session.Trust].
func (r *reach) trust(now time.Time, host netip.Addr) {
	r.open, r.trusted, r.since = !host.IsValid(), elsewhere.Plain(host), now
}

// withholds reports whether it is time to say that audio is withheld, and not said yet.
func (r *reach) withholds(now time.Time) bool {
	return !r.warned && !r.since.IsZero() && now.Sub(r.since) >= withheldFor
}

// reported takes in that a host has reported on our audio, or has signed for what we sent in
// a handshake, which shows that it has received it, unless somebody else could have written
// that.
func (r *reach) reported(from netip.Addr) {
	if from = elsewhere.Plain(from); from == r.told && !r.shared {
		r.proven = from
	}
}

// checks notes a host that has answered a check of ICE.
func (r *reach) checks(host netip.Addr) {
	if host = elsewhere.Plain(host); !slices.Contains(r.checked, host) {
		r.checked = append(r.checked[max(0, len(r.checked)-maxAgreed+1):], host)
	}
}
