package sip

import (
	"strings"
	"testing"
)

// TestSingleFields: of each header field that is there once at most the first of two counts,
// in any letters and in its short form, and that is named; a list may be in several.
func TestSingleFields(t *testing.T) {
	names := []string{"Content-Type"}
	for n, list := range singles {
		for _, name := range list {
			if len(name) != n {
				t.Errorf("%s is among those of %d letters", name, n)
			}
			names = append(names, name)
		}
	}
	for _, name := range names {
		other := strings.ToUpper(name)
		if c := compactName(name); c != 0 {
			other = string(c)
		}
		for _, lines := range []string{name + ": 60\r\n" + other + ": 61", other + ": 60\r\n" + name + ": 61"} {
			m, ok := ParseDatagram([]byte(optionsWith(lines))).(Message)
			if !ok || Text(m.SIP, name) != "60" || len(m.Untidy) != 1 || m.Untidy[0] != (Untidy{name, fieldTwice}) {
				t.Errorf("%q: %+v", lines, m)
			}
			if n := len(Fields(m.SIP, name)); n != 1 && name != "Expires" {
				t.Errorf("%q: %d of them are sent on", lines, n)
			}
		}
		if m := ParseDatagram([]byte(optionsWith(name + ": 60"))).(Message); len(m.Untidy) != 0 {
			t.Errorf("one %s: %+v", name, m.Untidy)
		}
	}
	for _, name := range []string{"Supported", "Route", "Accept", "Authorization", "Require", "X-Own"} {
		if m := ParseDatagram([]byte(optionsWith(name + ": a\r\n" + name + ": b"))).(Message); len(m.Untidy) != 0 || len(Fields(m.SIP, name)) != 2 {
			t.Errorf("two %s: %+v", name, m)
		}
	}
}
