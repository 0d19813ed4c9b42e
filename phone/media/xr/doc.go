// Package xr has the extended reports of RTCP (RFC 3611) of one call: which packets of the
// peer's were lost in bursts, the block of VoIP metrics that says so, and the blocks by which
// who sends no audio measures the round trip.
//
//	packets ─▶ Reception ─▶ bursts and gaps ─▶ Measured ─▶ VoIP metrics ─▶ peer
//	peer ─▶ Read ─▶ what it says of our audio
//
// What pion/rtcp reads is trusted no further than that: a packet is taken apart here, so
// that one block that breaks the rules does not cost the others.
package xr
