package grade

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
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
		raw := "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: <sip:alice@lab.test>;tag=1\r\nTo: <sip:alice@lab.test>;tag=2\r\n" +
			"Call-ID: a\r\nCSeq: 2 REGISTER\r\nExpires: 7200\r\nContact: " + contacts + "\r\nContent-Length: 0\r\n\r\n"
		if got := grantOf(event.Record{Event: event.Message{Out: true, Method: "REGISTER", Status: 200, Raw: raw}}); got != want {
			t.Errorf("%s: %s, want %s", contacts, got, want)
		}
	}
}
