package digest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Credentials answer a challenge: a value of Authorization or
// Proxy-Authorization.
type Credentials struct {
	Username                 string // or its hash, if UserHash is set
	Realm, Nonce, URI        string
	Response, Cnonce, Opaque string
	Algorithm, QOP           string // as they were written
	Count                    int    // nc: how often the nonce was used; 0 is not said
	UserHash                 bool
}

// ParseCredentials reads credentials.
func ParseCredentials(field string) (*Credentials, error) {
	all := splitSchemes(field)
	if len(all) == 0 || !strings.EqualFold(all[0].scheme, "Digest") {
		return nil, errNoDigest
	}
	p := all[0]
	c := &Credentials{
		Username: p.get("username"), Realm: p.get("realm"), Nonce: p.get("nonce"), URI: p.get("uri"),
		Response: p.get("response"), Cnonce: p.get("cnonce"), Opaque: p.get("opaque"),
		Algorithm: p.get("algorithm"), QOP: p.get("qop"), UserHash: strings.EqualFold(p.get("userhash"), "true"),
	}
	if extended := p.get("username*"); extended != "" && c.Username == "" {
		name, err := extendedValue(extended)
		if err != nil {
			return nil, err
		}
		c.Username = name
	}
	if nc := p.get("nc"); nc != "" {
		n, err := strconv.ParseInt(nc, 16, 32)
		if err != nil {
			return nil, fmt.Errorf("nc %q is not eight hexadecimal digits", nc)
		}
		c.Count = int(n)
	}
	return c, nil
}

// extendedValue reads the value of "username*": a charset, a language and the
// name in percent-encoding, with apostrophes between them (RFC 8187 §3.2.1).
func extendedValue(s string) (string, error) {
	parts := strings.SplitN(s, "'", 3)
	if len(parts) < 3 || !strings.EqualFold(parts[0], "UTF-8") {
		return "", fmt.Errorf("username* %q is not UTF-8''NAME", s)
	}
	return url.PathUnescape(parts[2])
}

// String is the credentials as they are sent. The response is last, where some
// servers look for it.
func (c *Credentials) String() string {
	w := writer{}
	w.quoted("username", c.Username)
	w.quoted("realm", c.Realm)
	w.quoted("nonce", c.Nonce)
	w.quoted("uri", c.URI)
	w.token("algorithm", c.Algorithm)
	w.optional("cnonce", c.Cnonce)
	w.optional("opaque", c.Opaque)
	w.token("qop", c.QOP)
	if c.QOP != "" {
		w.token("nc", counted(c.Count))
	}
	w.flag("userhash", c.UserHash)
	w.quoted("response", c.Response)
	return w.String()
}
