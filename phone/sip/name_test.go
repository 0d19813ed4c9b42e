package sip

import "testing"

func TestNameFrame(t *testing.T) {
	tests := []struct{ data, want string }{
		{"INVITE sip:a@b SIP/2.0\r\nVia: x", "INVITE"},
		{"INV", "INV"}, // a read may end anywhere
		{"SIP/2.0 200 OK\r\nVia: x", "200 OK"},
		{"SIP/2.0 486 Busy\x1b[31m Here\n", `486 Busy\x1b[31m Here`},
		{"SIP/2.0", "response"},
		{"\r\n", "CRLF"},
		{"<message>", "data"},
	}
	for _, test := range tests {
		if got := new(Agent).NameFrame([]byte(test.data)); got != test.want {
			t.Errorf("%q: %q, want %q", test.data, got, test.want)
		}
	}
}
