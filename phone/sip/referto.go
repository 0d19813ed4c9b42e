package sip

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// A referTo is whom a REFER wants to be called, and how (RFC 3515 §2.1).
type referTo struct {
	uri      sip.Uri
	replaces string // of the call to be replaced (RFC 3891), "" if there is none
	ignored  []string
}

// A refused is a request that is answered with a failure.
type refused struct {
	status int
	why    string
}

// maxReferTo bounds the length of an address that we are to call (our own
// number): a Contact with a Replaces in it has some 300 characters.
const maxReferTo = 2048

// readReferTo reads the Refer-To of a REFER. There must be one (RFC 3515
// §2.4.2), which we can call: of the schemes of a telephone, for an INVITE.
func (a *author) readReferTo(req *sip.Request) (referTo, *refused) {
	values := Values(req, "refer-to")
	if len(values) != 1 {
		return referTo{}, &refused{sip.StatusBadRequest, fmt.Sprintf("%d Refer-To header fields; there must be one", len(values))}
	}
	if len(values[0]) > maxReferTo {
		return referTo{}, &refused{sip.StatusBadRequest, fmt.Sprintf("a Refer-To of %d bytes; at most %d are read", len(values[0]), maxReferTo)}
	}
	inside, err := uriIn(values[0])
	if err != nil {
		return referTo{}, &refused{sip.StatusBadRequest, fmt.Sprintf("the Refer-To cannot be read: %v", err)}
	}
	address, escaped, _ := strings.Cut(inside, "?")
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme = strings.ToLower(scheme); scheme {
	case "sip", "sips", "tel":
	default:
		return referTo{}, &refused{statusUnsupportedScheme, fmt.Sprintf("the Refer-To is no address that can be called: its scheme is %q", scheme)}
	}
	uri, err := a.target(scheme + ":" + rest)
	if err != nil {
		return referTo{}, &refused{sip.StatusBadRequest, fmt.Sprintf("the Refer-To cannot be read: %v", err)}
	}
	to := referTo{uri: uri}
	if method := to.takeMethod(); method != "" && !strings.EqualFold(method, string(sip.INVITE)) {
		return to, &refused{sip.StatusNotImplemented, "the Refer-To asks for " + method + ", and only INVITE can be asked for"}
	}
	return to, to.readHeaders(escaped)
}

// takeMethod takes the method off the URI: it is not for the Request-URI
// (RFC 3261 §19.1.1, table 1).
func (t *referTo) takeMethod() (method string) {
	var kept sip.HeaderParams
	for _, p := range t.uri.UriParams {
		if strings.EqualFold(p.K, "method") {
			method = p.V
			continue
		}
		kept = append(kept, p)
	}
	t.uri.UriParams = kept
	return method
}

// readHeaders reads the header fields of the URI. Replaces is the one that is
// ours to send; who honours others lets a stranger write our request (RFC 3261
// §19.1.5).
func (t *referTo) readHeaders(escaped string) *refused {
	for pair := range strings.SplitSeq(escaped, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescaped(name), unescaped(value)
		switch {
		case strings.EqualFold(name, "replaces") && t.replaces != "":
			return &refused{sip.StatusBadRequest, "the Refer-To has two Replaces"}
		case strings.EqualFold(name, "replaces"):
			if _, err := parseReplaces(value); err != nil {
				return &refused{sip.StatusBadRequest, "the Refer-To has a Replaces that cannot be read: " + err.Error()}
			}
			t.replaces = value
		case name == "", strings.EqualFold(name, "require") && strings.EqualFold(value, "replaces"):
		default:
			t.ignored = append(t.ignored, name)
		}
	}
	return nil
}

// escape writes a value into the header fields of a URI: all but letters,
// digits and marks (RFC 3261 §25.1, hvalue).
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
