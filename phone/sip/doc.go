// Package sip is a SIP user agent with a flow to a server, a TCP connection,
// TLS on one, WebSocket on either, or a UDP socket, beside which requests that are too
// large for a datagram have a TCP connection of their own, the bypass: the part of a
// softphone that signals (RFC 3261, with the keepalive and recovery of RFC 5626 and the
// transaction corrections of RFC 6026).
//
//	        bytes, datagrams        frames         ┌─▶ keepalive
//	flow ─────────────────────▶ inlet ────▶ Agent ─┼─▶ forced ──▶ service ──▶ calls ──▶ call, referral
//	bypass ───────────────────▶ inlet ────────┘    └─▶ client ──▶ registration, call, subscription,
//	  ▲            bytes                                 │         watch, publication, texting
//	  └────────────── what is large ────────── wire ◀────┘
//	flow ◀──────────── all else ────────────────┘
//
// An inlet cuts what arrives on its socket with a [Framer], or by [ParseDatagram]. The
// flow is a control.Conn, which recovers; the bypass is a control.Channel, which does not.
//
// An Agent is made of parts, each of which knows only those beneath it: the
// author writes messages, the wire sends them through [Transactions], the client
// sends requests and gives the answers to who asked, which is the registration
// or a call, for instance; the service answers the requests of others, unless a tester
// has forced another answer. What a program commands is said to the part that it is
// about: callCommands, transferCommands and orders hold those. The connection under
// them lives as phone/control says.
//
// A lab or a proxy can use [Framer], [ParseDatagram] and [Transactions] without
// an [Agent]. [SDPOf] finds a session description in a body, also among other parts;
// what it says is opaque here.
//
// # Reading
//
// Messages are read by a reader of our own into the types of sipgo: what RFC 3261
// allows without a word, what it does not allow and can mean one thing only with a
// note ([Untidy], a warning of which is logged once in a while, see [Tidiness]). The
// rest is [Bad]: a request is answered 400, and the flow goes on unless nobody knows
// where the next message begins. [Param], [URIParam], [ParseAddress], [ParseValue]
// and [SameURI] are for whoever looks into header fields; header fields that are not
// typed come under their long names.
//
// # The law
//
// The agent is a pure machine. It is given the time, signals and commands, and
// gives back effects and notices ([control.Output]); it never asks for the time, starts
// a goroutine, or touches a socket. Its deadlines are data. Randomness comes
// from Config.Rand, so that the same seed and the same inputs give the same
// bytes.
//
// An agent is not safe for concurrent use: one goroutine owns it.
//
// # The rule of thawing
//
// A mobile system may stop the program for hours, and the agent cannot see
// it. What it sees is that Advance comes late. Then everything overdue is done
// once, oldest first: a refresh is sent, a ping goes out. But whatever would
// give something up for lack of an answer (a pong, a response, an ACK, a
// connection, the rest of a message) is put off: the answer may lie in the
// kernel, unread. If Advance comes more than a second late, nothing is given
// up in the next 500 ms; after that the deadline counts again.
//
// # UDP
//
// A flow over UDP is open when its socket is bound. What is sent is repeated
// until it is answered, by the timers of RFC 3261 §17; a response goes to where
// its request came from (§18.2.2, RFC 3581), all else to the server. Requests are
// taken from the server, its proxies and those of the dialog alone, unless
// Config.AcceptAny lets anybody send them: see peers.go. A missing pong fails
// nothing, a REGISTER without an answer does. A request of more than 1300 bytes
// goes over a TCP connection to the same server, or over UDP, with a warning, if none can
// be opened (§18.1.1, see bypass.go). Where a request comes from can be forged: how
// little is sent there before its sender has shown that it receives is said at [Reach].
//
// # TLS
//
// A flow over TLS is open when the handshake is over. The agent asks for it
// (system.StartTLS) and sees plain text; who is trusted is not its business, but that
// the certificate is to name a SIP domain (RFC 5922) is. Its
// Contact is a sip URI with transport=tls, not a sips URI: that would have every
// hop to the caller use TLS (RFC 5630 §3.1.3).
//
// # WebSocket
//
// A flow over WebSocket (RFC 7118) is open when its handshake is over, above TLS if
// that is spoken. The agent asks for it (system.StartWebSocket) and sees whole
// messages, one a frame, so that none needs a Content-Length. Via and Contact name a
// host that leads nowhere, as nobody could connect to us there.
//
// # Flows
//
// An agent has one flow. An account with several (RFC 5626 §4.2) has an agent for each,
// which register the same instance, each with the number of its flow, and know one
// another by control.Flow. A dialog belongs to the account:
//
//   - A request in a dialog of another agent's, and an INVITE with Replaces that names one,
//     are handed to that agent as a [control.Stray]. The response goes by the flow that the
//     request has come by; all else of the dialog goes by that of its agent.
//   - What has come by a flow that is gone cannot be answered: the agent that serves it is
//     told in the same way (strand.go).
//   - Calls that are up go on at an agent whose flow stands, with their transfers: see
//     [Agent.TakeOver].
//   - A request outside of a dialog that has come already, by whatever flow, is a merged
//     request, and is refused (RFC 3261 §8.2.2.2, merged.go).
//
// # What a call may require
//
// Provisional responses are acknowledged where either side requires it (RFC 3262):
// reliable.go has ours, prack.go theirs. Each phone that an INVITE of ours was forked
// to is an early dialog of its own, see early.go. An UPDATE (RFC 3311) changes or
// refreshes a session without an INVITE; of two offers that cross one is refused. A
// session timer (RFC 4028) is refreshed at half of it; a program that was stopped
// learns afterwards that it missed that, see sessiontimer.go and refresh.go.
//
// # Where the server is
//
// The servers of a domain without a port are looked for by phone/locate (RFC 3263),
// which control.Conn asks; locate.go has what is SIP's of it. A server that fails is
// left for another of its addresses, then for the next server, and with it the flow: the
// registration, an INVITE that had no answer and requests in no dialog (see onward.go) go
// on there, unless another call needs the flow. An OPTIONS is not asked again.
//
// # Elsewhere
//
// A 3xx is followed, each target once (redirect.go), unless Config.ShowRedirects: a
// call goes on there, a registration moves with its flow. A REFER of ours is a
// subscription, one of the peer's a referral, which the program follows or refuses; an
// INVITE with Replaces takes the place of a call (RFC 3515, RFC 3891). A watch is what
// we subscribe to besides (RFC 6665), a publication what we have others told (RFC 3903).
//
// # Times
//
// A registration is refreshed when half of its life has passed; one that the
// server pushes for, when it does (RFC 8599, see push.go). A flow that
// carried a registration and fails is formed again at once, though not twice
// within 10 s; any other failure waits by RFC 5626 §4.5. A wrong password and
// other refusals that trying again cannot mend wait for a person. Answers that
// make the agent ask again at once (423, a stale nonce, 491) do so a few times in a
// row, and whatever a server answers has a budget, see [control.Budget].
package sip
