package sip

import (
	"slices"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// A Served is what the refusals of a server or phone name of it.
type Served struct {
	Methods, Bodies, Packages string
	// Challenge is what a 401 or 407 asks for.
	Challenge digest.Challenge
}

// Demanded is what a response with a status that a tester has forced must have besides:
// without it nobody could make use of it (RFC 3261 §8.2.1, §8.2.2.3, §8.2.3, §21.4.2,
// §21.4.8, §21.4.16, RFC 4028 §6, §20.23, RFC 6665 §8.3.2).
func Demanded(req *sip.Request, status int, s Served) []sip.Header {
	named := func(name, value string) []sip.Header { return []sip.Header{sip.NewHeader(name, value)} }
	switch status {
	case sip.StatusUnauthorized:
		return named("WWW-Authenticate", s.Challenge.String())
	case sip.StatusProxyAuthRequired:
		return named("Proxy-Authenticate", s.Challenge.String())
	case sip.StatusMethodNotAllowed:
		return named("Allow", s.Methods)
	case sip.StatusUnsupportedMediaType:
		return named("Accept", s.Bodies)
	case sip.StatusBadExtension:
		return named("Unsupported", unwanted(req))
	case statusExtensionRequired:
		return named("Require", tagReliable)
	case statusTooBrief:
		return named("Min-SE", wholeSeconds(max(2*sessionExpiresOf(req).Every, MinSession)))
	case sip.StatusIntervalToBrief:
		return named("Min-Expires", wholeSeconds(moreThanAsked(req)))
	case statusBadEvent:
		return named("Allow-Events", s.Packages)
	}
	return nil
}

// unwanted names the extensions that a request requires, or else one that it supports,
// or else one that nobody has: the field must name one.
func unwanted(req *sip.Request) string {
	if tags := Values(req, "require"); len(tags) > 0 {
		return strings.Join(tags, ", ")
	}
	return append(Values(req, "supported"), "none")[0]
}

// moreThanAsked is twice the time that a request asks for: who asks again has it.
func moreThanAsked(req *sip.Request) time.Duration {
	asked, _ := Seconds(req, "expires")
	for _, c := range contactsOf(req) {
		if _, named := Param(c.Params, "expires"); named {
			asked = lifeOf(c)
		}
	}
	if asked <= 0 || asked > maxExpires/2 {
		asked = DefaultExpires
	}
	return 2 * asked
}

// NamesContact reports whether a response must say where else to ask (RFC 3261 §21.3).
func NamesContact(status int) bool {
	return slices.Contains([]int{300, 301, 302, 305}, status)
}
