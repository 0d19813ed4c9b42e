package digest

import (
	"crypto/subtle"
	"strconv"
	"strings"
)

// An Info is what a server says of credentials that it has accepted: a value of
// Authentication-Info (RFC 7615, RFC 7616 §3.5). With RspAuth it shows that it knows
// the password, too.
type Info struct {
	NextNonce            string // that the server wants in the next request; "" is none
	QOP, RspAuth, Cnonce string
	Count                int // nc; 0 is not said
}

// ParseInfo reads one. An nc that is no number is none that a request had.
func ParseInfo(field string) Info {
	schemes := splitSchemes("Digest " + field)
	if len(schemes) == 0 {
		return Info{}
	}
	p := schemes[0]
	i := Info{NextNonce: p.get("nextnonce"), QOP: p.get("qop"), RspAuth: p.get("rspauth"), Cnonce: p.get("cnonce")}
	if nc := p.get("nc"); nc != "" {
		n, err := strconv.ParseInt(nc, 16, 32)
		if i.Count = int(n); err != nil || n == 0 {
			i.Count = -1
		}
	}
	return i
}

// String is the info as it is sent.
func (i Info) String() string {
	w := writer{}
	w.token("qop", i.QOP)
	w.optional("rspauth", i.RspAuth)
	w.optional("cnonce", i.Cnonce)
	w.count(i.Count)
	w.optional("nextnonce", i.NextNonce)
	return strings.TrimPrefix(w.String(), "Digest ")
}

// Confirm is what shows the sender of credentials that we know the password, in a
// response with that body. first is the cnonce that came with the first use of their
// nonce.
func (c *Credentials) Confirm(user, password, first string, body []byte) Info {
	proof, err := c.sign(user, password, first, Message{Body: body}) // A2 is without a method
	if err != nil {
		return Info{}
	}
	return Info{QOP: c.QOP, RspAuth: proof, Cnonce: c.Cnonce, Count: c.Count}
}

// Confirms reports whether a server shows that it knows the password, to the sender of
// credentials. It may protect another part of the response than they do of the request.
func (c *Credentials) Confirms(i Info, user, password, first string, body []byte) bool {
	if i.Cnonce != "" && i.Cnonce != c.Cnonce || i.Count != 0 && i.Count != c.Count {
		return false
	}
	sent := *c
	if i.QOP != "" {
		sent.QOP = i.QOP
	}
	want := sent.Confirm(user, password, first, body).RspAuth
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(i.RspAuth))) == 1
}
