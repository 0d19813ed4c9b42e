package sip

import (
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// What can be odd about a Request-URI that is taken for ours.
const (
	oddLetters = "it has the user of the account in other letters"
	oddHost    = "its host is neither the account's domain nor the server nor an address"
	oddNumber  = "it has a telephone number for a user, not the user of the account"
	oddGRUU    = "it is a GRUU that was not asked for"
	oddRoute   = "the phone's own address is in the last Route, as strict routers have it"
)

// addressed reports whether a request that begins something is for us (RFC 3261
// §8.2.2.1), and what is odd about its Request-URI. Registrars and proxies write
// there what they like: our Contact or our address of record, with the host that
// they see or none that we know; a number of ours that only they know; a GRUU
// (RFC 5627); the last Route, as strict routers do (§16.4). So only another user is
// refused.
func (a *author) addressed(req *sip.Request) (ours bool, odd string) {
	uri := &req.Recipient
	user, own := unescaped(uri.User), unescaped(a.aor.User) // RFC 3261 §19.1.4
	_, gruu := URIParam(uri, "gr")
	switch {
	case user == own, user == "" && uri.Scheme != "tel":
		return true, a.oddHost(uri.Host)
	case strings.EqualFold(user, own):
		return true, oddLetters
	case uri.Scheme == "tel" && Number(uri) == plainNumber(own):
		return true, ""
	case uri.Scheme == "tel", isNumber(subscriber(user)):
		return true, oddNumber
	case gruu:
		return true, oddGRUU
	case a.lastRoute(req):
		return true, oddRoute
	}
	return false, ""
}

// subscriber is the number in a user, if it is one: without what follows it.
func subscriber(user string) string {
	digits, _, _ := strings.Cut(user, ";")
	return plainNumber(digits)
}

// oddHost says what is odd about a host that is a name. An address may be ours as a
// NAT or a proxy sees it.
func (a *author) oddHost(host string) string {
	name := hostname(host)
	_, err := netip.ParseAddr(name)
	if err == nil || strings.HasPrefix(host, "[") || name == hostname(a.aor.Host) || name == hostname(hostOf(a.cfg.Server)) || name == "localhost" || strings.HasSuffix(name, ".invalid") {
		return "" // .invalid: RFC 7118 §5
	}
	return oddHost
}

// lastRoute reports whether the last Route is our address.
func (a *author) lastRoute(req *sip.Request) bool {
	routes := Values(req, "route")
	if len(routes) == 0 {
		return false
	}
	_, uri, _, err := ParseAddress(routes[len(routes)-1])
	return err == nil && unescaped(uri.User) == unescaped(a.aor.User) && a.oddHost(uri.Host) == ""
}
