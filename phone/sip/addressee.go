package sip

import (
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// What can be odd about a Request-URI that is taken for ours.
const (
	oddLetters = "it has the user of the account in other letters"
	oddHost    = "its host is neither in the account's domain nor the server nor an address"
	oddNumber  = "it has a telephone number for a user, not the user of the account"
	oddGRUU    = "it is a GRUU that was not asked for"
	oddRoute   = "the phone's own address is in the last Route, as strict routers have it"
)

// addressed reports whether a request that begins something is for us (RFC 3261
// §8.2.2.1), and what is odd about its Request-URI. Registrars and proxies write
// there what they like: our Contact or our address of record, with the address that
// they see; a number of ours that only they know; a GRUU (RFC 5627); the last Route,
// as strict routers do (§16.4). So only another user and another domain are refused.
func (a *author) addressed(req *sip.Request) (ours bool, odd string) {
	uri := &req.Recipient
	user, own := unescaped(uri.User), unescaped(a.aor.User) // RFC 3261 §19.1.4
	_, gruu := URIParam(uri, "gr")
	switch {
	case uri.Scheme != "tel" && !a.hosts(uri.Host):
		return a.routed(req, oddHost)
	case user == own, user == "" && uri.Scheme != "tel":
		return true, ""
	case strings.EqualFold(user, own):
		return true, oddLetters
	case uri.Scheme == "tel" && Number(uri) == plainNumber(own):
		return true, ""
	case uri.Scheme == "tel", isNumber(subscriber(user)):
		return true, oddNumber
	case gruu:
		return true, oddGRUU
	}
	return a.routed(req, "another user than "+a.aor.User)
}

// subscriber is the number in a user, if it is one: without what follows it.
func subscriber(user string) string {
	digits, _, _ := strings.Cut(user, ";")
	return plainNumber(digits)
}

// hosts reports whether a host may be ours: it is no name, or one of the server's, which
// may have put its own there. An address may be ours as a NAT or a proxy sees it.
func (a *author) hosts(host string) bool {
	name := hostname(host)
	_, err := netip.ParseAddr(name)
	return err == nil || strings.HasPrefix(host, "[") || within(name, hostname(a.aor.Host)) || within(name, hostname(hostOf(a.cfg.Server))) ||
		name == "localhost" || strings.HasSuffix(name, ".invalid") // RFC 7118 §5
}

// within reports whether a name is that of a domain, or of a host in it.
func within(name, domain string) bool { return name == domain || strings.HasSuffix(name, "."+domain) }

// routed is the verdict on a Request-URI that is not ours: the last Route may be, which
// is what is odd about it then.
func (a *author) routed(req *sip.Request, odd string) (ours bool, why string) {
	if a.lastRoute(req) {
		return true, oddRoute
	}
	return false, odd
}

// lastRoute reports whether the last Route is our address.
func (a *author) lastRoute(req *sip.Request) bool {
	routes := Values(req, "route")
	if len(routes) == 0 {
		return false
	}
	_, uri, _, err := ParseAddress(routes[len(routes)-1])
	return err == nil && unescaped(uri.User) == unescaped(a.aor.User) && a.hosts(uri.Host)
}
