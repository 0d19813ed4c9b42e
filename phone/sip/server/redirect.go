package server

import (
	"cmp"
	"fmt"
	"strings"

	grammar "github.com/emiago/sipgo/sip"
)

// CheckAddress refuses what nobody can be redirected to. A bare name is no address.
func (o *Orders) CheckAddress(to string) error {
	var uri grammar.Uri
	if err := grammar.ParseUri(to, &uri); err != nil || uri.Host == "" || strings.ContainsAny(to, "<>\" \t\r\n") {
		return fmt.Errorf("%q is no address, such as sip:carol@%s", to, o.cfg.Domain)
	}
	return nil
}

// Redirect has the calls of a user be answered 302 with that address; "" ends it.
func (o *Orders) Redirect(user, to string) {
	o.registrar.users[user].redirect = to
	o.loop.Note("redirected", user, cmp.Or(to, "nowhere"))
}

// redirects answers a new call to a user who is redirected, and reports whether it
// does (RFC 3261 §21.3.3).
func (p *proxy) redirects(x *context) bool {
	u := p.registrar.account(x.conn, x.req.Recipient)
	if u == nil || u.redirect == "" || !x.isNewCall() {
		return false
	}
	x.reply(x.respondWith(302, "Contact", "<"+u.redirect+">"))
	return true
}
