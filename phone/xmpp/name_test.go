package xmpp

import "testing"

func TestNameFrame(t *testing.T) {
	tests := []struct{ data, want string }{
		{"<message from='a@b/c'><body>hi</body></message>", "message"},
		{"<iq ty", "iq"}, // a read may end anywhere
		{"<r xmlns='urn:xmpp:sm:3'/>", "r"},
		{"</stream:stream>", "data"},
		{"body>hi</body>", "data"},
		{"INVITE sip:a@b SIP/2.0", "data"},
		{"\r\n", "CRLF"},
	}
	for _, test := range tests {
		if got := new(Agent).NameFrame([]byte(test.data)); got != test.want {
			t.Errorf("%q: %q, want %q", test.data, got, test.want)
		}
	}
}
