package server

import (
	"crypto/hmac"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A target is where a copy of a request goes.
type target struct {
	conn    *conn
	uri     grammar.Uri
	binding *binding // nil: it is no contact of a user
	spares  []string // other flows of the same phone, see [binding.id]
}

// A domain is whose users the server has.
type domain string

// owns reports whether the host of a URI is the server: its domain, or the
// address of the connection.
func (d domain) owns(c *conn, uri grammar.Uri) bool {
	if strings.EqualFold(strings.TrimSuffix(uri.Host, "."), string(d)) { // the root may be written
		return true
	}
	if uri.Port != 0 && uri.Port != int(c.local.Port()) {
		return false
	}
	if strings.EqualFold(uri.Host, "localhost") {
		return c.local.Addr().IsLoopback()
	}
	addr, err := netip.ParseAddr(strings.Trim(uri.Host, "[]"))
	return err == nil && addr.Unmap() == c.local.Addr().Unmap()
}

// registers reports whether a request is for the registrar.
func (d domain) registers(c *conn, req *grammar.Request) bool {
	return req.Method == grammar.REGISTER && d.owns(c, req.Recipient)
}

// itself reports whether a request is for the server and none of its users, or comes to
// its last hop there.
func (d domain) itself(c *conn, req *grammar.Request) bool {
	if hops := req.MaxForwards(); hops != nil && *hops == 0 {
		return true
	}
	return req.Recipient.User == "" && d.owns(c, req.Recipient) && len(sip.Values(req, "route")) <= 1
}

// A router knows where a request leads.
type router struct {
	domain    domain
	signer    *signer
	registrar *registrar
	conns     *conns
}

// route finds the targets of a request (RFC 3261 §16.4 to §16.6), and what is
// left of its route; or the status that says why there are none.
func (r *router) route(c *conn, req *grammar.Request) (rest []string, targets []target, status int) {
	rest, w, ok := r.follow(c, req)
	if !ok {
		return nil, nil, 400
	}
	uri := req.Recipient
	inDialog := req.To().Params.Has("tag")
	ours := r.domain.owns(c, uri)
	locations := &r.registrar.locations
	var b *binding
	var moved *binding
	if !ours { // an address of record leads to its own user, whoever has it for a contact
		b, moved = locations.bindingAt(uri, w.far), locations.movedFrom(uri)
	}
	switch named := locations.named(req); {
	case named != nil:
		return rest, []target{{conn: named.conn, uri: uri, binding: named}}, 0
	case b != nil && (w.far == nil || w.has(r.pseudonym(b.user.name, req.CallID().Value()))):
		return rest, []target{{conn: b.conn, uri: uri, binding: b, spares: b.spares()}}, 0
	case w.far != nil:
		return rest, []target{{conn: w.far, uri: r.contactOf(w.far, uri), binding: r.boundOver(w, req.CallID().Value())}}, 0
	case moved != nil:
		return rest, []target{{conn: moved.conn, uri: uri, binding: moved, spares: moved.spares()}}, 0
	case ours:
		targets, status = r.lookUp(sip.User(&uri), inDialog)
		return rest, targets, status
	case inDialog && len(w.ends) > 0: // the dialog is known, and nobody is there now: it goes on (RFC 5057 §5.1)
		return nil, nil, 480
	case inDialog:
		return nil, nil, 481
	}
	return nil, nil, 404
}

// A way is what the server's own part of a route says.
type way struct {
	far  *conn // the other end of the call, if it is still there; nil: the route does not say
	ends []end // of the call
}

// has reports whether somebody takes part in the call.
func (w way) has(who string) bool {
	return slices.ContainsFunc(w.ends, func(e end) bool { return e.who == who })
}

// follow takes the server's own part off a route. ok is false if it cannot be read.
func (r *router) follow(c *conn, req *grammar.Request) (rest []string, w way, ok bool) {
	rest = sip.Values(req, "route")
	for len(rest) > 0 {
		uri, err := uriOf(rest[0])
		if err != nil {
			return nil, way{}, false
		}
		f, isToken := r.flow(uri.User, req.CallID().Value())
		if !isToken && !r.domain.owns(c, uri) {
			break
		}
		if isToken {
			w.ends = append(w.ends, f.from, f.to)
		}
		if end := f.far(c); end != nil {
			w.far = end
		}
		rest = rest[1:]
	}
	return rest, w, true
}

// lookUp finds where a user can be reached. In a dialog that is one place, the
// newest: a copy at each would be answered twice.
func (r *router) lookUp(name string, inDialog bool) ([]target, int) {
	u := r.registrar.users[name]
	switch {
	case u == nil && inDialog: // RFC 3261 §12.2.2
		return nil, 481
	case u == nil:
		return nil, 404
	case len(u.bindings) == 0:
		return nil, 480
	}
	targets := flowTargets(u.bindings)
	if inDialog {
		targets = targets[len(targets)-1:]
	}
	return targets, 0
}

// contactOf is uri, or the contact of its user at the other end of c if uri is
// the user's address of record: some phones send the requests of a dialog
// there.
func (r *router) contactOf(c *conn, uri grammar.Uri) grammar.Uri {
	for _, b := range c.bindings {
		if r.domain.owns(c, uri) && b.user.name == sip.User(&uri) {
			return b.uri
		}
	}
	return uri
}

// A flow is what the Record-Route of the server remembers of a dialog: its two ends,
// so that its later requests find the way even to a phone that never registered
// (after RFC 5626 §5.2), and who is there.
type flow struct{ from, to end }

// An end is a connection, nil if it is gone, and the account there ("": a guest), as
// one call knows it.
type end struct {
	conn *conn
	who  string
}

// flowToken writes into a URI the two ends of a call and the accounts there:
//
//	from "-" to "-" caller callee signature
//
// The signature has the Call-ID in it: nobody else makes a token, and none is of use in
// another call. Neither side shall read there who the other is.
func (r *router) flowToken(from, to *conn, caller, callee, callID string) string {
	token := strconv.FormatUint(uint64(from.id), 36) + "-" + strconv.FormatUint(uint64(to.id), 36) + "-" +
		r.pseudonym(caller, callID) + r.pseudonym(callee, callID)
	return token + r.signer.seal("flow "+token+" "+callID, sealSize)
}

const (
	// pseudonymSize is enough that nobody finds a call in which two accounts look the
	// same, by trying: 24 bits, each of which costs a call (our own number).
	pseudonymSize = 4
	sealSize      = 16 // 96 bits
)

// pseudonym is an account as one call knows it.
func (r *router) pseudonym(account, callID string) string {
	return r.signer.seal("account "+account+" "+callID, pseudonymSize)
}

// flow reads a flow token in a request of the call.
func (r *router) flow(token, callID string) (f flow, isToken bool) {
	parts := strings.SplitN(token, "-", 3)
	if len(parts) < 3 || len(parts[2]) != 2*pseudonymSize+sealSize {
		return flow{}, false
	}
	signed := len(token) - sealSize
	if !hmac.Equal([]byte(token[signed:]), []byte(r.signer.seal("flow "+token[:signed]+" "+callID, sealSize))) {
		return flow{}, false
	}
	who := parts[2]
	return flow{end{r.numbered(parts[0]), who[:pseudonymSize]}, end{r.numbered(parts[1]), who[pseudonymSize : 2*pseudonymSize]}}, true
}

// has reports whether somebody is at an end of the flow, over that connection.
func (f flow) has(c *conn, who string) bool { return f.from == end{c, who} || f.to == end{c, who} }

// far is the end that is not c, if it is still there. A sender that is neither end has
// come back over another connection.
func (f flow) far(c *conn) *conn {
	switch {
	case f.from.conn == c:
		return f.to.conn
	case f.to.conn == c, f.to.conn == nil:
		return f.from.conn
	case f.from.conn == nil:
		return f.to.conn
	}
	return nil
}

func (r *router) numbered(s string) *conn {
	n, err := strconv.ParseUint(s, 36, 32)
	if err != nil {
		return nil
	}
	return r.conns.byID[system.Socket(n)]
}
