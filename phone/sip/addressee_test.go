package sip

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

// TestAddressed has the Request-URIs that reach alice of example.com, whose server is
// pbx.example.com.
func TestAddressed(t *testing.T) {
	r := newRig(t, Config{})
	for uri, want := range map[string]struct {
		ours bool
		odd  string
	}{
		"sip:alice@example.com": {true, ""}, "sip:alice@PBX.example.com:5070": {true, ""}, "sip:alice@[2001:db8::1]": {true, ""}, "sip:alice@[2001:db8:::1]": {true, ""},
		"sip:198.51.100.7": {true, ""}, "sip:elsewhere": {false, oddHost}, "sip:alice@elsewhere": {false, oddHost}, "sip:ALICE@elsewhere": {false, oddHost}, "sip:ALICE@example.com": {true, oddLetters},
		"sip:112@elsewhere": {false, oddHost}, "sip:alice@edge.example.com": {true, ""}, "sip:alice@notexample.com": {false, oddHost}, "sip:alice@com": {false, oddHost}, "sip:x@elsewhere;gr": {false, oddHost},
		"sip:112@example.com": {true, oddNumber}, "sip:+1-201;ext=1@example.com": {true, oddNumber}, "tel:+1201": {true, oddNumber}, "tel:alice": {true, oddNumber},
		"sip:x@example.com;gr": {true, oddGRUU}, "sip:x@example.com;GR=1": {true, oddGRUU}, "sip:carol@example.com": {false, "another user than alice"}, "sip:alice;x=y@example.com": {false, "another user than alice"},
		"sip:alice2@example.com": {false, "another user than alice"}, "sip:s@192.0.2.1": {false, "another user than alice"},
	} {
		var u sip.Uri
		if err := readURI(uri, &u); err != nil {
			t.Fatal(err)
		}
		if ours, odd := r.a.author.addressed(sip.NewRequest(sip.OPTIONS, u)); ours != want.ours || odd != want.odd {
			t.Errorf("%s: %t %q, want %t %q", uri, ours, odd, want.ours, want.odd)
		}
	}
	number, err := New(Config{AOR: "sip:+12015550123@example.com", Server: "pbx:5060", Rand: r.a.cfg.Rand, NextSocket: r.a.cfg.NextSocket})
	if err != nil {
		t.Fatal(err)
	}
	var u sip.Uri
	if err := readURI("tel:+1-201-555-0123", &u); err != nil {
		t.Fatal(err)
	}
	if ours, odd := number.author.addressed(sip.NewRequest(sip.OPTIONS, u)); !ours || odd != "" {
		t.Errorf("its own number: %t %q", ours, odd)
	}
}
