package app

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// terms are what both ends of a call have said of its audio (RFC 3264).
type terms struct {
	ours   []byte         // our last description
	taken  []byte         // the last one that the peer has agreed with
	offer  sdp.Local      // what made our last offer
	told   netip.AddrPort // where our audio is, as that says
	theirs []byte         // the last one of the peer's since the call is up
	origin sdp.Origin     // of theirs
	agreed sdp.Negotiated // what came of them
	at     netip.AddrPort // where our audio was then
	untidy string         // what the log has of the peer's descriptions
	// onHold and heldByPeer say who holds the call, as agreed.
	onHold, heldByPeer bool
}

// wish is what we want of a call's audio.
func (v *voice) wish() string {
	if v.held {
		return sdp.SendOnly
	}
	return sdp.SendRecv
}

// offer is our next description, as we want the audio.
func (v *voice) offer() []byte { return v.describe(v.wish()) }

// describe is our next description, in which the codec and the keys of the call stay: a
// hold is no reason for others. Its version grows if it says something else than
// the one before (RFC 3264 §8).
func (v *voice) describe(direction string) []byte {
	v.sdp.Direction, v.sdp.Anew = direction, v.session.Unkeyed()
	v.finder.describes(true)
	ours := v.sdp.Following(v.terms.agreed)
	body := ours.Offer()
	if v.terms.news(body) {
		v.sdp.Version++
		ours.Version++
		body = ours.Offer()
	}
	v.terms.ours, v.terms.told, v.terms.offer = body, v.sdp.Addr, ours
	return body
}

// change is the offer that changes a call. One that both ends hold is inactive
// (RFC 3264 §8.4).
func (v *voice) change() []byte {
	if v.held && v.terms.heldByPeer {
		return v.describe(sdp.Inactive)
	}
	return v.offer()
}

// changeLeft is the change that had to wait; nil if the peer has agreed with what it would
// say by now, and the user knows.
func (v *voice) changeLeft() []byte {
	offer := v.change()
	if v.held == v.terms.onHold && bytes.Equal(offer, v.terms.taken) {
		return nil
	}
	return offer
}

// holds reports whether our last offer puts the call on hold.
func (t *terms) holds() bool {
	return t.offer.Direction == sdp.SendOnly || t.offer.Direction == sdp.Inactive
}

// answer answers an offer; one that is repeated as before.
func (v *voice) answer(offer []byte) ([]byte, sdp.Negotiated, error) {
	v.sdp.Direction, v.sdp.Anew = v.wish(), v.session.Unkeyed()
	v.finder.meets(offer)
	ours := v.sdp.Following(v.terms.agreed)
	body, agreed, err := ours.Answer(offer)
	if err == nil && v.terms.news(body) {
		v.sdp.Version++
		ours.Version++
		body, agreed, err = ours.Answer(offer)
	}
	if err == nil {
		v.terms.ours, v.terms.taken, v.terms.told = body, body, v.sdp.Addr
	}
	return body, agreed, err
}

// news reports whether a description of ours is not the one that the peer has.
func (t *terms) news(body []byte) bool { return t.ours != nil && !bytes.Equal(t.ours, body) }

// follow takes a description of the peer's in a call that is up, and says what is
// untidy about it, also after the one before.
func (t *terms) follow(theirs []byte, agreed sdp.Negotiated) string {
	untidy := agreed.Untidy
	if t.theirs != nil {
		if fault := agreed.Origin.Follows(t.origin, bytes.Equal(t.theirs, theirs)); fault != "" {
			untidy = strings.TrimPrefix(untidy+"; "+fault, "; ")
		}
	}
	t.theirs, t.origin = theirs, agreed.Origin
	return untidy
}

// agree notes what was agreed on by a description of the peer's, and reports
// whether the audio changes by it.
func (t *terms) agree(agreed sdp.Negotiated, at netip.AddrPort) bool {
	agreed.Untidy, agreed.Origin = "", sdp.Origin{}
	if agreed.ICE.Same(t.agreed.ICE) {
		agreed.ICE = t.agreed.ICE
	}
	if agreed == t.agreed && at == t.at {
		return false
	}
	t.agreed, t.at = agreed, at
	return true
}
