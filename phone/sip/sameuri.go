package sip

import (
	"net/url"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// SameURI reports whether two URIs are the same (RFC 3261 §19.1.4): scheme, host and
// the names and values of parameters in any letters, the user in its own, what is
// escaped as what it stands for, a port only as the same port. It does not hold
// from one to the next: a parameter that only one of two has is passed over.
func SameURI(a, b *sip.Uri) bool {
	switch {
	case !strings.EqualFold(a.Scheme, b.Scheme) || a.Wildcard != b.Wildcard:
		return false
	case a.Scheme == "tel":
		return sameNumber(a.Raw(), b.Raw())
	case a.Raw() != "" || b.Raw() != "":
		return a.Raw() == b.Raw()
	case unescaped(a.User) != unescaped(b.User) || unescaped(a.Password) != unescaped(b.Password):
		return false
	case hostname(a.Host) != hostname(b.Host) || a.Port != b.Port:
		return false
	}
	return sameParams(a, b) && sameParams(b, a) && sameHeaders(a.Headers, b.Headers) && sameHeaders(b.Headers, a.Headers)
}

// sameParams compares the parameters of a with those that b has.
func sameParams(a, b *sip.Uri) bool {
	for _, p := range a.UriParams {
		value, _ := URIParam(a, p.K)
		other, has := URIParam(b, p.K)
		switch {
		case has && !strings.EqualFold(unescaped(value), unescaped(other)):
			return false
		case !has && decides(p.K):
			return false
		}
	}
	return true
}

// decides reports whether a parameter matters that only one of two URIs has. The
// rules of §19.1.4 do not name transport, but its examples do.
func decides(param string) bool {
	switch strings.ToLower(param) {
	case "user", "ttl", "method", "maddr", "transport":
		return true
	}
	return false
}

// sameHeaders reports whether b has all the header fields of a. They never are
// passed over.
func sameHeaders(a, b sip.HeaderParams) bool {
	for _, h := range a {
		found := false
		for _, other := range b {
			found = found || strings.EqualFold(h.K, other.K) && unescaped(h.V) == unescaped(other.V)
		}
		if !found {
			return false
		}
	}
	return true
}

// sameNumber compares tel URIs (RFC 3966 §5): in any letters, without visual
// separators, the parameters in any order.
func sameNumber(a, b string) bool {
	a, ofA, _ := strings.Cut(strings.ToLower(a), ";")
	b, ofB, _ := strings.Cut(strings.ToLower(b), ";")
	return plainNumber(a) == plainNumber(b) && sameParts(ofA, ofB) && sameParts(ofB, ofA)
}

func sameParts(a, b string) bool {
	for part := range strings.SplitSeq(a, ";") {
		if !strings.Contains(";"+b+";", ";"+part+";") {
			return false
		}
	}
	return true
}

// User is the user of a URI as it is meant: what is escaped as what it stands for.
func User(uri *sip.Uri) string { return unescaped(uri.User) }

// unescaped is s with what is escaped as what it stands for.
func unescaped(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}
