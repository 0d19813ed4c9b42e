package server

import (
	"slices"
	"strconv"
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// respond builds a response to a request (RFC 3261 §8.2.6).
func respond(l *loop.Loop, req *grammar.Request, status int) *grammar.Response {
	res := grammar.NewResponse(status, sip.Reason(status))
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		grammar.CopyHeaders(name, req, res)
	}
	if to := res.To(); status > 100 && !to.Params.Has("tag") {
		to.Params.Add("tag", l.Token(10))
	}
	res.SetBody(nil)
	return res
}

// respondWith builds one that says something more in a header field: mostly what would
// do.
func respondWith(l *loop.Loop, req *grammar.Request, status int, name, value string) *grammar.Response {
	res := respond(l, req, status)
	add(res, name, value)
	return res
}

// add appends a header field.
func add(m interface{ AppendHeader(grammar.Header) }, name, value string) {
	m.AppendHeader(grammar.NewHeader(name, value))
}

// tagsOf are the tags of the two sides of a dialog, as a request has them; "" is none.
func tagsOf(req *grammar.Request) (from, to string) {
	from, _ = req.From().Params.Get("tag")
	to, _ = req.To().Params.Get("tag")
	return from, to
}

// reasons are the values of all Reason header fields (RFC 3326 §2).
func reasons(req *grammar.Request) (all []string) {
	for _, h := range sip.Fields(req, "Reason") {
		all = append(all, h.Value())
	}
	return all
}

// copyRequest is a request to forward: its own header fields but those that are to be
// dropped and the Routes, which are given.
func copyRequest(req *grammar.Request, target grammar.Uri, routes []string, drops func(grammar.Header) bool) *grammar.Request {
	fwd := grammar.NewRequest(req.Method, target)
	for _, h := range req.Headers() {
		switch name := grammar.HeaderToLower(h.Name()); {
		case name == "route" || name == "content-length" || drops(h):
		default:
			fwd.AppendHeader(grammar.HeaderClone(h))
		}
	}
	for _, r := range routes {
		add(fwd, "Route", r)
	}
	fwd.SetBody(req.Body())
	return fwd
}

// stripVia is a response without its topmost Via, ours.
func stripVia(res *grammar.Response) *grammar.Response {
	up := res.Clone()
	up.RemoveHeader("Via")
	return up
}

// requestURI is a contact as a Request-URI: without a method and header fields, which it
// must not have (RFC 3261 §16.6 step 2, §19.1.1 table 1).
func requestURI(contact grammar.Uri) grammar.Uri {
	uri := contact.Clone()
	uri.Headers = nil
	uri.UriParams = slices.DeleteFunc(uri.UriParams, func(p grammar.HeaderKV) bool { return strings.EqualFold(p.K, "method") })
	return *uri
}

// uriOf reads the URI of a header field's value.
func uriOf(value string) (grammar.Uri, error) {
	_, uri, _, err := sip.ParseAddress(value)
	return uri, err
}

// contactKey names a contact: what of it tells one phone from another.
func contactKey(uri grammar.Uri) string {
	return strings.ToLower(uri.Scheme) + ":" + sip.User(&uri) + "@" + strings.ToLower(uri.Host) + ":" + strconv.Itoa(uri.Port)
}
