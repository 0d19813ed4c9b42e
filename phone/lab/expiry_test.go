package lab

import (
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"
)

// A time that is none is an hour (RFC 3261 §10.2), and the lab says so.
func TestNonsenseExpiry(t *testing.T) {
	for _, tc := range []struct{ value, granted string }{
		{"-1", "3600"},
		{"abc", "3600"},
		{"4294967297", "3600"},
		{"1e99", "3600"},
		{"60 (a minute)", "3600"},
		{"Sat, 01 Jan 2028 00:00:00 GMT", "3600"},
		{"", "3600"},
		{"60", "60"},
		{"4294967295", "7200"}, // the most that the lab grants
	} {
		for _, method := range []string{"REGISTER", "Contact", "SUBSCRIBE", "PUBLISH"} {
			b := newBench(t, func(c *Config) { c.MaxExpires = 2 * time.Hour })
			c := b.wire()
			c.from = carolTo
			var res *grammar.Response
			granted := ""
			switch method {
			case "REGISTER":
				res = c.register("carol", "secret", contact, "Expires: "+tc.value)
				granted = expiresOf(res)
			case "Contact":
				res = c.register("carol", "secret", contact+`;expires="`+tc.value+`"`, "Expires: 90")
				granted = expiresOf(res)
			case "SUBSCRIBE":
				res = c.authorized("SUBSCRIBE", carolURI, carolTo, "carol", "secret", watching, "Event: presence", "Expires: "+tc.value)
				granted = text(res, "Expires")
			case "PUBLISH":
				res = c.publish("", 200, "<presence/>", "Expires: "+tc.value)
				granted = text(res, "Expires")
			}
			if res.StatusCode != 200 || granted != tc.granted {
				t.Errorf("%s for %q: %d, for %s, want %s", method, tc.value, res.StatusCode, granted, tc.granted)
			}
			named := b.count("lab", "warning: odd-expiry", "no time in seconds: 3600 s are understood")
			if want := tc.granted == "3600"; want != (named == 1) {
				t.Errorf("%s for %q: named %d times", method, tc.value, named)
			}
		}
	}
}

func expiresOf(res *grammar.Response) string {
	v, _ := res.Contact().Params.Get("expires")
	return v
}
