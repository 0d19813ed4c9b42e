package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

func TestNumber(t *testing.T) {
	for uri, want := range map[string]string{
		"tel:+1-201-555-0123": "+12015550123", "tel:+1(201)555.0123;ext=1": "+12015550123", "TEL:7042;phone-context=x": "7042", "tel:*21#": "*21#",
		"sip:+12015550123@b;user=phone": "+12015550123", "sip:+1-201;isub=1@b;USER=Phone": "+1201", "sip:+12015550123@b": "", "sip:alice@b;user=phone": "",
		"tel:alice": "", "tel:+": "", "tel:+A1": "", "tel:ABC": "", "sip:b": "", "http://1": "",
	} {
		var u sip.Uri
		if err := readURI(uri, &u); err != nil {
			t.Fatal(err)
		}
		if got := Number(&u); got != want {
			t.Errorf("%s: %q, want %q", uri, got, want)
		}
	}
}

// What somebody dials, as the Request-URI and as it is shown; or what is wrong.
func TestTarget(t *testing.T) {
	r := newRig(t, Config{})
	for to, want := range map[string]string{
		"bob": "sip:bob@example.com sip:bob@example.com", " bob@b ": "sip:bob@b sip:bob@b", "sips:bob@b": "sips:bob@b sips:bob@b", "SIP:bob@b": "sip:bob@b sip:bob@b",
		"tel:+1-201-555-0123":                     "sip:+12015550123@example.com;user=phone +12015550123",
		"TEL:7042;Phone-Context=B;ext=5;isub=6;a": "sip:7042;isub=6;ext=5;a;phone-context=b@example.com;user=phone 7042",
		"+12015550123":                            "sip:+12015550123@example.com sip:+12015550123@example.com",
		"tel:alice":                               `"alice" is not a telephone number`, "tel:": "is not a telephone number", "tel:+1;": "an empty parameter", "tel:1;a b": "does not belong", "": "nobody to call",
	} {
		uri, err := r.a.author.target(to)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = uri.String() + " " + addressOfRecord(&uri)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", to, got, want)
		}
	}
}
