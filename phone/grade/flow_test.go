package grade

import (
	"testing"
	"time"
)

// TestGrantOf: the time of a registration is the longest that a contact has in its
// parameter of that name, however that is written.
func TestGrantOf(t *testing.T) {
	for contacts, want := range map[string]time.Duration{
		"<sip:alice@192.0.2.1>;expires=60":                                             time.Minute,
		"<sip:alice@192.0.2.1>;Expires = 60":                                           time.Minute,
		"<sip:alice@192.0.2.1>;x-expires=9;expires=60":                                 time.Minute,
		"<sip:alice@192.0.2.1;expires=9>;expires=60;x=y":                               time.Minute,
		`"a;expires=9" <sip:alice@192.0.2.1>;expires="60"`:                             time.Minute,
		"<sip:alice@192.0.2.1>;expires=60, <sip:alice@192.0.2.2>;expires=90;q=0.5":     90 * time.Second,
		"<sip:alice@192.0.2.1>;expires=90\r\nContact: <sip:alice@192.0.2.2>;expires=8": 90 * time.Second,
		"<sip:alice@192.0.2.1>;expires=1e3":                                            0,
		"<sip:alice@192.0.2.1>":                                                        0,
	} {
		granted := new(records).message(1, true, "REGISTER", 200, "Expires: 7200", "Contact: "+contacts)
		if got := grantOf(granted.list[0]); got != want {
			t.Errorf("%s: %s, want %s", contacts, got, want)
		}
	}
}
