// Package dtls agrees on the keys of SRTP with the other end of a call, on the path of the
// audio itself: DTLS-SRTP (RFC 5763, RFC 5764) by DTLS 1.2 (RFC 6347).
//
//	Config{Identity, Fingerprints of the SDP} ─▶ New ─▶ Conn
//	datagrams of the peer ──▶ Receive ─▶ datagrams for the peer
//	the clock ──────────────▶ Advance ─▶ datagrams for the peer
//	                          Agreed: the profile and both ends' master keys
//
// The records, messages and ciphers are those of pion/dtls; its Conn, though, runs two
// goroutines and timers of the wall clock, and nobody can tell when it has come to rest.
// So the handshake is written here as the pure machine that everything else is: what a
// suspended phone, a link that loses packets or a clock that leaps do to it is the same in
// virtual time and live, to the octet.
//
// A certificate is made for each phone and signed by itself. It proves nothing but that it
// is the one whose fingerprint the SDP has (RFC 8122 §6.2), and that is checked at both
// ends before there are keys. So the keys are as trustworthy as the signalling.
//
// Left out: resumption and renegotiation, which DTLS-SRTP does not need, ciphers without
// forward secrecy or without AEAD, and DTLS 1.0 (RFC 8996 §5).
package dtls
