package sip

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

// TestSameURI has the examples of RFC 3261 §19.1.4, in its order, and those of its
// rules that they leave out.
func TestSameURI(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
		{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
		{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com", "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
		{"sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false}, // the note on what is not transitive

		{"sip:a@b", "sips:a@b", false},
		{"sip:a:x@b", "sip:a:y@b", false},
		{"sip:a@b;user=phone", "sip:a@b", false},
		{"sip:a@b;ttl=1", "sip:a@b", false},
		{"sip:a@b;maddr=192.0.2.1", "sip:a@b", false},
		{"sip:a@b;method=INVITE", "sip:a@b", false},
		{"sip:a@b;lr", "sip:a@b", true},
		{"sip:a@b?x=1", "sip:a@b?x=2", false},
		{"sip:a@[2001:DB8::1]", "sip:a@[2001:db8::1]", true},
		{"tel:+1-201-555-0123", "tel:+12015550123", true},
		{"tel:7042;phone-context=A", "TEL:7042;Phone-Context=a", true},
		{"tel:7042;phone-context=a;x=y", "tel:7042;x=y;phone-context=a", true},
		{"tel:7042;phone-context=a", "tel:7042", false},
		{"tel:7042", "tel:7043", false},
		{"http://a", "http://a", true},
		{"http://a", "http://b", false},
		{"*", "*", true},
		{"*", "sip:a@b", false},
	} {
		var a, b sip.Uri
		if err := readURI(test.a, &a); err != nil {
			t.Fatal(err)
		}
		if err := readURI(test.b, &b); err != nil {
			t.Fatal(err)
		}
		if SameURI(&a, &b) != test.same || SameURI(&b, &a) != test.same {
			t.Errorf("%s and %s: same %t, want %t", test.a, test.b, !test.same, test.same)
		}
	}
}
