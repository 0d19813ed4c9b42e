package push

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Payload is what a push says about a call. RFC 8599 has a push carry
// nothing; servers that push for VoIP add what a call screen is to show.
type Payload struct {
	CallID  string  // of the INVITE that will follow
	Peer    string  // the caller's address
	Name    string  // the caller's name
	Purpose Purpose // why the server pushes
}

// A Purpose is why a server pushes. RFC 8599 has no word for it, and without
// one a phone must take every push for a call; the words are those with which
// OpenSIPS tells its script (usrloc, E_UL_CONTACT_REFRESH).
type Purpose string

// The purposes: a new call, the binding's end, and a request in a call, which
// goes by its method.
const (
	NewCall    Purpose = ""
	Refresh    Purpose = "reg-refresh"
	midRequest         = "mid-"
)

// InCall is the purpose of a request in a call.
func InCall(method string) Purpose { return Purpose(midRequest + method) }

// The keys under which a payload is written.
const (
	callIDKey  = "call-id"
	peerKey    = "peer" // not "from", which FCM keeps for itself
	nameKey    = "name"
	purposeKey = "reason"
)

// maxText bounds a text of a payload: more than a call screen shows.
const maxText = 256

// Map is the payload as it is sent.
func (p Payload) Map() map[string]string {
	m := map[string]string{}
	for key, value := range map[string]string{callIDKey: p.CallID, peerKey: p.Peer, nameKey: p.Name, purposeKey: string(p.Purpose)} {
		if value != "" {
			m[key] = value
		}
	}
	return m
}

// ReadPayload reads what came. Whoever knows the token can send anything:
// unknown keys are passed over, and a text loses what cannot be shown.
func ReadPayload(m map[string]string) Payload {
	p := Payload{CallID: plain(m[callIDKey]), Peer: plain(m[peerKey]), Name: plain(m[nameKey])}
	if r := Purpose(plain(m[purposeKey])); r == Refresh || strings.HasPrefix(string(r), midRequest) {
		p.Purpose = r
	}
	return p
}

// plain is a text of bounded length that can be shown.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s[:min(len(s), maxText)])
	return strings.TrimSpace(s)
}
