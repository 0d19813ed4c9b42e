package server

import (
	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// An Inform is what the registrar says in Authentication-Info of credentials that it has
// accepted (RFC 7616 §3.5): that it knows the password, too, and which nonce it wants
// next. The proxy says nothing: SIP has no Proxy-Authentication-Info (RFC 3261 §22.3).
type Inform struct{ RspAuth, NextNonce bool }

// inform says that in the 200 to a REGISTER whose credentials are right, or something
// wrong, if that is what the registrar does.
func (r *registrar) inform(c *conn, req *grammar.Request, res *grammar.Response) {
	what, lies := r.cfg.Inform, c.breaks(r.faults.WrongRspAuth)
	if what == (Inform{}) && !lies {
		return
	}
	var info digest.Info
	if what.RspAuth || lies {
		cred := r.auth.credentials(req, "authorization")
		name := r.auth.userOf(cred, r)
		secret, _ := r.password(name)
		first, _ := r.auth.proves(cred, name, secret, req)
		if lies {
			secret += "?"
		}
		info = cred.Confirm(name, secret, first, res.Body())
	}
	if what.NextNonce {
		info.NextNonce = r.auth.nonce(r.loop.Now())
	}
	add(res, "Authentication-Info", info.String())
}
