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
// One audio stream is spoken, over RTP, plain or protected, with or without feedback; the
// answer has the transport of the offer. Every other m= line of an offer is
// refused with port 0, as RFC 3264 §6 asks, and what cannot be spoken at all
// is an [Error], which is a 488. Only one codec is put into an answer, so that
// neither side may change it without asking.
//
// Descriptions are written with pion/sdp, and read without it, which wants each
// line in its place. The reader takes the lines as they come, leaves out what it
// does not know, and says in [Negotiated] what was untidy.
//
// Descriptions come from strangers: they are bounded (64 KiB, 128 m= lines, of which
// the first 16 are read) and never cause a panic. The package is pure; its values may be used by any
// goroutine that owns them.
package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/ice"
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

// wideClock is the clock of codecs for which our offers have numbers of their own, in Hz.
const wideClock = 16000

// wideDTMFType is the one for codecs whose clock has 16000 Hz: telephone-event has the clock
// of the codec that it interrupts (RFC 4733 §2.1).
const wideDTMFType = 102

// opusDTMFType is the one for the clock of Opus.
const opusDTMFType = 103

// noiseType is the static payload type of comfort noise (RFC 3389 §4), and wideNoiseType the
// number that we offer for the clock of 16000 Hz.
const noiseType, wideNoiseType = 13, 98

// Local is what one side of a call can and wants to do.
type Local struct {
	// Addr is where RTP is received. RTCP is received on the next port
	// (RFC 3550 §11), or on the same one if rtcp-mux is agreed on.
	Addr netip.AddrPort
	// RTCP is where RTCP is received, if that is not the next port (RFC 3605).
	RTCP netip.AddrPort
	// Mux offers rtcp-mux (RFC 5761); where the peer offers it, it is taken anyway.
	Mux bool
	// ICE is what we say of ICE (RFC 8839); nil: we do not speak it. RequireICE agrees with
	// nobody who does not.
	ICE        *ice.Description
	RequireICE bool
	// Codecs are in our order of preference, which counts in an offer.
	Codecs []codec.Codec
	// Answers are codecs that are not offered, but spoken if the peer offers them.
	Answers []codec.Codec
	// Noise says that silence is sent as comfort noise (RFC 3389), and AnswersNoise that it
	// is if the peer offers it.
	Noise, AnswersNoise bool
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
	// SRTP says which audio is protected, and Keys has our keys for it; nil: none is.
	SRTP Policy
	Keys *Keyring
	// Fingerprint gives that of our certificate for DTLS, the value of a=fingerprint; nil: keys
	// by DTLS are not spoken. ByDTLS says that the keys of our offers are agreed on by it.
	Fingerprint func() string
	ByDTLS      bool
	// Anew wants another association of DTLS: the one that there was has failed.
	Anew bool
	// XR says who gets extended reports of RTCP.
	XR XRPolicy
	// before is what was agreed on last: see Following.
	before Negotiated
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
	// DTMFClock is the rate in which it counts, in Hz, if the peer has none of the codec's
	// clock; 0: that of the codec.
	DTMFClock int
	// NoiseType is the number of comfort noise on the wire; 0: not agreed.
	NoiseType uint8
	// Offered are the numbers under which our offer has the same, where the peer has
	// answered with others: it may send with either (RFC 3264 §5.1). 0: no other.
	Offered Numbers
	// PTime is how much audio to send in one packet.
	PTime time.Duration
	// Send and Receive say which ways the audio may flow.
	Send, Receive bool
	// Proto is the transport of the m= line, such as RTP/AVP.
	Proto string
	// SRTP says how the packets are protected.
	SRTP SRTP
	// DTLS says how the keys are agreed on, where that is by DTLS.
	DTLS Handshake
	// Mux says that RTCP shares the RTP port (RFC 5761).
	Mux bool
	// XR is which extended reports of RTCP the peer gets.
	XR XR
	// ICE is what the peer says of ICE; nil if it is not agreed on. ICEFault says why the
	// peer's cannot be used, though it tries.
	ICE      *ice.Description
	ICEFault string
	// Held says that the peer wants to hear nothing: sendonly, inactive, or the
	// address 0.0.0.0 of RFC 2543 (RFC 3264 §8.4).
	Held bool
	// Disabled says that the peer has ended the audio with port 0, in a session that goes
	// on (RFC 3264 §8.2); the rest is as it was. An offer with a port begins it again.
	Disabled bool
	// Origin is the o= line of the peer's description.
	Origin Origin
	// Untidy says what was wrong with the peer's description, which was
	// understood all the same; "" if nothing was. It is set with an error, too.
	Untidy string
}

// Numbers are payload types.
type Numbers struct{ Codec, DTMF, Noise uint8 }

// Origin tells the descriptions of a session apart from those of others, and from
// each other (RFC 8866 §5.2).
type Origin struct {
	Session string // all of the o= line but the version
	Version string
}

// Follows says what is wrong with a description that follows another in the same
// call (RFC 3264 §8); "" if nothing is. same says that they have the same text.
func (o Origin) Follows(before Origin, same bool) string {
	switch {
	case same, o == Origin{}, before == Origin{}:
		return "" // it is the same, or there is none, which is said already
	case o.Session != before.Session:
		return "its o= line is another session's than before"
	case o.Version == before.Version:
		return "it says something new, and its o= version is the old one"
	case lower(o.Version, before.Version):
		return "its o= version is lower than before"
	}
	return ""
}

// lower compares numbers of any length.
func lower(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if !digits(a) || !digits(b) {
		return false
	}
	return len(a) < len(b) || len(a) == len(b) && a < b
}

// An Error says why a peer's description cannot be agreed with. As an offer it is
// answered 488 (RFC 3261 §13.3.1.3).
type Error struct {
	// Warning is the code that goes with the 488 (RFC 3261 §20.43).
	Warning int
	Reason  string
}

func (e *Error) Error() string { return "session description: " + e.Reason }

// Refusal is what the peer is told of an error of ours: every offer that is not agreed
// with is refused, whatever the reason.
func Refusal(err error) *Error {
	why := &Error{Warning: warnMisc, Reason: err.Error()}
	errors.As(err, &why)
	return why
}

// The warnings of RFC 3261 §20.43 that have a use here.
const (
	warnNetwork   = 300
	warnAddress   = 301
	warnTransport = 302
	warnMedia     = 304
	warnFormat    = 305
	warnMulticast = 330
	warnMisc      = 399
)

func refuse(warning int, format string, args ...any) error {
	return &Error{Warning: warning, Reason: fmt.Sprintf(format, args...)}
}

// quote is a word of the peer's for an error, which need not be longer than our own
// words.
func quote(word string) string { return strconv.Quote(clean.Cut(word, 40)) }
