package media

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

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
	// Opened takes the packets of SRTP as they are without it; nil: nobody does.
	Opened system.Opened
	Rand   *rand.Rand
}
