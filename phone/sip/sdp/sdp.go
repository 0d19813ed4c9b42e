// Package sdp makes and answers the session descriptions of one audio call:
// the offer/answer model of RFC 3264 over the grammar of RFC 8866.
//
//	caller                                    callee
//	Local.Offer()   ──── INVITE ────▶  Local.Answer(offer)  ─▶ Negotiated
//	Local.Accept(answer) ◀── 200 ────
//	      └─▶ Negotiated
//
// With an INVITE that has no body the roles turn: the callee's 200 carries
// Offer, and the ACK the answer for Accept.
//
// One audio stream over RTP/AVP is spoken. Every other m= line of an offer is
// refused with port 0, as RFC 3264 §6 asks, and what cannot be spoken at all
// is an [Error] with the SIP status to answer it with. Only one codec is put
// into an answer, so that neither side may change it without asking.
//
// Descriptions come from strangers: they are bounded (64 KiB, 16 m= lines)
// and never cause a panic. The package is pure; its values may be used by any
// goroutine that owns them.
package sdp

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// Directions of a stream, seen from the side that writes them (RFC 3264 §5.1).
const (
	SendRecv = "sendrecv"
	SendOnly = "sendonly"
	RecvOnly = "recvonly"
	Inactive = "inactive"
)

// DTMFType is the payload number that our offers give to telephone-event
// (RFC 4733). It is dynamic; 101 is what nearly every phone uses.
const DTMFType = 101

// Local is what one side of a call can and wants to do.
type Local struct {
	// Addr is where RTP is received. RTCP is received on the next port
	// (RFC 3550 §11), or on the same one if the peer offers rtcp-mux.
	Addr netip.AddrPort
	// Codecs are in our order of preference, which counts in an offer.
	Codecs []codec.Codec
	// DTMF says that telephone-event is spoken.
	DTMF bool
	// PTime is how much audio we want in one packet; 0 means 20 ms.
	PTime time.Duration
	// Direction is what we want; empty means sendrecv. An answer never
	// allows more than the offer does.
	Direction string
	// SessionID and Version are the numbers of the o= line. The version
	// grows by one with each changed description of the same call
	// (RFC 3264 §8).
	SessionID, Version uint64
}

// Negotiated is what both sides have agreed upon.
type Negotiated struct {
	// Remote is where the peer wants RTP. It is unspecified (0.0.0.0) while
	// the peer holds the call in the way of RFC 2543, and then nothing may
	// be sent.
	Remote netip.AddrPort
	// RemoteRTCP is where the peer wants RTCP; equal to Remote with Mux.
	RemoteRTCP netip.AddrPort
	Codec      codec.Codec
	// PayloadType is the number of Codec on the wire.
	PayloadType uint8
	// DTMFType is the number of telephone-event on the wire; 0: not agreed.
	DTMFType uint8
	// PTime is how much audio to send in one packet.
	PTime time.Duration
	// Send and Receive say which ways the audio may flow.
	Send, Receive bool
	// Mux says that RTCP shares the RTP port (RFC 5761).
	Mux bool
}

// An Error says why a peer's description cannot be used.
type Error struct {
	// Status is the SIP status that answers it: 400 for a description that
	// cannot be read, 488 for one that asks for what we do not speak
	// (RFC 3261 §13.3.1.3).
	Status int
	Reason string
}

func (e *Error) Error() string { return "session description: " + e.Reason }

func malformed(format string, args ...any) error {
	return &Error{Status: 400, Reason: fmt.Sprintf(format, args...)}
}

func notAcceptable(format string, args ...any) error {
	return &Error{Status: 488, Reason: fmt.Sprintf(format, args...)}
}
