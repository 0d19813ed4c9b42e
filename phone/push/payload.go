package push

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Payload is the information about a call in a push. In RFC 8599 a push
// carries none; servers that push for VoIP add what the call screen shows.
type Payload struct {
	CallID  string  // of the INVITE that will follow
	Peer    string  // the caller's address
	Name    string  // the caller's name
	Purpose Purpose // why the server pushes
}

// A Purpose is why a server pushes. RFC 8599 has no field for it, and without
// one a phone must treat every push as a call; the values are those that
// OpenSIPS gives its script (usrloc, E_UL_CONTACT_REFRESH).
type Purpose string

// The purposes: a new call, its end before the phone has had its INVITE, because
// the caller gave up or another phone of the user answered (our own words, for
// servers have none in common), the binding's end, and a request in a call, which
// is named by its method.
const (
	NewCall    Purpose = ""
	Cancelled  Purpose = "cancelled"
	Elsewhere  Purpose = "answered-elsewhere"
	Refresh    Purpose = "reg-refresh"
	midRequest         = "mid-"
)

// InCall returns the purpose of a request in a call.
func InCall(method string) Purpose { return Purpose(midRequest + method) }

// The keys under which a payload is written.
const (
	callIDKey  = "call-id"
	peerKey    = "peer" // not "from", which FCM reserves
	nameKey    = "name"
	purposeKey = "reason"
)

// maxText bounds a text of a payload: it is more than a call screen shows.
const maxText = 256

// Map returns the payload as keys and values.
func (p Payload) Map() map[string]string {
	m := map[string]string{}
	for key, value := range map[string]string{callIDKey: p.CallID, peerKey: p.Peer, nameKey: p.Name, purposeKey: string(p.Purpose)} {
		if value != "" {
			m[key] = value
		}
	}
	return m
}

// ReadPayload reads a received payload. Anyone who knows the token can send
// anything, so it ignores unknown keys, and removes unprintable characters from
// texts.
func ReadPayload(m map[string]string) Payload {
	p := Payload{CallID: plain(m[callIDKey]), Peer: plain(m[peerKey]), Name: plain(m[nameKey])}
	if r := Purpose(plain(m[purposeKey])); slices.Contains([]Purpose{Cancelled, Elsewhere, Refresh}, r) || strings.HasPrefix(string(r), midRequest) {
		p.Purpose = r
	}
	return p
}

// plain returns a printable text of bounded length.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s[:min(len(s), maxText)])
	return strings.TrimSpace(s)
}
