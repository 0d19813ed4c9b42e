package media

import (
	"net/netip"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/ice"
	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// maxAgreed bounds the addresses that are remembered of one call: after so many moves,
// packets that were sent from the first address have long arrived.
const maxAgreed = 8

// An origin says where the audio of a call may come from: the addresses that the call
// has agreed on, now or before, and those that the program knows otherwise. Ports are
// not compared, as a NAT changes them.
//
// What comes from elsewhere is dropped and counted. That includes the audio of a peer
// behind a NAT whose session description has its private address: the server has to
// relay it, or audio has to be accepted from anywhere. The log names each address once,
// after as many packets as a new stream needs to prove itself, since one or two may
// have overtaken the signalling.
type origin struct {
	known   func(netip.Addr) bool // nil: no other address is
	named   []ice.Candidate       // by the peer, besides
	agreed  []netip.Addr
	refused elsewhere.Ledger
}

// agree remembers the addresses of a session description.
func (o *origin) agree(n sdp.Negotiated) {
	for _, at := range []netip.AddrPort{n.Remote, n.RemoteRTCP} {
		o.remember(at.Addr())
	}
	if n.ICE != nil {
		o.named = n.ICE.Candidates
	}
}

// remember takes an address for one of the call's.
func (o *origin) remember(a netip.Addr) {
	a = elsewhere.Plain(a)
	if !a.IsValid() || a.IsUnspecified() || slices.Contains(o.agreed, a) {
		return
	}
	o.agreed = append(o.agreed, a)
	if len(o.agreed) > maxAgreed {
		o.agreed = o.agreed[1:]
	}
}

// takes reports whether audio may come from an address.
func (o *origin) takes(a netip.Addr) bool {
	a = elsewhere.Plain(a)
	named := func(c ice.Candidate) bool { return c.At.Addr() == a }
	return slices.Contains(o.agreed, a) || slices.ContainsFunc(o.named, named) || o.known != nil && o.known(a)
}

// with is what audio was expected from.
func (o *origin) with() string {
	if n := len(o.agreed); n > 0 {
		return "the call has agreed on " + o.agreed[n-1].String()
	}
	return "the call has agreed on no address"
}
