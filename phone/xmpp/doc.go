// Package xmpp is an XMPP client with one long connection to its server: the
// other kind of app that mobile systems woke for its socket. Messages are
// notifications, and calls are announced by Jingle Message Initiation; there
// is no audio. Beside it is a small server, for the lab.
//
//	          bytes            frames         ┌─▶ signon ──▶ sasl
//	stream ──────────▶ Framer ────────▶ Agent ┼─▶ outbox ──▶ management
//	                                      │   └─▶ service ─▶ registration, calls, keepalive
//	                                      └──▶ control.Conn
//
// An Agent is made of parts, each of which knows only those beneath it: the
// stream writes our side of it, the outbox sends stanzas and keeps those that
// may be lost, the signon leads to a session, the registration makes us
// reachable in it, and the service takes in what comes. A part that finds the
// server at fault returns an error, on which the Agent acts.
//
// It speaks
//
//	RFC 6120, RFC 6121  streams, STARTTLS, SASL, sessions, messages, presence
//	XEP-0368            TLS from the start
//	RFC 5802, RFC 7677  SCRAM-SHA-1 and SCRAM-SHA-256; PLAIN over TLS
//	XEP-0198            stream management, with resumption
//	XEP-0199            pings: the app's keepalive handler sends one
//	XEP-0352            the app has left the screen
//	XEP-0357            where it can be pushed to
//	XEP-0353            calls, as far as messages tell of them
//
// # The law
//
// The agent is a pure machine. It is given the time, signals and commands, and
// gives back calls and notices ([control.Output]); it never asks for the time,
// starts a goroutine, or touches a socket. Randomness comes from Config.Rand.
// One goroutine owns it. The [Server] is another.
//
// # The rule of thawing
//
// It is that of package sip: if Advance comes more than a second late, the
// program was stopped, and nothing is given up for lack of an answer in the
// next 500 ms, for the answer may lie in the kernel, unread.
//
// # What a broken connection costs
//
// Nothing, where the server manages streams: the session is resumed, what came
// meanwhile arrives, and what we sent and the server had not handled is sent
// again. Calls outlive the connection, as they are messages. Only the state of
// the app is sent again, which a resumed stream does not know (XEP-0352 §5).
// Where the session cannot be resumed, messages of ours that may be lost are
// sent in the new one, perhaps for the second time.
//
// # Limits
//
// SRV records are not looked up, and a see-other-host is not followed: a
// server is named. There is no channel binding, no roster and no presence of
// others, no groups, no archive, and no copies of what other phones of the
// account send (XEP-0280). Calls cannot be placed. A caller's session-initiate
// is refused, since there is no audio; what is shown is that the phone rang
// and was answered. A call that nobody takes back rings for three minutes.
//
// Bounded are a stanza (64 KiB) and its depth, the work that SCRAM may ask
// for, the stanzas that are kept until the server has handled them (beyond
// that the session cannot be resumed) or until there is a connection, and the
// calls at a time.
package xmpp
