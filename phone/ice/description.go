package ice

import (
	"math/rand/v2"
	"net/netip"
	"slices"
)

// A Description is what one end says of itself in its session description (RFC 8839).
type Description struct {
	Ufrag, Pwd string
	Lite       bool
	Candidates []Candidate
	// Mux says that RTCP shares the port of RTP, so that there is one component.
	Mux bool
	// Chosen are the peer's addresses of the pairs that are selected, by component, in an
	// offer of the controlling agent ("a=remote-candidates").
	Chosen []netip.AddrPort
}

// Same reports whether two descriptions say the same.
func (d *Description) Same(other *Description) bool {
	switch {
	case d == nil || other == nil:
		return d == other
	case d.Restarts(other), d.Lite != other.Lite, d.Mux != other.Mux:
		return false
	}
	return slices.Equal(d.Candidates, other.Candidates) && slices.Equal(d.Chosen, other.Chosen)
}

// Restarts reports whether a description begins ICE anew after another (RFC 8445 §9):
// its words are others.
func (d *Description) Restarts(before *Description) bool {
	return d.Ufrag != before.Ufrag || d.Pwd != before.Pwd
}

// The lengths of our words: at least 24 and 128 bits (RFC 8445 §5.3), of 6 each character.
const (
	ufragLen = 8
	pwdLen   = 24
)

// alphabet are the characters of such a word, "ice-char" (RFC 8839 §5.4).
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// word draws one.
func word(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rng.Uint32N(uint32(len(alphabet)))]
	}
	return string(b)
}
