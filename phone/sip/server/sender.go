package server

import (
	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// account is the user whose address of record a URI is, or nil.
func (r *registrar) account(c *conn, uri grammar.Uri) *user {
	if !r.domain.owns(c, uri) {
		return nil
	}
	return r.users[sip.User(&uri)]
}

// claimed is the account that a request says to be from, or "" if it says to be from
// a guest. An account without a password has nothing to show.
func (r *registrar) claimed(c *conn, req *grammar.Request) string {
	from := req.From().Address
	if from.Scheme == "tel" { // it is shown as that number, and as nobody else's (RFC 3261 §19.1.6)
		from = grammar.Uri{User: sip.Number(&from), Host: string(r.domain)}
	}
	if u := r.account(c, from); u != nil && u.password != "" {
		return u.name
	}
	return ""
}

// forged reports whether somebody who has shown to be an account says to be another
// one, and notes it. Whoever is no account here may register for one that it has the
// password of: that is a third party (RFC 3261 §10.2, §10.3 step 4).
func (r *registrar) forged(c *conn, req *grammar.Request, name string) bool {
	claimed := r.claimed(c, req)
	if claimed == "" || claimed == name {
		return false
	}
	r.loop.Note("forged From", c.name(), name+" may not call itself "+claimed)
	return true
}
