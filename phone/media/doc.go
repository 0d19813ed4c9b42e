// Package media is the sound of one call: an RTP session (RFC 3550) as a pure
// machine.
//
//	Capture(frame) ─▶ codec ─▶ sender ───────────────▶ RTP
//	                   └ DTMF (RFC 4733) takes its place
//	Playout(frame) ◀─ concealment ◀─ jitter buffer ◀── admission ◀─ origin ◀─ RTP
//	                                      DTMF digits ◀──┘
//	Advance        ─▶ RTCP reports (RFC 3550 §6), a statistics event a second
//
// Where the call has agreed on SRTP (RFC 3711), a seal stands between all of this and the
// sockets: without keys nothing is sent, and what does not open is neither played nor
// believed, but counted.
//
// A session has one part for each concern, with its state and its deadlines: the route (where
// packets go and may come from, by SDP, by what comes, or by ICE), the protection (SRTP and its
// keys), the transmission and the reception, whether audio gets through (inward, outward), what
// has come and does not open (unopened), and control (RTCP). All of them go by the basis: what
// has been agreed on.
//
// Sound runs at the pace of the sound card: Capture and Playout are called with
// its frames, mono, at the rate of the codec ([Session.Rate]). RTCP and
// statistics run by deadlines. All of them take the time; it may leap by hours,
// because an app can be frozen in the middle of a call. After a leap nothing is caught up on: waiting packets are
// dropped, the next report follows in its usual time, and jitter is measured
// from scratch.
//
// The session sends to where the peer's media comes from (symmetric RTP, RFC
// 4961), from an address that the call has agreed on: see the comments on
// admission and origin. SDP can name anybody, and the source of a packet can be
// forged: whether anything may be sent there is up to the reach.
//
// A [Session] is not safe for concurrent use.
package media
