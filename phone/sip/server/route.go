package server

import (
	"net/netip"
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
}

// A domain is whose users the server has.
type domain string

// owns reports whether the host of a URI is the server: its domain, or the
// address of the connection.
func (d domain) owns(c *conn, uri grammar.Uri) bool {
	if strings.EqualFold(uri.Host, string(d)) {
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
	rest = sip.Values(req, "route")
	var far *conn
	for len(rest) > 0 {
		uri, err := uriOf(rest[0])
		if err != nil {
			return nil, nil, 400
		}
		end, isToken := r.farEnd(uri.User, c)
		if !isToken && !r.domain.owns(c, uri) {
			break
		}
		if end != nil {
			far = end
		}
		rest = rest[1:]
	}
	uri := req.Recipient
	inDialog := req.To().Params.Has("tag")
	locations := &r.registrar.locations
	switch b, named := locations.bindingAt(uri), locations.named(req); {
	case named != nil:
		return rest, []target{{named.conn, uri, named}}, 0
	case b != nil:
		return rest, []target{{b.conn, uri, b}}, 0
	case far != nil:
		return rest, []target{{conn: far, uri: r.contactOf(far, uri)}}, 0
	}
	if moved := locations.movedFrom(uri); moved != nil {
		return rest, []target{{conn: moved, uri: uri}}, 0
	}
	if r.domain.owns(c, uri) {
		targets, status = r.lookUp(uri.User, inDialog)
		return rest, targets, status
	}
	if inDialog {
		return nil, nil, 481
	}
	return nil, nil, 404
}

// lookUp finds where a user can be reached. In a dialog that is one place, the
// newest: a copy at each would be answered twice.
func (r *router) lookUp(name string, inDialog bool) ([]target, int) {
	u := r.registrar.users[name]
	switch {
	case u == nil:
		return nil, 404
	case len(u.bindings) == 0:
		return nil, 480
	}
	var targets []target
	for _, b := range u.bindings {
		targets = append(targets, target{b.conn, b.uri, b})
	}
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
		if r.domain.owns(c, uri) && b.user.name == uri.User {
			return b.uri
		}
	}
	return uri
}

// A flow token names the two connections of a dialog in our Record-Route, so
// that its later requests find the way even to a phone that never registered
// (after RFC 5626 §5.2). It is signed: nobody else makes one.
func (r *router) flowToken(a, b *conn) string {
	ends := strconv.FormatUint(uint64(a.id), 36) + "-" + strconv.FormatUint(uint64(b.id), 36)
	return ends + "-" + r.signer.sign(ends)
}

// farEnd reads a flow token: the end that is not c, if it is still there. A
// sender that is neither end has come back over another connection.
func (r *router) farEnd(token string, c *conn) (far *conn, isToken bool) {
	i := strings.LastIndexByte(token, '-')
	if i < 0 || !r.signer.signed(token[:i], token[i+1:]) {
		return nil, false
	}
	a, b, _ := strings.Cut(token[:i], "-")
	ends := []*conn{r.numbered(a), r.numbered(b)}
	switch {
	case ends[0] == c:
		return ends[1], true
	case ends[1] == c, ends[1] == nil:
		return ends[0], true
	case ends[0] == nil:
		return ends[1], true
	}
	return nil, true
}

func (r *router) numbered(s string) *conn {
	n, err := strconv.ParseUint(s, 36, 32)
	if err != nil {
		return nil
	}
	return r.conns.byID[system.Socket(n)]
}
