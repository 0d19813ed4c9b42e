package lab

import (
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

// route finds the targets of a request (RFC 3261 §16.4 to §16.6), and what is
// left of its route; or the status that says why there are none.
func (l *Lab) route(c *conn, req *grammar.Request) (rest []string, targets []target, status int) {
	rest = sip.Values(req, "route")
	var far *conn
	for len(rest) > 0 {
		uri, err := uriOf(rest[0])
		if err != nil {
			return nil, nil, 400
		}
		end, isToken := l.farEnd(uri.User, c)
		if !isToken && !l.ours(c, uri) {
			break
		}
		if end != nil {
			far = end
		}
		rest = rest[1:]
	}
	uri := req.Recipient
	inDialog := req.To().Params.Has("tag")
	switch b, named := l.contacts[contactKey(uri)], l.purrOf(req); {
	case named != nil:
		return rest, []target{{named.conn, uri, named}}, 0
	case b != nil:
		return rest, []target{{b.conn, uri, b}}, 0
	case far != nil:
		return rest, []target{{conn: far, uri: far.contactOf(uri)}}, 0
	}
	if moved := l.findContact(uri); moved != nil {
		return rest, []target{{conn: moved, uri: uri}}, 0
	}
	if l.ours(c, uri) {
		targets, status = l.lookUp(uri.User, inDialog)
		return rest, targets, status
	}
	if inDialog {
		return nil, nil, 481
	}
	return nil, nil, 404
}

// lookUp finds where a user can be reached. In a dialog that is one place, the
// newest: a copy at each would be answered twice.
func (l *Lab) lookUp(name string, inDialog bool) ([]target, int) {
	u := l.users[name]
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
func (c *conn) contactOf(uri grammar.Uri) grammar.Uri {
	for _, b := range c.bindings {
		if c.lab.ours(c, uri) && b.user.name == uri.User {
			return b.uri
		}
	}
	return uri
}

// A flow token names the two connections of a dialog in our Record-Route, so
// that its later requests find the way even to a phone that never registered
// (after RFC 5626 §5.2). It is signed: nobody else makes one.
func (l *Lab) flowToken(a, b *conn) string {
	ends := strconv.FormatUint(uint64(a.id), 36) + "-" + strconv.FormatUint(uint64(b.id), 36)
	return ends + "-" + l.auth.sign(ends)
}

// farEnd reads a flow token: the end that is not c, if it is still there. A
// sender that is neither end has come back over another connection.
func (l *Lab) farEnd(token string, c *conn) (far *conn, isToken bool) {
	i := strings.LastIndexByte(token, '-')
	if i < 0 || !l.auth.signed(token[:i], token[i+1:]) {
		return nil, false
	}
	a, b, _ := strings.Cut(token[:i], "-")
	ends := []*conn{l.connNumber(a), l.connNumber(b)}
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

func (l *Lab) connNumber(s string) *conn {
	n, err := strconv.ParseUint(s, 36, 32)
	if err != nil {
		return nil
	}
	return l.conns[system.Socket(n)]
}
