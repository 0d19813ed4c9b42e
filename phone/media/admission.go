package media

import (
	"net/netip"

	"github.com/pion/rtp"
)

// proof is how many packets in sequence a new stream must send before it takes
// over.
const proof = 3

// An admission decides which packets are the peer's, and so where to send.
//
// A stream is one SSRC from one address. It latches as follows:
//
//   - The first stream is the peer's, whatever port SDP named, and whichever of
//     the addresses that are taken: see origin.
//   - Another stream takes over after three packets in sequence with none of
//     the present stream between them: a NAT that was rebound, a peer that
//     restarted, a transfer. Packets that are injected into a running call are
//     not admitted.
//   - A stream from the very address and port that SDP names takes over from one
//     that is not, after three packets in sequence, though the other goes on: that
//     is of an earlier call, whose phone had our port.
//   - After a BYE of the peer, or when it has named another address, the next stream
//     needs no proof.
//
// Packets of a stream that is not admitted are neither played nor counted.
type admission struct {
	settled bool // a stream is admitted
	moved   bool // another takes over at once: the peer has named another address
	from    netip.AddrPort
	ssrc    uint32

	stranger struct {
		from  netip.AddrPort
		ssrc  uint32
		next  uint16 // the sequence number that would count
		count int
	}
}

// admit reports whether a packet is of the peer's stream, and whether it is
// the first of a new one. SDP names the peer's address.
func (a *admission) admit(from, named netip.AddrPort, h *rtp.Header) (ok, changed bool) {
	if a.settled && from == a.from && h.SSRC == a.ssrc {
		if from == named || a.stranger.from != named {
			a.stranger.count = 0
		}
		return true, false
	}
	if a.settled && !a.moved && !a.proven(from, h) {
		return false, false
	}
	a.moved = false
	a.settled, a.from, a.ssrc = true, from, h.SSRC
	a.stranger.count = 0
	return true, true
}

// proven counts a new stream's packets in sequence.
func (a *admission) proven(from netip.AddrPort, h *rtp.Header) bool {
	s := &a.stranger
	if s.count == 0 || s.from != from || s.ssrc != h.SSRC || s.next != h.SequenceNumber {
		s.count, s.from, s.ssrc = 0, from, h.SSRC
	}
	s.count++
	s.next = h.SequenceNumber + 1
	return s.count >= proof
}
