// Package ice finds the way between the two ends of a call: an agent of ICE (RFC 8445) as
// a pure machine, for the one stream that a phone has.
//
//	New ─ Gather ─▶ Local() into our session description
//	Begin(theirs) ─▶ checks ─▶ Selected ─▶ consent ─▶ (Lost)
//
// It is a full agent with candidates of its host and, if it is told a server of STUN, of
// the NAT before it; or a lite one, which answers checks and sends none (§2.5). Nomination
// is regular (§8.1.1); a peer that nominates with each check is taken as well. All sockets
// have one address of ours, so that a pair is known by its component and the peer's
// address: what a NAT makes of ours is paired by its base (§6.1.2.4). There is no trickle
// and no relay of our own.
//
// What a stranger sends is believed only by MESSAGE-INTEGRITY, and makes an agent send
// to nobody but itself. Checks go to addresses that the peer has named in its session
// description, or has sent an authentic check from, of which there are 32 at most; one
// every 50 ms, and each seven times. A check of the peer's makes another one of ours, of
// which two at most wait for their answers.
//
// Deadline, Advance and Receive are as those of every machine here. An Agent is not safe
// for concurrent use.
package ice
